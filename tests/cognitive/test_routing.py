"""Routing: by meaning first, by cue words when that is unsure, and never past what the client chose."""

import pytest

from backend.cognitive import perception
from backend.routing import hlk_router, intent_router, pipeline, semantic_router
from backend.routing.pipeline import AGENTS, Thresholds
from evals import routing

DEFAULT = Thresholds(accept=0.28, margin=0.03)
CATEGORIES = {*AGENTS, "unknown"} - {"icps"}
"""What free words are sorted into (PRODUCT 6); profiles are asked for by name alone."""


def test_every_category_has_examples_enough() -> None:
    examples = semantic_router.load_examples()
    assert set(examples) == CATEGORIES
    assert len(CATEGORIES) == 10
    assert min(len(sentences) - 1 for sentences in examples.values()) >= 8
    flat = [sentence for sentences in examples.values() for sentence in sentences]
    assert len(flat) == len(set(flat))


@pytest.mark.parametrize(
    ("query", "category"),
    [
        ("Give me a plan for this week to sign up fifteen schools", "moves"),
        ("Plan our Diwali campaign over the coming two months in phases", "campaigns"),
        ("Write an email to clinics that never replied", "muse"),
        ("How many leads did we get last month compared to before?", "analytics"),
        ("What exactly is our positioning?", "foundation"),
        ("I'd like to upload our product catalogue as evidence", "onboarding"),
        ("A daring idea to steal customers from the big players", "blackbox"),
        ("What should I post this morning?", "daily_wins"),
        ("I need to change the billing address on my invoices", "settings"),
        ("Who won the football world cup?", "unknown"),
    ],
)
async def test_unseen_sentences_find_their_category(query: str, category: str) -> None:
    found = await pipeline.route("moves", query, DEFAULT)
    assert found.category == category
    assert found.routing_path[0] == "request_type:moves"
    assert found.routing_path[1].startswith("semantic:")
    assert found.routing_path[2].startswith("hlk:rules:")
    assert found.routing_path[3].startswith("intent:rules:")


async def test_thresholds_decide() -> None:
    query = "Give me a plan for this week to sign up fifteen schools"
    strict = semantic_router.match(query, accept=0.99, margin=0.0)
    assert (strict.category, strict.accepted) == ("unknown", False)
    hesitant = semantic_router.match(query, accept=0.0, margin=1.0)
    assert (hesitant.accepted, hesitant.ambiguous) == (False, True)
    found = await pipeline.route("moves", query, Thresholds(accept=0.0, margin=1.0))
    assert found.category == "moves", "between two near meanings the client's choice decides"


def test_direct_requests_skip_what_is_known() -> None:
    found = pipeline.direct("foundation")
    assert found.agent == "foundation_manager"
    assert found.routing_path == [
        "request_type:foundation",
        "semantic:skipped",
        "hlk:skipped",
        "intent:skipped",
    ]


@pytest.mark.parametrize(
    ("query", "action"),
    [
        ("show me the summary", "read"),
        ("refresh the summary", "update"),
        ("plan a week", "generate"),
        ("delete the old move", "delete"),
        ("compare last week with this one", "analyze"),
        ("ten trials", "generate"),
    ],
)
def test_the_first_verb_says_what_to_do(query: str, action: str) -> None:
    assert hlk_router.action_of(query) == action


def test_limits_are_read_out_of_the_words() -> None:
    found = intent_router.read(
        "Plan two weeks of outreach on LinkedIn and WhatsApp to get demos, 45 minutes a day",
        "moves",
        "generate",
    )
    assert found.parameters == {
        "duration_days": 14,
        "minutes_per_day": 45,
        "category": "capture",
        "channels": ["linkedin", "whatsapp"],
    }
    assert found.required_skills == ["move_planning"]


class TestPerception:
    def test_says_only_what_words_show(self) -> None:
        found = perception.perceive(
            "Please plan this week for Kettle Thread with a budget of ₹20,000, urgent, keep it short"
        )
        assert (found.sentiment, found.formality) == ("urgent", "urgent")
        assert found.time_constraints == ["this week"]
        assert found.budget_constraints[0].startswith("budget of ₹20,000")
        assert found.quality_requirements == ["short"]
        assert "Kettle Thread" in found.entities
        assert not found.requires_clarification

    @pytest.mark.parametrize("query", ["help", "?!", "hm"])
    def test_too_little_is_a_question_back(self, query: str) -> None:
        found = perception.perceive(query)
        assert found.requires_clarification
        assert found.clarification_questions


async def test_the_open_evaluation_reaches_its_aims() -> None:
    found = await routing.cases(routing.SETS["open"], routing.defaults())
    assert len(found) > 150
    assert routing.report("open", found, misses=True)
