"""scrape_website, process_pdf and process_image_ocr: the text of a page, a document, a picture.

Addresses go through the one egress client and documents through the readers' processes, with their limits.
What the vault holds was read when it was brought: its text is taken from there.
"""

from itertools import pairwise
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import StringConstraints, model_validator

from backend.agents.tools.taint import set_aside
from backend.agents.tools.toolbox import Bench, Parameters, Tool
from backend.core.errors import NotFound, Unprocessable, UnsupportedMedia
from backend.services.feeds import read_feed
from backend.services.pages import Page, fetch_page

Url = Annotated[str, StringConstraints(min_length=4, max_length=2000)]
ITEM = """
select source_name as name, content_type, text, page_starts, truncated from public.evidence_items
where workspace_id = %(workspace_id)s and id = %(id)s
"""


class Website(Parameters):
    url: Url


class Document(Parameters):
    """An item of the vault, or an address."""

    evidence_id: UUID | None = None
    url: Url | None = None

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if (self.evidence_id is None) == (self.url is None):
            raise ValueError("name an evidence_id or a url, not both")
        return self


async def _website(bench: Bench, wish: Website) -> dict[str, Any]:
    page = await fetch_page(wish.url, bench.egress)
    text, dropped = set_aside(page.text)
    told = {"url": page.url, "title": page.title, "text": text}
    return {**told, "truncated": page.truncated, "set_aside": dropped}


async def _feed(bench: Bench, wish: Website) -> dict[str, Any]:
    """Entries without those whose headline gives orders."""
    feed = await read_feed(wish.url, bench.egress)
    entries, dropped = [], list[str]()
    for entry in feed.entries:
        summary, orders = set_aside(entry.summary)
        if set_aside(entry.title)[1]:
            orders = [entry.title, *orders]
        else:
            at = entry.published.isoformat() if entry.published else None
            told = {"title": entry.title, "url": entry.url, "summary": summary}
            entries.append({**told, "published": at})
        dropped += orders
    return {"title": feed.title, "entries": entries, "set_aside": dropped}


async def _pdf(bench: Bench, wish: Document) -> dict[str, Any]:
    return await _document(bench, wish, "application/pdf", "a PDF")


async def _picture(bench: Bench, wish: Document) -> dict[str, Any]:
    return await _document(bench, wish, "image/", "a picture")


async def _document(bench: Bench, wish: Document, kind: str, what: str) -> dict[str, Any]:
    found = await (
        _from_vault(bench, wish.evidence_id) if wish.evidence_id else _fetched(bench, wish)
    )
    if not found["content_type"].startswith(kind):
        raise UnsupportedMedia(f"This is {found['content_type']}, not {what}.")
    starts = [*found["page_starts"], len(found["text"])]
    pages, dropped = [], list[str]()
    for number, (start, end) in enumerate(pairwise(starts), start=1):
        text, orders = set_aside(found["text"][start:end].strip())
        pages.append({"page": number, "text": text})
        dropped += orders
    told = {"name": found["name"], "pages": pages}
    return {**told, "truncated": found["truncated"], "set_aside": dropped}


async def _from_vault(bench: Bench, id: UUID) -> dict[str, Any]:
    row = await bench.db.one(ITEM, {"id": id})
    if row is None:
        raise NotFound("Evidence not found", code="evidence_not_found")
    if row["text"] is None:
        raise Unprocessable("This item holds no text.", code="no_text")
    return row


async def _fetched(bench: Bench, wish: Document) -> dict[str, Any]:
    page: Page = await fetch_page(str(wish.url), bench.egress)
    return {
        "name": page.title or page.url,
        "content_type": page.content_type,
        "text": page.text,
        "page_starts": page.page_starts,
        "truncated": page.truncated,
    }


TOOLS = (
    Tool(
        "read_feed",
        "What an RSS or Atom feed brings: title, address, summary and time of up to fifty entries.",
        Website,
        _feed,
        tainted=True,
        max_retries=1,
    ),
    Tool(
        "scrape_website",
        "The readable text of a page, up to 10,000 characters; robots.txt is obeyed.",
        Website,
        _website,
        tainted=True,
    ),
    Tool(
        "process_pdf",
        "The text of a PDF by page, from the vault or an address.",
        Document,
        _pdf,
        tainted=True,
    ),
    Tool(
        "process_image_ocr",
        "The text in a picture, from the vault or an address.",
        Document,
        _picture,
        tainted=True,
    ),
)
