"""Web addresses as evidence: what is read, how much of it, and what the site asks."""

from collections.abc import AsyncIterator

import httpcore
import pytest

from backend.core.errors import AppError
from backend.services.egress import Egress
from backend.services.pages import fetch_page
from tests.services import samples
from tests.services.sites import Site, answer, serve

PAGE = b"<title>Kettle</title><nav>Home</nav><h1>Tea for offices</h1><p>Fresh every morning.</p>"
TRUST = httpcore.default_ssl_context()


@pytest.fixture
async def egress() -> AsyncIterator[Egress]:
    client = Egress(["127.0.0.0/8"], ssl_context=TRUST)
    yield client
    await client.aclose()


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with serve({"/": answer(PAGE)}) as site:
        yield site


LOGIN = b"<h1>Welcome back</h1><form><input name=u><input type=password name=p></form><p>Sign in first.</p>"


async def refusal(site: Site, egress: Egress, path: str) -> AppError:
    with pytest.raises(AppError) as caught:
        await fetch_page(site.url(path), egress)
    return caught.value


class TestText:
    async def test_a_page(self, site: Site, egress: Egress) -> None:
        page = await fetch_page(f"  {site.url()} ", egress)
        assert (page.url, page.title) == (site.url(), "Kettle")
        assert page.text == "# Tea for offices\n\nFresh every morning."
        assert (page.content_type, page.page_starts, page.truncated) == ("text/html", [0], False)

    async def test_a_redirect_names_where_it_led(self, site: Site, egress: Egress) -> None:
        site.answers["/old"] = answer(status=301, location="/")
        assert (await fetch_page(site.url("/old"), egress)).url == site.url("/")

    @pytest.mark.parametrize("kind", ["text/plain", "text/markdown"])
    async def test_text_as_it_is_up_to_its_limit(
        self, site: Site, egress: Egress, kind: str
    ) -> None:
        site.answers["/prices"] = answer(b"# Prices\n" + b"- tea 9\n" * 2000, content_type=kind)
        page = await fetch_page(site.url("/prices"), egress)
        assert page.text.startswith("# Prices\n- tea 9\n")
        assert page.content_type == kind
        assert page.truncated
        assert len(page.text) <= 10_000

    @pytest.mark.parametrize("kind", ["application/pdf", "application/octet-stream"])
    async def test_a_pdf_with_its_pages(self, site: Site, egress: Egress, kind: str) -> None:
        site.answers["/our%20offer.pdf"] = answer(samples.pdf(2), content_type=kind)
        page = await fetch_page(site.url("/our%20offer.pdf"), egress)
        assert (page.title, page.content_type) == ("our offer.pdf", "application/pdf")
        assert [page.text[at:].split("\n")[0] for at in page.page_starts] == [
            "Chapter 1",
            "Chapter 2",
        ]

    @pytest.mark.parametrize(
        ("response", "status", "code"),
        [
            (answer(status=404), 422, "url_unreachable"),
            (answer(status=503), 422, "url_unreachable"),
            (answer(b"{}", content_type="application/json"), 415, "unsupported_media_type"),
            (answer(samples.PNG, content_type="image/png"), 422, "unreadable_file"),
            (answer(PAGE, content_type="application/pdf"), 415, "type_mismatch"),
            (answer(b"<script>render()</script>"), 422, "no_text"),
            (answer(b""), 422, "empty_file"),
            (answer(LOGIN), 422, "login_required"),
            (answer(status=401), 422, "login_required"),
        ],
        ids=[
            "absent",
            "down",
            "json",
            "damaged picture",
            "not the pdf it says",
            "script only",
            "empty",
            "a login in its place",
            "not for strangers",
        ],
    )
    async def test_what_gives_no_text(
        self, site: Site, egress: Egress, response: bytes, status: int, code: str
    ) -> None:
        site.answers["/x"] = response
        error = await refusal(site, egress, "/x")
        assert (error.status, error.code) == (status, code)


class TestRobots:
    async def test_what_the_site_keeps_for_people_is_not_fetched(
        self, site: Site, egress: Egress
    ) -> None:
        site.answers["/robots.txt"] = answer(
            b"User-agent: *\nAllow: /\n\nUser-agent: raptorflow\nDisallow: /private\n",
            content_type="text/plain",
        )
        site.answers["/private/page"] = answer(PAGE)
        error = await refusal(site, egress, "/private/page")
        assert (error.status, error.code) == (422, "robots_disallowed")
        await fetch_page(site.url(), egress)
        assert site.paths == ["/robots.txt", "/"]

    async def test_nor_by_way_of_a_redirect(self, site: Site, egress: Egress) -> None:
        site.answers["/robots.txt"] = answer(b"User-agent: *\nDisallow: /private\n")
        site.answers["/open"] = answer(status=302, location="/private")
        assert (await refusal(site, egress, "/open")).code == "robots_disallowed"
        assert "/private" not in site.paths

    async def test_a_site_in_trouble_is_left_alone(self, site: Site, egress: Egress) -> None:
        site.answers["/robots.txt"] = answer(status=500)
        assert (await refusal(site, egress, "/")).code == "url_unreachable"
        assert site.paths == ["/robots.txt"]
