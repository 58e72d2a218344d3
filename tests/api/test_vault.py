"""The evidence vault over HTTP: files and pages in, text with positions out. Storage is real."""

import asyncio
from collections.abc import Iterator
from contextlib import aclosing
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi import FastAPI
from httpx import AsyncClient, Response
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse
from starlette.responses import Response as PlainResponse
from starlette.routing import Route

from backend.core.config import Settings
from tests.conftest import TestSupabase
from tests.founders import FILES, PAGES, PLAIN, Founder, at_the_start, part, pdf
from tests.loopback import serving
from tests.people import Person
from tests.problems import problem
from tests.workers import working

WEB_PAGE = """<html><head><title>Copperpot Kitchen</title></head><body>
<nav>Home Menu Contact</nav><main><h1>Copperpot Kitchen</h1>
<p>Copperpot Kitchen cooks office lunches for companies in Hinjewadi with 20 to 80 people.</p>
<p>A lunch costs Rs 140 and arrives before one o'clock.</p>
<p>We cooked 51,000 lunches in 2025.</p></main><footer>All rights reserved</footer></body></html>"""


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

    async def home(_: Request) -> PlainResponse:
        links = (
            "/about",
            "#top",
            "/members",
            "/login",
            "/logo.png",
            "/absent",
            "/pricing",
            "https://x.test/",
        )
        return HTMLResponse(
            "<h1>Copperpot Kitchen</h1><p>Office lunches in Hinjewadi, cooked the same day.</p>"
            + "".join(f'<a href="{link}">More</a>' for link in links)
        )

    async def pricing(_: Request) -> PlainResponse:
        return HTMLResponse("<h1>Prices</h1><p>A lunch costs Rs 140 for a team of twenty.</p>")

    pages = {
        "/": home,
        "/pricing": pricing,
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

    async def test_a_stray_nul_is_left_out(self, founder: Founder) -> None:
        """It neither hides the text nor turns it into another alphabet."""
        item = await founder.bring("tea.txt", b"We sell\0 tea. " + b"We sell tea. " * 40)
        assert (await founder.text(item["id"])).startswith("We sell tea. We sell tea.")

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
        await reader.ran(1, 2, 3, 4)
        await reader.bring("films.txt", PLAIN.encode())
        states = await reader.states()
        assert [states[step] for step in (1, 2, 3, 4)] == ["stale"] * 4
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

    async def test_after_completion(self, founder: Founder, supabase: TestSupabase) -> None:
        founder.close()
        problem(await founder.upload("new.md", b"We sell tea."), 409, "onboarding_completed")
        assert supabase.objects_of(founder.person) == []


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
        item = part(await self.bring(founder, f"{site}/moved"), "evidence")
        assert (item["source_type"], item["url"]) == ("url", f"{site}/about")
        assert (item["source_name"], item["content_type"]) == ("Copperpot Kitchen", "text/html")
        text = await founder.text(item["id"])
        assert "cooks office lunches for companies in Hinjewadi" in text
        assert "All rights reserved" not in text

    async def test_a_document_behind_an_address(self, founder: Founder, site: str) -> None:
        item = part(await self.bring(founder, f"{site}/prices.pdf"), "evidence")
        assert (item["content_type"], item["pages"]) == ("application/pdf", 2)

    @pytest.mark.parametrize(
        ("path", "status", "code"),
        [
            ("/members", 422, "robots_disallowed"),
            ("/absent", 422, "url_unreachable"),
            ("/picture", 422, "unreadable_file"),
            ("/nothing", 422, "no_text"),
        ],
    )
    async def test_refusals(
        self, founder: Founder, site: str, path: str, status: int, code: str
    ) -> None:
        problem(await self.bring(founder, f"{site}{path}"), status, code)
        assert await founder.vault() == []

    async def test_after_completion(self, founder: Founder, site: str) -> None:
        founder.close()
        problem(await self.bring(founder, f"{site}/about"), 409, "onboarding_completed")


class TestSite:
    """`pages`: the pages that a page leads to, read by a worker."""

    async def bring(self, founder: Founder, url: str, pages: int) -> Response:
        body = {"url": url, "pages": pages}
        return await founder.person.post(f"{founder.path}/vault/url", json=body)

    @pytest.fixture
    async def read(self, founder: Founder, engine_worker: None, site: str) -> list[dict[str, Any]]:
        answer = await self.bring(founder, f"{site}/", 10)
        assert answer.status_code == 200, answer.text
        following = answer.json()["following"]
        assert {item["processing_status"] for item in following} == {"pending"}
        # prices first; no pictures, no accounts, no other sites, no page twice
        assert [item["url"] for item in following] == [
            f"{site}{path}" for path in ("/about", "/pricing", "/members", "/absent")
        ]
        return await settled(founder)

    async def test_each_page_is_read_or_says_why_not(
        self, founder: Founder, site: str, read: list[dict[str, Any]]
    ) -> None:
        ended = {item["url"].removeprefix(site): item for item in read}
        assert {path: item["processing_status"] for path, item in ended.items()} == {
            "/": "completed",
            "/pricing": "completed",
            "/about": "completed",
            "/members": "failed",
            "/absent": "failed",
        }
        assert ended["/about"]["source_name"] == "Copperpot Kitchen"
        assert "A lunch costs Rs 140" in await founder.text(ended["/pricing"]["id"])
        assert "robots.txt" in ended["/members"]["error"]
        assert ended["/absent"]["error"] == "The site answered 404 instead of the page."

    async def test_again_brings_nothing_twice(
        self, founder: Founder, site: str, read: list[dict[str, Any]]
    ) -> None:
        again = await self.bring(founder, f"{site}/", 10)
        assert again.json()["following"] == []
        assert await founder.vault() == read

    async def test_no_more_than_were_asked_for(self, founder: Founder, site: str) -> None:
        answer = await self.bring(founder, f"{site}/", 2)
        assert len(answer.json()["following"]) == 1

    @pytest.mark.parametrize("pages", [0, 21, "all"])
    async def test_how_many(self, founder: Founder, site: str, pages: int) -> None:
        problem(await self.bring(founder, site, pages), 422, "validation_failed")


class TestReadLater:
    """`Prefer: respond-async`: the bytes are kept at once, a worker reads them."""

    async def bring(self, founder: Founder, name: str, data: bytes) -> Response:
        return await founder.person.post(
            f"{founder.path}/vault/upload",
            files={"file": (name, data)},
            headers={"prefer": "respond-async"},
        )

    async def test_from_pending_to_completed(self, founder: Founder, settings: Settings) -> None:
        answer = await self.bring(founder, "films.txt", PLAIN.encode())
        assert (answer.status_code, answer.headers["preference-applied"]) == (202, "respond-async")
        item = part(answer, "evidence", status=202)
        assert (item["processing_status"], item["word_count"]) == ("pending", 0)
        problem(await founder.run(1), 409, "evidence_pending")
        async with working(settings):
            (read,) = await settled(founder)
        assert (read["id"], read["processing_status"]) == (item["id"], "completed")
        assert read["content_type"] == "text/plain"
        assert await founder.text(item["id"]) == PLAIN

    async def test_what_cannot_be_read_fails_alone(
        self, founder: Founder, engine_worker: None
    ) -> None:
        await self.bring(founder, "deck.pdf", b"%PDF-1.7 truncated")
        await self.bring(founder, "films.txt", PLAIN.encode())
        broken, fine = await settled(founder)
        assert (broken["processing_status"], fine["processing_status"]) == ("failed", "completed")
        assert "PDF" in broken["error"]
        await founder.ran(1, 2)

    async def test_taken_out_while_it_waits(
        self, founder: Founder, settings: Settings, supabase: TestSupabase
    ) -> None:
        item = part(await self.bring(founder, "a.txt", PLAIN.encode()), "evidence", status=202)
        answer = await founder.person.delete(f"{founder.path}/vault/{item['id']}")
        assert answer.status_code == 200
        async with working(settings):
            await self.bring(founder, "b.txt", PLAIN.encode())
            (read,) = await settled(founder)
        assert read["source_name"] == "b.txt"
        assert len(supabase.objects_of(founder.person)) == 1

    async def test_empty_and_double(self, founder: Founder) -> None:
        problem(await self.bring(founder, "a.txt", b""), 422, "empty_file")
        first = part(await self.bring(founder, "a.txt", PLAIN.encode()), "evidence", status=202)
        again = part(await self.bring(founder, "b.txt", PLAIN.encode()), "evidence", status=202)
        assert (first["id"], first["source_name"]) == (again["id"], again["source_name"])

    async def test_the_plans_storage(self, founder: Founder) -> None:
        with founder.person.sql() as sql:
            sql.execute(
                "insert into public.evidence_items (workspace_id, session_id, source_type, source_name,"
                " size_bytes) values (%s, %s, 'file', 'big.pdf', 200 * 1024 * 1024)",
                (founder.person.workspace_id, founder.session_id),
            )
        found = problem(await founder.upload("a.txt", PLAIN.encode()), 403, "plan_limit_reached")
        assert found["detail"] == "The Free plan allows 200 MB of evidence."


async def settled(founder: Founder) -> list[dict[str, Any]]:
    """The vault, once nothing in it waits any more."""
    async with asyncio.timeout(30):
        while True:
            items = await founder.vault()
            if not {item["processing_status"] for item in items} & {"pending", "processing"}:
                return items
            await asyncio.sleep(0.05)


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
        detail = part(answer, "evidence")
        assert detail["pages"] == 2
        first, second = detail["page_starts"]
        assert detail["text"][first:].startswith(PAGES[0][0])
        assert detail["text"][second:].startswith(PAGES[1][0])

    async def test_unknown_item(self, founder: Founder) -> None:
        answer = await founder.person.get(f"{founder.path}/vault/{uuid4()}")
        problem(answer, 404, "evidence_not_found")


class TestQuotes:
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


class TestDelete:
    async def test_anonymous(self, http: AsyncClient, founder: Founder) -> None:
        path = f"/api/v1{founder.path}/vault/{uuid4()}"
        problem(await http.delete(path), 401, "token_missing")
        problem(await http.get(f"{path}/original"), 401, "token_missing")

    async def test_other_workspace(self, founder: Founder, stranger: Person) -> None:
        item = await founder.bring("films.txt", PLAIN.encode())
        path = f"{founder.path}/vault/{item['id']}"
        problem(await stranger.delete(path), 404, "evidence_not_found")
        problem(await stranger.get(f"{path}/original"), 404, "evidence_not_found")
        assert len(await founder.vault()) == 1

    async def test_gone_with_its_file(self, founder: Founder, supabase: TestSupabase) -> None:
        item = await founder.bring("films.txt", PLAIN.encode())
        answer = await founder.person.delete(f"{founder.path}/vault/{item['id']}")
        assert answer.json() == {"deleted": True}
        assert (await founder.vault(), supabase.objects_of(founder.person)) == ([], [])
        assert (await founder.session())["evidence"] == []
        again = await founder.person.delete(f"{founder.path}/vault/{item['id']}")
        problem(again, 404, "evidence_not_found")
        assert await founder.bring("films.txt", PLAIN.encode())

    async def test_not_after_completion(self, founder: Founder) -> None:
        item = await founder.bring("films.txt", PLAIN.encode())
        founder.close()
        answer = await founder.person.delete(f"{founder.path}/vault/{item['id']}")
        problem(answer, 409, "onboarding_completed")

    async def test_the_original_by_a_signed_address(self, founder: Founder) -> None:
        item = await founder.bring("films.txt", PLAIN.encode())
        answer = await founder.person.get(f"{founder.path}/vault/{item['id']}/original")
        given = answer.json()
        assert given["expires_in"] == 600
        async with AsyncClient() as client:
            assert (await client.get(given["url"])).text == PLAIN
