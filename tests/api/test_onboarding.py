"""Onboarding over HTTP, from an empty vault to a filled foundation: real storage, real runs, real worker."""

import asyncio
import io
import json
from collections.abc import Iterator
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import docx
import pytest
from fastapi import FastAPI
from httpx import AsyncClient, Response
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse
from starlette.responses import Response as PlainResponse
from starlette.routing import Route

from backend.core.config import Settings
from backend.services import embeddings
from tests.conftest import TestDatabase, TestSupabase
from tests.loopback import serving
from tests.people import Person, sign_up
from tests.problems import problem

STEPS = (1, 2, 4, 5, 13, 15, 23)
REQUIRED = [1, 2, 4, 13, 15, 23]

COMPANY = """# Lantern Ledger

Lantern Ledger is bookkeeping software for independent bakeries and small dental clinics in Pune. 🏮

## Bakeries

Independent bakeries lose hours every week because flour invoices arrive on paper.
Bakery owners start looking after the tax office sends a notice.
"I found out in March that January was in the red," says the owner of a bakery in Kothrud.
Bakeries pay Rs 900 a month.

## Dental clinics

Dental clinics cannot tell which treatment earns money, because insurers pay months later.
Clinic managers ask us about it when an insurer changes its rates.
Dental clinics pay Rs 2,400 a month for up to 3 chairs.

## Why us

- Unlike spreadsheets, every invoice is read from a photo in under 10 seconds.
- 212 businesses closed their books with us in 2025.
"""
PLAIN = "Hopscotch Films makes wedding films in Nagpur. A one-day film costs Rs 45,000."
PAGES = (
    ["Tidewater Tiles supplies bathroom tiles to builders in Goa.", "A sample box costs Rs 600."],
    ["Tidewater Tiles delivered 318 bathrooms in 2025.", "The minimum order is 20 boxes."],
)
WORD = ["Juniper Yoga teaches yoga to office workers in Baner.", "A class costs Rs 350."]
WEB_PAGE = """<html><head><title>Copperpot Kitchen</title></head><body>
<nav>Home Menu Contact</nav><main><h1>Copperpot Kitchen</h1>
<p>Copperpot Kitchen cooks office lunches for companies in Hinjewadi with 20 to 80 people.</p>
<p>A lunch costs Rs 140 and arrives before one o'clock.</p>
<p>We cooked 51,000 lunches in 2025.</p></main><footer>All rights reserved</footer></body></html>"""


def pdf() -> bytes:
    file = io.BytesIO()
    canvas = Canvas(file, pagesize=A4)
    for lines in PAGES:
        for at, line in enumerate(lines):
            canvas.drawString(72, 760 - 30 * at, line)
        canvas.showPage()
    canvas.save()
    return file.getvalue()


def word() -> bytes:
    file = io.BytesIO()
    document = docx.Document()
    document.add_heading("Juniper Yoga", 1)
    for line in WORD:
        document.add_paragraph(line)
    document.save(file)
    return file.getvalue()


FILES = {
    "company.md": (COMPANY.encode(), "text/markdown"),
    "films.txt": (PLAIN.encode(), "text/plain"),
    "tiles.pdf": (pdf(), "application/pdf"),
    "yoga.docx": (
        word(),
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ),
}


@dataclass
class Founder:
    """Somebody in their onboarding; every call that should succeed does, or the test ends there."""

    person: Person
    session_id: str

    @property
    def path(self) -> str:
        return f"/onboarding/{self.session_id}"

    async def session(self) -> dict[str, Any]:
        return _part(await self.person.get("/onboarding/session"), "session")

    async def upload(self, name: str, data: bytes) -> Response:
        return await self.person.post(f"{self.path}/vault/upload", files={"file": (name, data)})

    async def bring(self, name: str, data: bytes) -> dict[str, Any]:
        return _part(await self.upload(name, data), "evidence")

    async def vault(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (await self.person.get(f"{self.path}/vault")).json()[
            "evidence"
        ]
        return found

    async def text(self, evidence_id: str) -> str:
        answer = await self.person.get(f"{self.path}/vault/{evidence_id}")
        return str(_part(answer, "evidence")["text"])

    async def run(self, step: int, **inputs: Any) -> Response:
        return await self.person.post(f"{self.path}/steps/{step}/run", json=inputs)

    async def ran(self, *steps: int) -> dict[str, Any]:
        """What the last of these steps gave."""
        for step in steps:
            answer = await self.run(step)
            assert answer.status_code == 200, answer.text
        data: dict[str, Any] = answer.json()["data"]
        return data

    async def states(self) -> dict[int, str]:
        return {step["step"]: step["status"] for step in (await self.session())["steps"]}

    def count(self, table: str) -> int:
        with self.person.sql() as sql:
            row = sql.execute(
                f"select count(*) from {table} where workspace_id = %s".encode(),
                (self.person.workspace_id,),
            ).fetchone()
        assert row is not None
        return int(row[0])


def _part(answer: Response, name: str) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    part: dict[str, Any] = answer.json()[name]
    return part


async def at_the_start(person: Person) -> Founder:
    session = _part(await person.get("/onboarding/session"), "session")
    return Founder(person, session["id"])


@pytest.fixture
async def founder(owner: Person) -> Founder:
    """On the free plan, with an empty vault."""
    return await at_the_start(owner)


@pytest.fixture
async def reader(founder: Founder, engine_worker: None) -> Founder:
    """With the company's page in the vault, and a worker who runs steps."""
    await founder.bring("company.md", COMPANY.encode())
    return founder


@pytest.fixture(scope="module")
async def done(
    settings: Settings, pg_shared: TestDatabase, http: AsyncClient, engine_worker: None
) -> Founder:
    """Onboarding completed, on the free plan. Shared: look, but change nothing."""
    founder = await at_the_start(sign_up(settings, pg_shared.superuser_dsn, http))
    await founder.bring("company.md", COMPANY.encode())
    await founder.ran(*STEPS)
    answer = await founder.person.post(f"{founder.path}/complete")
    assert answer.status_code == 200, answer.text
    return founder


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    """A web site: what it is asked for and what it answers."""

    async def page(_: Request) -> PlainResponse:
        return HTMLResponse(WEB_PAGE)

    async def prices(_: Request) -> PlainResponse:
        return PlainResponse(pdf(), media_type="application/pdf")

    async def robots(_: Request) -> PlainResponse:
        return PlainTextResponse("User-agent: *\nDisallow: /members\n")

    async def moved(_: Request) -> PlainResponse:
        return RedirectResponse("/about")

    async def picture(_: Request) -> PlainResponse:
        return PlainResponse(b"\x89PNG\r\n\x1a\n", media_type="image/png")

    async def nothing(_: Request) -> PlainResponse:
        return HTMLResponse("<html><body><nav>Home</nav></body></html>")

    pages = {
        "/about": page,
        "/members": page,
        "/moved": moved,
        "/nothing": nothing,
        "/picture": picture,
        "/prices.pdf": prices,
        "/robots.txt": robots,
    }
    with serving(lambda _: Starlette(routes=[Route(at, do) for at, do in pages.items()])) as url:
        yield url


class TestSession:
    async def test_anonymous(self, http: AsyncClient) -> None:
        problem(await http.get("/api/v1/onboarding/session"), 401, "token_missing")
        problem(await http.post("/api/v1/onboarding/session"), 401, "token_missing")

    async def test_each_workspace_has_its_own(self, owner: Person, stranger: Person) -> None:
        first, second = await at_the_start(owner), await at_the_start(stranger)
        assert first.session_id != second.session_id

    async def test_at_the_start(self, founder: Founder) -> None:
        session = await founder.session()
        assert session["workspace_id"] == str(founder.person.workspace_id)
        assert (session["status"], session["current_step"], session["evidence"]) == (
            "in_progress",
            1,
            [],
        )
        assert [(step["step"], step["status"]) for step in session["steps"]] == [
            (step, "not_started") for step in STEPS
        ]

    async def test_posting_gives_the_one_there_is(self, founder: Founder) -> None:
        again = _part(await founder.person.post("/onboarding/session"), "session")
        assert again == await founder.session()

    async def test_posting_makes_a_lost_one_anew(self, founder: Founder) -> None:
        with founder.person.sql() as sql:
            sql.execute(
                "delete from public.onboarding_sessions where id = %s", (founder.session_id,)
            )
        problem(await founder.person.get("/onboarding/session"), 404, "session_not_found")
        made = await asyncio.gather(*(founder.person.post("/onboarding/session") for _ in range(4)))
        assert len({_part(answer, "session")["id"] for answer in made}) == 1


class TestUpload:
    async def test_anonymous(self, http: AsyncClient, founder: Founder) -> None:
        answer = await http.post(
            f"/api/v1{founder.path}/vault/upload", files={"file": ("a.md", b"text")}
        )
        problem(answer, 401, "token_missing")

    async def test_other_workspace(self, founder: Founder, stranger: Person) -> None:
        theirs = Founder(stranger, founder.session_id)
        problem(await theirs.upload("a.md", b"We sell tea."), 404, "session_not_found")
        assert await founder.vault() == []

    @pytest.mark.parametrize("name", FILES)
    async def test_text_and_bytes_are_kept(
        self, founder: Founder, supabase: TestSupabase, name: str
    ) -> None:
        data, content_type = FILES[name]
        item = await founder.bring(name, data)
        assert (item["source_type"], item["source_name"], item["content_type"]) == (
            "file",
            name,
            content_type,
        )
        assert (item["size_bytes"], item["processing_status"]) == (len(data), "completed")
        assert item["word_count"] == len((await founder.text(item["id"])).split())
        (stored,) = supabase.objects_of(founder.person)
        assert (stored.data, stored.content_type) == (data, content_type)

    async def test_the_session_lists_it_shortly(self, founder: Founder) -> None:
        item = await founder.bring("films.txt", PLAIN.encode())
        assert (await founder.session())["evidence"] == [
            {
                "item_id": item["id"],
                "source_type": "file",
                "source_name": "films.txt",
                "content_type": "text/plain",
                "word_count": item["word_count"],
                "processing_status": "completed",
            }
        ]

    async def test_the_same_bytes_twice_are_one_item(
        self, founder: Founder, supabase: TestSupabase
    ) -> None:
        first = await founder.bring("films.txt", PLAIN.encode())
        assert await founder.bring("copy.txt", PLAIN.encode()) == first
        assert len(await founder.vault()) == len(supabase.objects_of(founder.person)) == 1

    async def test_the_same_bytes_at_once_are_one_item(
        self, founder: Founder, supabase: TestSupabase
    ) -> None:
        brought = await asyncio.gather(
            *(founder.bring("films.txt", PLAIN.encode()) for _ in range(6))
        )
        assert len({item["id"] for item in brought}) == 1
        assert len(supabase.objects_of(founder.person)) == 1

    async def test_fifty_items_fill_the_vault_also_at_once(
        self, founder: Founder, supabase: TestSupabase
    ) -> None:
        with founder.person.sql() as sql:
            sql.execute(
                "insert into public.evidence_items"
                " (workspace_id, session_id, source_type, source_name, sha256)"
                " select %s, %s, 'file', 'old', n::text from generate_series(1, 48) n",
                (founder.person.workspace_id, founder.session_id),
            )
        answers = await asyncio.gather(
            *(founder.upload(f"{n}.txt", f"Line {n}".encode()) for n in range(5))
        )
        assert sorted(answer.status_code for answer in answers) == [200, 200, 409, 409, 409]
        refused = next(answer for answer in answers if answer.status_code == 409)
        assert problem(refused, 409, "evidence_limit_reached")["limit"] == 50
        assert len(await founder.vault()) == 50
        assert len(supabase.objects_of(founder.person)) == 2

    @pytest.mark.parametrize(
        ("sent", "kept"),
        [
            ("C:\\My Documents\\prices 2026.md", "prices 2026.md"),
            ("../../../etc/passwd.md", "passwd.md"),
            ("preisliste – ₹.md", "preisliste – ₹.md"),
            ("x" * 300, "x" * 200),
        ],
    )
    async def test_names(self, founder: Founder, sent: str, kept: str) -> None:
        assert (await founder.bring(sent, b"We sell tea."))["source_name"] == kept

    async def test_new_evidence_makes_every_step_stale(self, reader: Founder) -> None:
        await reader.ran(1, 2, 4)
        await reader.bring("films.txt", PLAIN.encode())
        states = await reader.states()
        assert [states[step] for step in (1, 2, 4)] == ["stale"] * 3
        body = problem(await reader.run(4), 409, "step_stale")
        assert body["steps_due"] == [2]

    async def test_evidence_that_comes_while_a_step_runs(
        self, reader: Founder, app: FastAPI
    ) -> None:
        """What the step has read is not all there is by now; its result must not pass for fresh."""
        desk, user = app.state.run_desk, reader.person.user
        wish = {"session_id": reader.session_id, "step": 1}
        with reader.person.sql() as sql:
            sql.execute(
                "select from public.onboarding_sessions where id = %s for update",
                (reader.session_id,),
            )
            run_id = await desk.admit(user, "onboarding", wish, session_id=UUID(reader.session_id))
            async with aclosing(desk.follow(user, run_id)) as events:
                async for event in events:
                    if event.data.get("node") == "approve":  # has read; waits for our lock
                        break
            sql.execute(
                "insert into public.evidence_items"
                " (workspace_id, session_id, source_type, source_name, text, processing_status)"
                " values (%s, %s, 'file', 'late.md', 'We sell tea.', 'completed')",
                (user.workspace_id, reader.session_id),
            )
        run = await desk.wait(user, run_id, 20)
        assert (run["status"], run["error_code"]) == ("failed", "evidence_changed")
        assert (await reader.states())[1] == "not_started"

    async def test_after_completion(self, done: Founder, supabase: TestSupabase) -> None:
        before = supabase.objects_of(done.person)
        problem(await done.upload("new.md", b"We sell tea."), 409, "onboarding_completed")
        assert supabase.objects_of(done.person) == before


class TestUrl:
    async def bring(self, founder: Founder, url: str) -> Response:
        return await founder.person.post(f"{founder.path}/vault/url", json={"url": url})

    async def test_anonymous(self, http: AsyncClient, founder: Founder, site: str) -> None:
        answer = await http.post(f"/api/v1{founder.path}/vault/url", json={"url": site})
        problem(answer, 401, "token_missing")

    async def test_other_workspace(self, founder: Founder, stranger: Person, site: str) -> None:
        theirs = Founder(stranger, founder.session_id)
        problem(await self.bring(theirs, f"{site}/about"), 404, "session_not_found")
        assert await founder.vault() == []

    async def test_the_readable_part_of_a_page(self, founder: Founder, site: str) -> None:
        item = _part(await self.bring(founder, f"{site}/moved"), "evidence")
        assert (item["source_type"], item["url"]) == ("url", f"{site}/about")
        assert (item["source_name"], item["content_type"]) == ("Copperpot Kitchen", "text/html")
        text = await founder.text(item["id"])
        assert "cooks office lunches for companies in Hinjewadi" in text
        assert "All rights reserved" not in text

    async def test_a_document_behind_an_address(self, founder: Founder, site: str) -> None:
        item = _part(await self.bring(founder, f"{site}/prices.pdf"), "evidence")
        assert (item["content_type"], item["pages"]) == ("application/pdf", 2)

    @pytest.mark.parametrize(
        ("path", "status", "code"),
        [
            ("/members", 422, "robots_disallowed"),
            ("/absent", 502, "url_unreachable"),
            ("/picture", 415, "unsupported_media_type"),
            ("/nothing", 422, "no_text"),
        ],
    )
    async def test_refusals(
        self, founder: Founder, site: str, path: str, status: int, code: str
    ) -> None:
        problem(await self.bring(founder, f"{site}{path}"), status, code)
        assert await founder.vault() == []

    async def test_after_completion(self, done: Founder, site: str) -> None:
        problem(await self.bring(done, f"{site}/about"), 409, "onboarding_completed")


class TestVault:
    async def test_anonymous(self, http: AsyncClient, founder: Founder) -> None:
        problem(await http.get(f"/api/v1{founder.path}/vault"), 401, "token_missing")
        answer = await http.get(f"/api/v1{founder.path}/vault/{uuid4()}")
        problem(answer, 401, "token_missing")

    async def test_other_workspace(self, founder: Founder, stranger: Person) -> None:
        item = await founder.bring("films.txt", PLAIN.encode())
        theirs = await at_the_start(stranger)
        problem(await stranger.get(f"{founder.path}/vault"), 404, "session_not_found")
        for path in (founder.path, theirs.path):
            problem(await stranger.get(f"{path}/vault/{item['id']}"), 404, "evidence_not_found")

    async def test_in_the_order_it_was_brought(self, founder: Founder) -> None:
        brought = [await founder.bring(name, data) for name, (data, _) in FILES.items()]
        assert await founder.vault() == brought

    async def test_pages_begin_where_it_says(self, founder: Founder) -> None:
        item = await founder.bring("tiles.pdf", FILES["tiles.pdf"][0])
        answer = await founder.person.get(f"{founder.path}/vault/{item['id']}")
        detail = _part(answer, "evidence")
        assert detail["pages"] == 2
        first, second = detail["page_starts"]
        assert detail["text"][first:].startswith(PAGES[0][0])
        assert detail["text"][second:].startswith(PAGES[1][0])

    async def test_unknown_item(self, founder: Founder) -> None:
        answer = await founder.person.get(f"{founder.path}/vault/{uuid4()}")
        problem(answer, 404, "evidence_not_found")


class TestRun:
    async def test_anonymous(self, http: AsyncClient, founder: Founder) -> None:
        problem(await http.post(f"/api/v1{founder.path}/steps/1/run"), 401, "token_missing")

    async def test_other_workspace(self, reader: Founder, stranger: Person) -> None:
        theirs = Founder(stranger, reader.session_id)
        problem(await theirs.run(1), 404, "session_not_found")
        assert (await reader.states())[1] == "not_started"
        assert theirs.count("public.agent_executions") == 0

    async def test_without_a_body(self, reader: Founder) -> None:
        answer = await reader.person.post(f"{reader.path}/steps/1/run")
        assert answer.json() == {
            "step": 1,
            "status": "completed",
            "data": {
                "items": 1,
                "readable": 1,
                "words": len(COMPANY.split()),
                "pages": 1,
                "failed": [],
            },
        }

    async def test_every_quote_stands_where_it_says(
        self, founder: Founder, engine_worker: None, site: str
    ) -> None:
        """Four kinds of file and a page; each gives facts, and each fact is found again."""
        for name, (data, _) in FILES.items():
            await founder.bring(name, data)
        await founder.person.post(f"{founder.path}/vault/url", json={"url": f"{site}/about"})
        facts = (await founder.ran(1, 2))["facts"]
        texts = {item["id"]: await founder.text(item["id"]) for item in await founder.vault()}
        assert {fact["evidence_id"] for fact in facts} == set(texts)
        for fact in facts:
            text = texts[fact["evidence_id"]]
            assert text[fact["start"] : fact["end"]] == fact["quote"]
            assert fact["quote"].strip()

    @pytest.mark.parametrize("step", [0, 3, 7, 26, -1, 10**12])
    async def test_steps_that_are_not_there(self, reader: Founder, step: int) -> None:
        body = problem(await reader.run(step), 404, "step_not_available")
        assert body["available"] == list(STEPS)

    async def test_a_step_that_was_not_reached(self, reader: Founder) -> None:
        await reader.ran(1)
        body = problem(await reader.run(4), 409, "step_not_reached")
        assert (body["detail"], body["current_step"]) == ("Step 2 comes first.", 2)

    async def test_nothing_to_read(self, founder: Founder, engine_worker: None) -> None:
        problem(await founder.run(1), 409, "evidence_missing")
        assert founder.count("public.agent_executions") == 0

    async def test_one_at_a_time(self, reader: Founder) -> None:
        with reader.person.sql() as sql:
            sql.execute(
                "insert into public.agent_executions"
                " (workspace_id, user_id, session_id, request_type, request_data, status,"
                " heartbeat_at) values (%s, %s, %s, 'onboarding', '{}', 'running', now())",
                (reader.person.workspace_id, reader.person.id, reader.session_id),
            )
        problem(await reader.run(1), 409, "step_running")

    async def test_a_budget_that_cannot_bear_it(self, reader: Founder) -> None:
        with reader.person.sql() as sql:
            sql.execute(
                "update public.users set budget_limit_monthly = 0 where id = %s",
                (reader.person.id,),
            )
        body = problem(await reader.run(1), 402, "budget_exceeded")
        assert body["detail"] == "Insufficient budget. Remaining: $0.0000"

    async def test_who_waits_no_longer_loses_nothing(
        self,
        reader: Founder,
        app: FastAPI,
        settings: Settings,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(settings, "run_wait_seconds", 0.0001)
        answer = await reader.run(1)
        body = problem(answer, 503, "run_pending")
        assert answer.headers["retry-after"]
        await app.state.run_desk.wait(reader.person.user, UUID(body["run_id"]), 20)
        assert (await reader.states())[1] == "completed"

    async def test_running_again_makes_later_steps_stale(self, reader: Founder) -> None:
        await reader.ran(1, 2, 4, 5)
        await reader.ran(2)
        assert (await reader.states()) == {
            1: "completed",
            2: "completed",
            4: "stale",
            5: "stale",
            13: "not_started",
            15: "not_started",
            23: "not_started",
        }
        stale = (await reader.person.get(f"{reader.path}/steps/4")).json()
        assert (stale["status"], list(stale["data"])) == ("stale", ["quarantined", "truth_sheet"])
        assert problem(await reader.run(13), 409, "step_stale")["steps_due"] == [4, 5]

    async def test_after_completion(self, done: Founder) -> None:
        problem(await done.run(2), 409, "onboarding_completed")


class TestCorrections:
    @pytest.fixture
    async def facts(self, reader: Founder) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (await reader.ran(1, 2))["facts"]
        return found

    async def sheet(self, reader: Founder, *corrections: dict[str, Any]) -> dict[str, Any]:
        answer = await reader.run(4, corrections=list(corrections))
        assert answer.status_code == 200, answer.text
        sheet: dict[str, Any] = answer.json()["data"]["truth_sheet"]
        return sheet

    async def test_without_any_all_facts_stand(
        self, reader: Founder, facts: list[dict[str, Any]]
    ) -> None:
        sheet = await self.sheet(reader)
        assert [fact["id"] for fact in sheet["facts"]] == [fact["id"] for fact in facts]
        assert (sheet["rejected"], sheet["corrected"]) == ([], [])

    async def test_accept_correct_reject(
        self, reader: Founder, facts: list[dict[str, Any]]
    ) -> None:
        first, second, third = facts[:3]
        said = "Lantern Ledger keeps the books of bakeries in Pune and Satara."
        sheet = await self.sheet(
            reader,
            {"fact_id": first["id"], "verdict": "correct", "correction": f"  {said} "},
            {"fact_id": second["id"], "verdict": "accept"},
            {"fact_id": third["id"], "verdict": "reject"},
        )
        assert [fact["id"] for fact in sheet["rejected"]] == [third["id"]]
        assert sheet["corrected"] == [{"fact_id": first["id"], "was": first["fact"], "now": said}]
        kept = {fact["id"]: fact for fact in sheet["facts"]}
        assert kept[second["id"]]["quote"] == second["quote"]
        assert third["id"] not in kept
        now = kept[first["id"]]
        text = await reader.text(now["evidence_id"])
        assert text[now["start"] : now["end"]] == now["quote"] == said
        assert [item["source_name"] for item in await reader.vault()] == [
            "company.md",
            "Your corrections",
        ]

    async def test_the_same_again_changes_nothing(
        self, reader: Founder, facts: list[dict[str, Any]]
    ) -> None:
        wish = {"fact_id": facts[0]["id"], "verdict": "correct", "correction": "We keep books."}
        first = await self.sheet(reader, wish)
        assert await self.sheet(reader, wish) == first
        assert len(await reader.vault()) == 2

    async def test_an_unknown_fact(self, reader: Founder, facts: list[dict[str, Any]]) -> None:
        before = await reader.session()
        answer = await reader.run(4, corrections=[{"fact_id": "F99", "verdict": "reject"}])
        assert problem(answer, 422, "unknown_fact")["detail"] == "There is no fact F99."
        assert await reader.session() == before

    @pytest.mark.parametrize(
        ("correction", "pointer"),
        [
            ({"fact_id": "F01", "verdict": "maybe"}, "body/corrections/0/verdict"),
            ({"fact_id": "F01", "verdict": "correct"}, "body/corrections/0"),
            (
                {"fact_id": "F01", "verdict": "correct", "correction": " \x1c "},
                "body/corrections/0/correction",
            ),
            (
                {"fact_id": "F01", "verdict": "correct", "correction": "a\0b"},
                "body/corrections/0/correction",
            ),
            ({"fact_id": "F01", "verdict": "accept", "note": "x"}, "body/corrections/0/note"),
        ],
    )
    async def test_malformed(
        self, reader: Founder, correction: dict[str, Any], pointer: str
    ) -> None:
        body = problem(await reader.run(4, corrections=[correction]), 422, "validation_failed")
        assert body["errors"][0]["pointer"] == pointer

    async def test_other_steps_take_none(self, reader: Founder) -> None:
        wish = {"fact_id": "F01", "verdict": "correct", "correction": "We keep books."}
        problem(await reader.run(1, corrections=[wish]), 422, "corrections_not_taken")
        assert len(await reader.vault()) == 1


class TestStep:
    async def test_anonymous(self, http: AsyncClient, founder: Founder) -> None:
        problem(await http.get(f"/api/v1{founder.path}/steps/1"), 401, "token_missing")

    async def test_other_workspace(self, founder: Founder, stranger: Person) -> None:
        problem(await stranger.get(f"{founder.path}/steps/1"), 404, "session_not_found")

    async def test_before_it_ran(self, founder: Founder) -> None:
        answer = await founder.person.get(f"{founder.path}/steps/2")
        assert answer.json() == {"step": 2, "status": "not_started", "data": None}

    async def test_what_it_gave(self, reader: Founder) -> None:
        await reader.ran(1)
        given = (await reader.run(2)).json()
        assert (await reader.person.get(f"{reader.path}/steps/2")).json() == given

    async def test_absent(self, founder: Founder) -> None:
        problem(await founder.person.get(f"{founder.path}/steps/3"), 404, "step_not_available")

    async def test_vectors_stay_inside(self, done: Founder) -> None:
        answer = await done.person.get(f"{done.path}/steps/23")
        assert set(answer.json()["data"]) == {"summary"}
        assert "step_data" not in await done.session()


class TestComplete:
    async def test_anonymous(self, http: AsyncClient, founder: Founder) -> None:
        problem(await http.post(f"/api/v1{founder.path}/complete"), 401, "token_missing")

    async def test_other_workspace(self, reader: Founder, stranger: Person) -> None:
        await reader.ran(*STEPS)
        problem(await stranger.post(f"{reader.path}/complete"), 404, "session_not_found")
        assert (await reader.session())["status"] == "in_progress"

    async def test_what_is_missing_is_said(self, reader: Founder) -> None:
        await reader.ran(1, 2)
        body = problem(
            await reader.person.post(f"{reader.path}/complete"), 409, "onboarding_incomplete"
        )
        assert body["missing_steps"] == [4, 13, 15, 23]
        assert body["detail"] == "Steps still to run: 4, 13, 15, 23."

    async def test_stale_steps_are_missing_too(self, reader: Founder) -> None:
        await reader.ran(*STEPS)
        await reader.bring("films.txt", PLAIN.encode())
        answer = await reader.person.post(f"{reader.path}/complete")
        assert problem(answer, 409, "onboarding_incomplete")["missing_steps"] == REQUIRED

    async def test_the_session_is_closed(self, done: Founder) -> None:
        session = await done.session()
        assert (session["status"], session["completed_steps"]) == ("completed", list(STEPS))
        me = (await done.person.get("/auth/me")).json()
        assert me["onboarding"] == {"current_step": 23, "status": "completed"}
        assert me["user"]["onboarding_completed_at"] == session["completed_at"]

    async def test_again_changes_nothing(self, done: Founder) -> None:
        before = [
            await done.session(),
            (await done.person.get("/foundation")).json(),
            (await done.person.get("/icps")).json(),
        ]
        answers = await asyncio.gather(
            *(done.person.post(f"{done.path}/complete") for _ in range(3))
        )
        assert [_part(answer, "session") for answer in answers] == [before[0]] * 3
        assert [
            await done.session(),
            (await done.person.get("/foundation")).json(),
            (await done.person.get("/icps")).json(),
        ] == before

    async def test_the_foundation_says_where_it_comes_from(self, done: Founder) -> None:
        foundation = (await done.person.get("/foundation")).json()["foundation"]
        assert foundation["company_name"] == "Lantern Ledger"
        assert (foundation["onboarding_completed"], foundation["last_updated_by"]) == (
            True,
            "onboarding",
        )
        facts = {fact["id"]: fact for fact in foundation["truth_sheet"]["facts"]}
        provenance = foundation["provenance"]
        assert provenance["company_name"]["source"] == "evidence"
        named = [facts[id]["quote"] for id in provenance["company_name"]["facts"]]
        assert any("Lantern Ledger" in quote for quote in named)
        for offer in foundation["offers"]:
            assert any(offer["price_text"] in facts[id]["quote"] for id in offer["sources"])
        assert foundation["positioning"]["positioning_statement"]
        assert set(provenance) >= {"company_name", "offers", "positioning", "truth_sheet"}

    async def test_summary_and_its_vector(self, done: Founder) -> None:
        summary = (await done.person.get("/foundation/summary")).json()["summary"]
        assert "Lantern Ledger" in summary
        with done.person.sql() as sql:
            row = sql.execute(
                "select summary_embedding::text, embedder from public.foundations"
                " where workspace_id = %s",
                (done.person.workspace_id,),
            ).fetchone()
        assert row is not None
        kept, embedder = json.loads(row[0]), row[1]
        assert embedder == embeddings.EMBEDDER_ID
        assert kept == pytest.approx(embeddings.encode_one(summary).tolist(), abs=1e-4)

    async def test_the_free_plan_keeps_one_icp_and_says_so(self, done: Founder) -> None:
        (icp,) = (await done.person.get("/icps")).json()["icps"]
        assert (icp["code"], icp["is_primary"]) == ("ICP-001", True)
        assert icp["sources"]
        given = (await done.person.get(f"{done.path}/steps/15")).json()["data"]
        limit = given["plan_limit"]
        assert [profile["name"] for profile in given["icps"]] == [icp["name"]]
        assert (limit["plan"], limit["max_icps"]) == ("free", 1)
        assert limit["left_out"]
        assert limit["message"].startswith("The Free plan holds 1 ICP")

    async def test_a_paid_plan_keeps_every_audience(
        self, paying_owner: Person, engine_worker: None
    ) -> None:
        founder = await at_the_start(paying_owner)
        await founder.bring("company.md", COMPANY.encode())
        given = await founder.ran(*STEPS[:-1])
        assert given["plan_limit"] is None
        await founder.ran(23)
        _part(await paying_owner.post(f"{founder.path}/complete"), "session")
        icps = (await paying_owner.get("/icps")).json()["icps"]
        assert 2 <= len(icps) <= 3
        assert {icp["name"] for icp in icps} == {icp["name"] for icp in given["icps"]}
        assert [icp["is_primary"] for icp in icps].count(True) == 1
