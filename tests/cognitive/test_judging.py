"""A model's judgement: perceived, planned, reflected and criticised over the wire of the Gemini API."""

import json
from collections.abc import AsyncIterator, Iterator
from typing import Any
from uuid import uuid4

import pytest

from backend.cognitive import planning
from backend.cognitive.engine import CognitiveEngine
from backend.core.auth import AuthenticatedUser
from backend.core.redis import connect
from backend.domain import run_traces
from backend.domain.run_traces import Trace
from backend.services import llm
from backend.services.egress import Egress
from backend.services.llm import ModelDoor
from backend.services.models.google import Google
from backend.worker import create_engine
from tests.api.test_injection import plan
from tests.fakes.gemini import Gemini, Script, asked, fails, says
from tests.loopback import serving
from tests.stage import Stage

REQUEST = {"query": "demo bookings from bakeries", "category": "capture", "duration_days": 1}
MARKS = {
    "perception": "Read a request before",
    "planning": "Plan a run.",
    "reflection": "Judge a draft as",
    "critique": "You are the harshest",
}
POOR = {"relevance": 40, "completeness": 60, "accuracy": 100, "coherence": 60, "actionability": 50}
FINE = dict.fromkeys(POOR, 90)


@pytest.fixture(scope="module")
def service() -> Iterator[tuple[Gemini, str]]:
    gemini = Gemini()
    with serving(gemini.app) as url:
        yield gemini, url


class Judged:
    """An engine with the model on the loopback, and what it was asked."""

    def __init__(self, stage: Stage, engine: CognitiveEngine, gemini: Gemini) -> None:
        self.stage, self.engine, self.gemini = stage, engine, gemini
        self.user: AuthenticatedUser = stage.sign_up(budget_usd=20.0)
        self.said: dict[str, list[dict[str, Any] | Script]] = {}
        self.written = 0
        gemini.requests.clear()
        gemini.always = self._answer

    def _answer(self, gemini: Gemini, body: dict[str, Any], stream: bool) -> Any:
        prompt = asked(body)
        stage = next((name for name, mark in MARKS.items() if prompt.startswith(mark)), "skill")
        said = self.said.get(stage, [])
        self.written += stage == "skill"
        lines = ["Ring the owner of a bakery", "Write to a bakery", "Visit a bakery", "Ask a baker"]
        usual = json.dumps(plan(*lines[: self.written])) if stage == "skill" else ""
        answer = said.pop(0) if said else usual or gemini.composed(prompt)
        if callable(answer):
            return answer(gemini, body, stream)
        text = answer if isinstance(answer, str) else json.dumps(answer)
        return says(text)(gemini, body, stream)

    def prompts(self, mark: str) -> list[str]:
        return [asked(body) for body in self.gemini.requests if asked(body).startswith(mark)]

    async def run(self, data: dict[str, Any] | None = None) -> Trace:
        run_id = await self.stage.desk.admit(
            self.user, "moves", data or REQUEST, session_id=uuid4()
        )
        await self.engine.execute(run_id)
        trace = await run_traces.trace(self.stage.database.reader(self.user), run_id)
        row = self.stage.run(run_id)
        assert row["status"] == "completed", row
        calls = [c for c in self.stage.calls(run_id) if c["kind"] == "model"]
        assert self.stage.month(self.user)[0] == sum(c["cost_micro_usd"] or 0 for c in calls)
        assert len(calls) == len({c["call_key"] for c in calls})
        return trace


@pytest.fixture
async def judged(
    stage: Stage, service: tuple[Gemini, str], monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Judged]:
    monkeypatch.setattr(llm, "ALLOW_LIVE_CALLS", True)
    key = type(stage.settings.database_url)("a-key")
    changes = {"model_provider": "google", "model_base_url": service[1], "gemini_api_key": key}
    google = Google(stage.settings.model_copy(update=changes))
    await google.load()
    redis, egress = await connect(stage.settings), Egress()
    engine = create_engine(
        stage.settings, stage.database, redis, ModelDoor(stage.database, google), egress
    )
    yield Judged(stage, engine, service[0])
    service[0].always = None
    await engine.ringer.aclose()
    await egress.aclose()
    await redis.aclose()
    await google.aclose()


async def test_every_stage_is_asked_and_paid_for(judged: Judged) -> None:
    judged.said["perception"] = [
        {
            "entities": ["bakeries"],
            "primary_intent": "generate",
            "sentiment": "neutral",
            "formality": "casual",
            "references_previous": False,
            "clarification_questions": [],
        }
    ]
    judged.said["planning"] = [
        {"steps": [], "risk_level": "high", "reason": "Nothing to remember yet."}
    ]
    trace = await judged.run()
    assert trace.perceived_input
    assert trace.perceived_input["entities"] == ["bakeries"]
    assert "perception:model" in trace.routing_path
    made = trace.execution_plan
    assert made
    assert (made["made_by"], made["reason"]) == ("model", "Nothing to remember yet.")
    assert made["left_out"] == [{"step_id": "recall", "why": "not needed for this"}]
    assert trace.critique
    assert trace.critique["made_by"] == "model"
    skills = {call["name"] for call in trace.model_calls}
    assert skills >= {
        "request_perception",
        "execution_planning",
        "output_reflection",
        "output_critique",
        "move_planning",
    }


async def test_a_poor_score_buys_revisions_until_it_passes(judged: Judged) -> None:
    judged.said["reflection"] = [
        {**POOR, "issues": ["Name the bakeries to call on day 1."]},
        {**POOR, "relevance": 50, "issues": ["Say what a demo shows."]},
        {**FINE, "issues": []},
    ]
    trace = await judged.run()
    prompts = [asked(body) for body in judged.gemini.requests]
    revisions = [prompt for prompt in prompts if "wants these changes" in prompt]
    assert ["Name the bakeries" in prompt for prompt in revisions] == [True, False]
    assert "Say what a demo shows." in revisions[1]
    assert trace.corrections_made == 2
    overall = [scores["overall_score"] for scores in trace.quality_scores]
    assert overall[0] < 70 <= overall[-1]


async def test_three_revisions_at_most_and_the_best_is_kept(judged: Judged) -> None:
    worse = {**POOR, "relevance": 0}
    judged.said["reflection"] = [
        {**scores, "issues": ["Make it bolder."]} for scores in (POOR, worse, worse, worse)
    ]
    trace = await judged.run()
    assert trace.corrections_made == 3
    assert len(judged.prompts(MARKS["reflection"])) == 4


async def test_the_critic_feeds_one_more_revision(judged: Judged) -> None:
    judged.said["planning"] = [
        {"steps": [{"id": "recall", "depends_on": []}], "risk_level": "high", "reason": "Public."}
    ]
    judged.said["critique"] = [{"issues": ["Do not promise a date."], "verdict": "Nearly."}]
    trace = await judged.run()
    assert trace.corrections_made == 1
    assert trace.critique
    assert trace.critique["wanted"] == ["Do not promise a date."]
    assert any("Do not promise a date." in asked(body) for body in judged.gemini.requests)


async def test_a_model_that_fails_leaves_it_to_the_rules(judged: Judged) -> None:
    refusals: list[Any] = [fails(400, "INVALID_ARGUMENT")]
    judged.said = {name: list(refusals) for name in ("perception", "planning", "reflection")}
    trace = await judged.run()
    assert trace.perceived_input
    assert trace.perceived_input["made_by"] == "rules"
    assert trace.perceived_input["note"] == "The model's service refuses the request."
    made = trace.execution_plan
    assert made
    assert made["made_by"] == "rules"
    assert made["note"]
    assert trace.quality_scores
    assert trace.corrections_made == 0


def _wish(*steps: dict[str, Any]) -> planning.Wish:
    whole = {"description": "", "skill": None, "tools": (), "fallback": None, "spare": False}
    defaults = {**whole, "can_fail": False, "priority": "high", "depends_on": ()}
    return planning.Wish(
        "moves", "moves_generator", "q", [], [{**defaults, **s} for s in steps], {}, True, None
    )


def test_a_choice_is_held_to_what_is_offered() -> None:
    wish = _wish({"id": "a"}, {"id": "b", "depends_on": ("a",)}, {"id": "c", "can_fail": True})
    said = {"risk_level": "low", "reason": ""}
    steps = [{"id": "b", "depends_on": ["x"]}, {"id": "a", "depends_on": []}]
    made = planning.chosen(wish, {**said, "steps": [*steps, {"id": "made_up", "depends_on": []}]})
    own = [(s.step_id, s.depends_on) for s in made.steps if s.part == "step"]
    assert own == [("a", []), ("b", ["a"])]
    assert [out.step_id for out in made.left_out] == ["c"]
    with pytest.raises(planning.NotAPlan, match="cannot do without"):
        planning.chosen(wish, {**said, "steps": [steps[0]]})
    ring = [{"id": "a", "depends_on": ["b"]}, {"id": "b", "depends_on": []}]
    with pytest.raises(planning.NotAPlan, match="wait for each other"):
        planning.chosen(wish, {**said, "steps": ring})
