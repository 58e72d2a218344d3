"""What a run reserves bears it to its end: its own calls and a model's judgement, at their dearest."""

import json
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from fastapi import FastAPI
from starlette.responses import JSONResponse

from backend.cognitive.estimate import Estimator
from backend.core.config import Settings
from backend.core.errors import BudgetExceeded
from backend.main import create_app, lifespan
from backend.services import jobs, llm
from backend.services.models.google import Google
from backend.services.models.prices import estimated_tokens
from backend.services.run_desk import RunDesk
from backend.services.usage_tracker import MICRO, RUN_RESERVE_MICRO_USD
from backend.skills.registry import SkillRegistry
from tests.cognitive.test_judging import strategy
from tests.fakes.gemini import Gemini, asked
from tests.founders import COMPANY, Founder, at_the_start, part
from tests.loopback import serving
from tests.people import Person
from tests.workers import working

WISHES: dict[str, tuple[str, dict[str, Any]]] = {
    "a step of the onboarding": ("onboarding", {"step": 12}),
    "icps": ("icps", {"count": 3, "replace": True}),
    "the foundation's summary": ("foundation", {"action": "summary"}),
    "the foundation anew": ("foundation", {"query": "refresh the summary of our foundation"}),
    "a move": ("moves", {"goal": "10 demo bookings from bakeries", "duration_days": 2}),
    "a move in words": ("moves", {"query": "win 10 demo bookings from bakeries in 2 days"}),
    "a campaign": ("campaigns", {"goal": "ten clinics on the yearly plan"}),
    "a long campaign": (
        "campaigns",
        {"objective": "market_entry", "duration_days": 90, "goal": "ten clinics a month"},
    ),
    "a post": ("muse", {"content_type": "social", "topic": "flour invoices on paper"}),
    "a blog in words": ("muse", {"query": "write a blog article about flour invoices on paper"}),
    "a play": ("blackbox", {"focus_area": "acquisition", "risk_level": 5}),
    "a play that waits": ("blackbox", {"focus_area": "acquisition", "risk_level": 8}),
    "the day's wins": ("daily_wins", {}),
    "figures": ("analytics", {}),
}


@pytest.fixture(scope="module")
def service() -> Iterator[tuple[Gemini, str]]:
    gemini = Gemini()
    with serving(gemini.app) as url:
        gemini.always = at_its_dearest
        yield gemini, url


def at_its_dearest(gemini: Gemini, body: dict[str, Any], stream: bool) -> JSONResponse:
    """What the composer says, billed with as many tokens as the request allows; judged to be fine."""
    prompt = asked(body)
    text = gemini.composed(prompt)
    if json.loads(text).get("type") == "blackbox_strategy":  # one that needs no document behind it
        risk = json.loads(text)["risk_level"]
        text = json.dumps({**strategy("Ring a baker you know"), "risk_level": risk})
    told = "".join(part["text"] for part in body["systemInstruction"]["parts"]) + prompt
    read, said = estimated_tokens(told), body["generationConfig"]["maxOutputTokens"]
    usage = {
        "promptTokenCount": read,
        "candidatesTokenCount": said,
        "totalTokenCount": read + said,
    }
    content = {"content": {"role": "model", "parts": [{"text": text}]}, "finishReason": "STOP"}
    return JSONResponse({"candidates": [{**content, "index": 0}], "usageMetadata": usage})


def with_a_model(settings: Settings, url: str) -> Settings:
    key = type(settings.database_url)("a-key")
    changes = {"model_provider": "google", "model_base_url": url, "gemini_api_key": key}
    return settings.model_copy(update=changes)


@dataclass
class Books:
    """A desk that estimates, its founder, and what their runs were billed."""

    desk: RunDesk
    estimate: Estimator
    founder: Founder

    @property
    def person(self) -> Person:
        return self.founder.person

    def leave(self, micro_usd: int) -> None:
        """So much of the month's budget is left, to the hundred."""
        with self.person.sql() as sql:
            sql.execute(
                "update public.users u set budget_limit_monthly ="
                " ceil((coalesce(b.spent_micro_usd, 0) + %s) / 100.0) / 10000"
                " from (select sum(spent_micro_usd) as spent_micro_usd from public.budget_months"
                "   where user_id = %s) b where u.id = %s",
                (micro_usd, self.person.id, self.person.id),
            )

    def reserved(self, run_id: UUID) -> int:
        return int(self._one("amount_micro_usd from public.budget_reservations", "run_id", run_id))

    def bought(self, run_id: UUID) -> tuple[Counter[str], int]:
        """How often each skill was asked, and the bill for all of it."""
        with self.person.sql() as sql:
            rows = sql.execute(
                "select name, charged_micro_usd, attempts from public.run_calls"
                " where run_id = %s and kind = 'model' and charged_micro_usd > 0",
                (run_id,),
            ).fetchall()
        assert all(attempts == 1 for *_, attempts in rows)
        return Counter(name for name, *_ in rows), sum(charged for _, charged, _ in rows)

    def error(self, run_id: UUID) -> str | None:
        found = self._one("error from public.agent_executions", "id", run_id)
        return None if found is None else str(found)

    def _one(self, what: str, column: str, run_id: UUID) -> Any:
        with self.person.sql() as sql:
            row = sql.execute(f"select {what} where {column} = %s".encode(), (run_id,)).fetchone()
        assert row is not None
        return row[0]


@pytest.fixture
async def books(
    paying_owner: Person,
    app: FastAPI,
    settings: Settings,
    service: tuple[Gemini, str],
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[Books]:
    monkeypatch.setattr(llm, "ALLOW_LIVE_CALLS", True)
    estimate = Estimator(SkillRegistry.load(), bills=True)
    founder = await at_the_start(paying_owner)
    await founder.bring("company.md", COMPANY.encode())
    queue = jobs.create_jobs_app(settings)
    desk = RunDesk(app.state.database, app.state.redis, queue, estimate=estimate)
    async with desk, working(settings, Google(with_a_model(settings, service[1]))):
        yield Books(desk, estimate, founder)


async def test_a_budget_of_the_estimate_is_enough_at_the_dearest(books: Books) -> None:
    """With a tenth of a cent less the run is not admitted; with exactly that it ends, judged by the model."""
    session = books.founder.session_id
    everything = {"all steps": ("onboarding", {"action": "run", "session_id": session})}
    for name, (kind, data) in {**everything, **WISHES}.items():
        wish = {**data, "session_id": session} if kind == "onboarding" else data
        reader = books.desk.database.reader(books.person.user)
        counted = Counter(await books.estimate.calls(reader, kind, wish))
        cost = await books.estimate(reader, kind, wish)
        books.leave(cost - 1_000)
        with pytest.raises(BudgetExceeded):
            await books.desk.admit(books.person.user, kind, wish)
        books.leave(cost)
        run_id = await books.desk.admit(books.person.user, kind, wish)
        assert books.reserved(run_id) == cost, name
        run = await books.desk.wait(books.person.user, run_id, 120)
        assert run["status"] in ("completed", "waiting_approval"), (name, books.error(run_id))
        asked_for, bill = books.bought(run_id)
        free = {card.id for card in SkillRegistry.load() if card.counted}
        counted = Counter({skill: n for skill, n in counted.items() if skill not in free})
        if kind == "campaigns":  # its reflection may not read so much: it is judged by rule
            del counted["output_reflection"]
        assert asked_for == counted, name
        assert bill <= cost, name
        if name == "all steps":
            part(await books.person.post(f"{books.founder.path}/complete"), "session")
            with books.person.sql() as sql:
                sql.execute(
                    "update public.onboarding_sessions set status = 'in_progress' where id = %s",
                    (session,),
                )


async def test_an_onboarding_that_was_cut_off_reserves_what_is_due(books: Books) -> None:
    await books.founder.ran(1, 2, 3, 4, 5)
    wish = {"action": "run", "session_id": books.founder.session_id, "to_step": 10}
    reader = books.desk.database.reader(books.person.user)
    counted = await books.estimate.calls(reader, "onboarding", wish)
    assert counted == [
        "pricing_analysis",
        "market_research",
        "competitor_analysis",
        "competitor_ranking",
        "category_choice",
    ]


async def test_words_that_mean_nothing_reserve_as_well(books: Books) -> None:
    reader = books.desk.database.reader(books.person.user)
    assert await books.estimate(reader, "moves", {"query": "?"}) > RUN_RESERVE_MICRO_USD


async def test_without_a_model_it_is_the_specifications_cent(
    paying_owner: Person, app: FastAPI
) -> None:
    estimate = Estimator(SkillRegistry.load(), bills=False)
    reader = app.state.database.reader(paying_owner.user)
    for kind, data in WISHES.values():
        assert await estimate(reader, kind, data) == RUN_RESERVE_MICRO_USD == 0.01 * MICRO


@pytest.mark.parametrize(
    ("provider", "bills"),
    [("composer", False), ("replay:run.json", False), ("google", True), ("openai:gpt", True)],
)
def test_who_bills(settings: Settings, provider: str, bills: bool) -> None:
    assert llm.bills(settings.model_copy(update={"model_provider": provider})) is bills


async def test_the_api_reserves_for_the_provider_of_its_settings(
    paying_owner: Person, settings: Settings, service: tuple[Gemini, str]
) -> None:
    application = create_app(with_a_model(settings, service[1]))
    wish = {"goal": "10 demo bookings from bakeries"}
    async with lifespan(application):
        desk: RunDesk = application.state.run_desk
        run_id = await desk.admit(paying_owner.user, "moves", wish)
        await desk.cancel(paying_owner.user, run_id)
    caps = {"execution_planning": 20_000, "move_planning": 20_000, "output_reflection": 10_000}
    with paying_owner.sql() as sql:
        row = sql.execute(
            "select amount_micro_usd from public.budget_reservations where run_id = %s", (run_id,)
        ).fetchone()
    assert row == (sum(caps.values()),)
