"""A model's judgement: perceived, planned, reflected and criticised over the wire of the Gemini API."""

import asyncio
import json
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from typing import Any
from uuid import UUID, uuid4

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
from tests.workers import environment

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

    async def run(
        self,
        data: dict[str, Any] | None = None,
        kind: str = "moves",
        ends: str = "completed",
    ) -> Trace:
        run_id = await self.stage.desk.admit(self.user, kind, data or REQUEST, session_id=uuid4())
        await self.engine.execute(run_id)
        return await self.ended(run_id, ends)

    async def ended(self, run_id: UUID, ends: str = "completed") -> Trace:
        """The run's trace, once the books are seen to agree with what was bought."""
        trace = await run_traces.trace(self.stage.database.reader(self.user), run_id)
        row = self.stage.run(run_id)
        assert row["status"] == ends, row
        calls = [c for c in self.stage.calls(run_id) if c["kind"] == "model"]
        assert self.stage.month(self.user)[0] == sum(c["charged_micro_usd"] for c in calls)
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
    assert trace.final_output
    [day] = trace.final_output["move"]["execution"]
    titles = [task["title"] for task in day["tasks"]]
    assert titles == ["Ring the owner of a bakery"], (
        "the first draft: all that followed scored less"
    )


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


def strategy(wish: str) -> dict[str, Any]:
    steps = [
        {
            "day": day,
            "title": wish,
            "description": "Ask what they need.",
            "deliverable": "a note of the answer",
            "type": "outreach",
            "platform": "phone",
            "minutes": 20,
            "sources": [],
        }
        for day in (1, 3, 6)
    ]
    return {
        "type": "blackbox_strategy",
        "name": "A loud week",
        "focus_area": "acquisition",
        "outcome": "more new customers",
        "risk_level": 8,
        "risk_reasons": ["If nobody answers, the week is lost."],
        "phases": [
            {"name": name, "steps": [step]}
            for name, step in zip(("Hook", "Pivot", "Close"), steps, strict=True)
        ],
        "expected_upside": "If it works, people talk.",
        "potential_downside": "If it fails, a week is gone.",
        "kill_criteria": ["When nobody answers for a week, stop.", "If somebody objects, stop."],
        "time_to_result": "a week",
        "missing": [],
    }


async def test_a_black_box_play_is_revised_once_more_and_waits(judged: Judged) -> None:
    judged.said["skill"] = [strategy("Ring a stranger"), strategy("Ring a baker you know")]
    judged.said["critique"] = [{"issues": ["Ring nobody who has not asked."], "verdict": "No."}]
    wish = {"focus_area": "acquisition", "risk_level": 8}
    trace = await judged.run(wish, "blackbox", ends="waiting_approval")
    assert trace.corrections_made == 1
    assert trace.critique
    assert trace.critique["wanted"] == ["Ring nobody who has not asked."]
    [revised] = [p for p in map(asked, judged.gemini.requests) if "wants these changes" in p]
    assert "Ring nobody who has not asked." in revised
    gate = judged.stage.sql("select pending_output from public.approval_gates")[-1]
    held = [step["title"] for phase in gate["pending_output"]["phases"] for step in phase["steps"]]
    assert held == ["Ring a baker you know"] * 3


async def test_a_worker_killed_in_a_revision_buys_nothing_twice(
    judged: Judged, service: tuple[Gemini, str]
) -> None:
    """SIGKILL while the model writes the revision: the next worker asks for that alone again."""
    judged.said["reflection"] = [{**POOR, "issues": ["Name the bakeries."]}]
    env = environment(
        judged.stage.settings,
        MODEL_PROVIDER="google",
        MODEL_BASE_URL=service[1],
        GEMINI_API_KEY="a-key",
    )
    worker = subprocess.Popen([sys.executable, "-m", "backend.worker"], env=env)
    usual = judged.gemini.always
    assert usual

    def killing(gemini: Gemini, body: dict[str, Any], stream: bool) -> Any:
        if "wants these changes" in asked(body) and worker.poll() is None:
            worker.kill()
        return usual(gemini, body, stream)

    judged.gemini.always = killing
    run_id = await judged.stage.desk.admit(judged.user, "moves", REQUEST, session_id=uuid4())
    try:
        assert await asyncio.to_thread(worker.wait, 60) == -signal.SIGKILL
    finally:
        worker.kill()
    second = subprocess.Popen([sys.executable, "-m", "backend.worker"], env=env)
    try:
        await judged.stage.desk.wait(judged.user, run_id, 60)
    finally:
        second.terminate()
        await asyncio.to_thread(second.wait, 30)
    trace = await judged.ended(run_id)
    assert trace.corrections_made == 1
    asked_for = Counter(map(asked, judged.gemini.requests))
    again = [prompt for prompt, times in asked_for.items() if times > 1]
    assert ["wants these changes" in prompt for prompt in again] == [True]
    assert asked_for[again[0]] == 2
