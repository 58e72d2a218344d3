"""RSS and Atom feeds at addresses that users give: fetched by the one egress client, read by feedparser.

feedparser is only ever given bytes: of a string it would open files and addresses itself.
"""

import asyncio
import io
import re
from calendar import timegm
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

import feedparser
from lxml import etree, html

from backend.core.errors import AddressUnreachable, Unprocessable
from backend.services.egress import Egress, Fetched

ACCEPT = (
    "application/rss+xml, application/atom+xml, application/xml;q=0.9, text/xml;q=0.9, */*;q=0.1"
)
MOST_ENTRIES = 50
TITLE_CHARACTERS = 200
SUMMARY_CHARACTERS = 500
MOST_SUGGESTED = 3
_FEED_TYPES = ("application/rss+xml", "application/atom+xml")


@dataclass(frozen=True, slots=True)
class Entry:
    """`published` is UTC, or None where the feed does not say."""

    title: str
    url: str
    summary: str
    published: datetime | None


@dataclass(frozen=True, slots=True)
class Feed:
    """`url` is where redirects led; entries in the feed's own order, at most 50."""

    url: str
    title: str
    entries: list[Entry]


async def read_feed(url: str, egress: Egress) -> Feed:
    """The feed at an address; `example.com/feed` stands for https.

    Raises what `Egress.get` raises, AddressUnreachable for an answer that is no success, and Unprocessable
    `feed_is_page` (with `feeds`, those that the page names), `feed_unsafe` and `feed_unreadable`.
    """
    answer = await egress.get(url if "://" in url else f"https://{url}", accept=ACCEPT)
    if answer.status != 200:
        raise AddressUnreachable(f"The site answered {answer.status}.")
    return await asyncio.to_thread(_parsed, answer)


def _parsed(answer: Fetched) -> Feed:
    if b"<!ENTITY" in answer.body.replace(b"\0", b"").upper():
        raise Unprocessable(
            "This feed defines entities of its own, which no feed needs; it is not read.",
            code="feed_unsafe",
        )
    headers = {"content-type": _content_type(answer)}
    # Only plain text is taken out of it, so nothing need be sanitised or resolved.
    found: Any = feedparser.parse(
        io.BytesIO(answer.body),
        response_headers=headers,
        sanitize_html=False,
        resolve_relative_uris=False,
    )
    if not found.version and not found.entries:
        raise _not_a_feed(answer)
    entries = [entry for given in found.entries[:MOST_ENTRIES] if (entry := _entry(given, answer))]
    title = _plain(found.feed.get("title"), TITLE_CHARACTERS)
    return Feed(answer.url, title or str(urlsplit(answer.url).hostname), entries)


def _content_type(answer: Fetched) -> str:
    return (
        f"{answer.content_type}; charset={answer.charset}"
        if answer.charset
        else answer.content_type
    )


def _entry(given: Any, answer: Fetched) -> Entry | None:
    """An entry that can be named and looked up."""
    title = _plain(given.get("title"), TITLE_CHARACTERS)
    url = urljoin(answer.url, str(given.get("link") or "").strip())
    if not title or urlsplit(url).scheme not in ("http", "https") or len(url) > 2000:
        return None
    at = given.get("published_parsed") or given.get("updated_parsed")
    return Entry(title, url, _plain(given.get("summary"), SUMMARY_CHARACTERS), _moment(at))


def _moment(at: Any) -> datetime | None:
    try:
        return datetime.fromtimestamp(timegm(at), UTC) if at else None
    except (ValueError, OverflowError, OSError):
        return None


def _plain(marked_up: object, most: int) -> str:
    """The text of what may be HTML, on one line."""
    text = str(marked_up or "")[: most * 20]
    if re.search(r"[<&]", text):
        try:
            text = str(html.fromstring(f"<div>{text}</div>").text_content())
        except (etree.ParserError, ValueError):
            text = re.sub(r"<[^>]*>", " ", text)
    text = " ".join(re.sub(r"[\x00-\x1f\x7f\ud800-\udfff]", " ", text).split())
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


def _not_a_feed(answer: Fetched) -> Unprocessable:
    named = _named_feeds(answer)
    if named or answer.content_type in ("text/html", "application/xhtml+xml"):
        hint = f" It names this one: {named[0]}" if named else " Look for its RSS or Atom address."
        return Unprocessable(
            f"This is a web page, not a feed.{hint}", code="feed_is_page", feeds=named
        )
    return Unprocessable("At this address is no RSS or Atom feed.", code="feed_unreadable")


def _named_feeds(answer: Fetched) -> list[str]:
    """Feeds that a page's head points to."""
    try:
        links = html.fromstring(answer.body).xpath("//link[@rel='alternate'][@href]")
    except (etree.ParserError, ValueError):
        return []
    named = [
        urljoin(answer.url, str(link.get("href")))
        for link in links
        if str(link.get("type") or "").lower() in _FEED_TYPES
    ]
    return [url for url in named if urlsplit(url).scheme in ("http", "https")][:MOST_SUGGESTED]
