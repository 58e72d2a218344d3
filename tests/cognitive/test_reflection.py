"""Scores are measured, and a line that fails the claim check does not survive."""

from typing import Any
from uuid import UUID

import pytest

from backend.cognitive import human_loop, reflection
from backend.domain.facts import Evidence, Fact
from backend.skills.claims import Checker
from backend.skills.registry import Evaluation

TEXT = "Kettle & Thread roasts coffee for cafes. The house blend costs Rs 780 per kg."
EVIDENCE = Evidence(id=UUID(int=1), name="about.md", text=TEXT)
RULES = Evaluation.model_validate(
    {
        "required_fields": ["name", "execution"],
        "claims": ["execution[].tasks[].title"],
        "claims_audience": "founder",
        "min_tasks_per_day": 1,
        "max_tasks_per_day": 3,
        "actionable": {"items": "execution[].tasks[]", "fields": ["title", "deliverable"]},
    }
)
TRUE, LIE = (
    "Send the house blend at Rs 780 per kg to cafes",
    "Tell cafes that 93% of them save Rs 4,000",
)


def fact(quote: str, category: str) -> Fact:
    start = TEXT.index(quote)
    return Fact.model_validate(
        {
            "id": f"F{start}",
            "category": category,
            "fact": quote,
            "quote": quote,
            "evidence_id": EVIDENCE.id,
            "source": EVIDENCE.name,
            "start": start,
            "end": start + len(quote),
            "confidence": 0.9,
        }
    )


@pytest.fixture(scope="module")
def checker() -> Checker:
    first, second = TEXT.split(". ")
    facts = [fact(first, "positioning"), fact(second.rstrip("."), "pricing")]
    return Checker(facts, [EVIDENCE], names=["Kettle & Thread"])


def draft(*days: list[str], **demands: bool) -> dict[str, Any]:
    execution = [
        {"day": n, "tasks": [{"title": title, "deliverable": "a list"} for title in titles]}
        for n, titles in enumerate(days, start=1)
    ]
    return {"result": {"name": "Plan", "execution": execution}, "demands": demands}


def titles(result: dict[str, Any]) -> list[list[str]]:
    return [[task["title"] for task in day["tasks"]] for day in result["execution"]]


def test_a_sound_draft_passes_untouched(checker: Checker) -> None:
    found = reflection.reflect(RULES, draft([TRUE], duration=True), checker)
    assert (found.scores.overall_score, found.drop, found.needs_revision) == (100, [], False)


def test_a_lie_is_found_counted_and_taken_out(checker: Checker) -> None:
    given = draft([TRUE, LIE], [TRUE + " today"])
    found = reflection.reflect(RULES, given, checker)
    assert found.scores.accuracy == 67
    assert found.drop == [["execution", 0, "tasks", 1, "title"]]
    revised = reflection.revise(given["result"], found.drop)
    assert titles(revised) == [[TRUE], [TRUE + " today"]]
    assert titles(given["result"])[0] == [TRUE, LIE], "the draft itself stays as it was"
    again = reflection.reflect(RULES, {"result": revised, "demands": {}}, checker)
    assert not again.needs_revision


def test_many_lies_go_in_one_revision(checker: Checker) -> None:
    given = draft([LIE, TRUE, LIE + "!"], [LIE + " now"])
    found = reflection.reflect(RULES, given, checker)
    assert titles(reflection.revise(given["result"], found.drop)) == [[TRUE], []]


def test_every_score_follows_what_it_measures(checker: Checker) -> None:
    assert reflection.reflect(RULES, draft([TRUE], asked=False), checker).scores.relevance == 0
    incomplete = draft([TRUE])
    del incomplete["result"]["name"]
    assert reflection.reflect(RULES, incomplete, checker).scores.completeness == 50
    assert reflection.reflect(RULES, draft([TRUE, TRUE]), checker).scores.coherence == 50
    vague = draft([TRUE])
    vague["result"]["execution"][0]["tasks"][0]["deliverable"] = ""
    assert reflection.reflect(RULES, vague, checker).scores.actionability == 0
    crowded = reflection.reflect(RULES, draft([TRUE, "Call", "Write", "Ask"]), checker)
    assert "day 1 has 4 tasks" in crowded.issues


def test_below_seventy_is_no_pass(checker: Checker) -> None:
    empty = {"result": {"execution": []}, "demands": {"duration": False}}
    found = reflection.reflect(RULES, empty, checker)
    assert found.scores.overall_score < reflection.PASS_SCORE
    assert not found.passes_quality


def test_own_counts_of_a_plan_are_no_claims(checker: Checker) -> None:
    given = draft(["Ring twelve cafes"])
    assert reflection.reflect(RULES, given, checker).needs_revision
    given["result"]["execution"][0]["tasks"][0]["owner_numbers"] = [12]
    assert not reflection.reflect(RULES, given, checker).needs_revision


def test_a_line_outside_any_list_becomes_empty() -> None:
    assert reflection.without({"a": {"b": "x"}, "c": 1}, ("a", "b")) == {"a": {"b": None}, "c": 1}


@pytest.mark.parametrize(
    ("output", "risk"),
    [
        ({"type": "ad_copy"}, "high"),
        ({"type": "email", "cold_outreach": True}, "medium"),
        ({"type": "email"}, None),
        ({"type": "blackbox_strategy", "risk_level": 7}, "high"),
        ({"type": "blackbox_strategy", "risk_level": 6}, None),
        ({"type": "payment"}, "critical"),
        ({"type": "deletion"}, "high"),
        ({"type": "api_call", "writes": True}, "medium"),
        ({"type": "move"}, None),
        ({}, None),
    ],
)
def test_what_waits_for_a_person(output: dict[str, Any], risk: str | None) -> None:
    rule = human_loop.rule_for(output)
    assert (rule.risk if rule else None) == risk
