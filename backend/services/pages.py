"""A web address becomes readable text: robots.txt first, then the page, then what a person would read."""

import functools
import re
import time
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from urllib.parse import SplitResult, unquote, urlsplit
from urllib.robotparser import RobotFileParser

from backend.core.errors import AddressUnreachable, Unprocessable, UnsupportedMedia
from backend.services.documents import read_document, read_web_page
from backend.services.documents.refusals import login_wall
from backend.services.documents.text import cut
from backend.services.egress import USER_AGENT, Egress, Fetched

ACCEPT = (
    "text/html, application/xhtml+xml, text/markdown, text/plain, application/pdf;q=0.9, */*;q=0.1"
)
MAX_TEXT_CHARACTERS = 10_000
"""Of pages and plain texts (PRODUCT 4); a PDF or Word file behind an address keeps a document's length."""

_TELLS_MUCH = re.compile(
    r"pric|plan|product|service|solution|feature|about|customer|case|stud|story|stories|faq|why|menu"
)
_TELLS_LITTLE = re.compile(
    r"log-?in|sign-?(in|up)|register|account|cart|checkout|privacy|terms|cookie|legal|refund|wp-"
    r"|/tag/|/author/|/page/\d"
)
# fmt: off
NOT_PAGES = frozenset({
    ".png", ".jpg", ".jpeg", ".gif", ".svg", ".webp", ".ico", ".css", ".js", ".json", ".xml", ".zip",
    ".mp3", ".mp4", ".webm", ".exe", ".dmg", ".apk",
})
# fmt: on
"""A link to a picture or a download is seldom what a founder means by "my site"."""

ROBOT = USER_AGENT.partition("/")[0]
"""The name by which a robots.txt addresses us."""
ROBOTS_SECONDS = 3600.0
ROBOTS_BYTES = 500 * 1024
ROBOTS_ORIGINS = 500

WEB_PAGES = frozenset({"text/html", "application/xhtml+xml", ""})
TEXTS = {"text/plain": ".txt", "text/markdown": ".md"}
OFFICE = "application/vnd.openxmlformats-officedocument."
DOCUMENTS = {
    "application/pdf": ".pdf",
    f"{OFFICE}wordprocessingml.document": ".docx",
    f"{OFFICE}presentationml.presentation": ".pptx",
    f"{OFFICE}spreadsheetml.sheet": ".xlsx",
    "text/csv": ".csv",
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "image/webp": ".webp",
    "application/octet-stream": "",
}


@dataclass(frozen=True, slots=True)
class Page:
    """`url` is where redirects led, `title` may be empty; the rest is as in DocumentText."""

    url: str
    title: str
    text: str
    content_type: str
    page_starts: list[int]
    truncated: bool
    ocr: bool = False
    same_site: list[str] = field(default_factory=list)
    """Pages of the same site that it links to, those that tell most about a business first."""


async def fetch_page(url: str, egress: Egress) -> Page:
    """The text of a page, or of a PDF, Word or text file, at an address; `example.com` stands for https.

    Raises what `Egress.get` and `read_document` raise; Unprocessable `robots_disallowed` and
    `login_required`; UnsupportedMedia; AddressUnreachable when the site answers with an error.
    """
    address = url.strip()
    address = address if "://" in address else f"https://{address}"
    check = functools.partial(_robots.check, egress)
    fetched = await egress.get(address, accept=ACCEPT, approve=check)
    if fetched.status in (401, 403, 407):
        raise login_wall()
    if fetched.status != 200:
        raise AddressUnreachable(f"The site answered {fetched.status} instead of the page.")
    if fetched.content_type in WEB_PAGES:
        return await _web_page(fetched)
    return await _file(fetched)


async def _web_page(fetched: Fetched) -> Page:
    read = await read_web_page(fetched.body, fetched.charset, fetched.url)
    near = same_site(fetched.url, read.links)
    return Page(
        fetched.url, read.title, read.text, "text/html", [0], read.truncated, same_site=near
    )


def same_site(url: str, links: Sequence[str]) -> list[str]:
    """Which of a page's links are pages of its own site, worth reading, each once.

    Prices, products and customers come first, for they tell most; accounts and legal texts are left out.
    """
    here = urlsplit(url)
    found: dict[str, int] = {}
    for link in links:
        there = urlsplit(link)
        path = _path(there)
        if (there.scheme, there.netloc) != (here.scheme, here.netloc) or path == _path(here):
            continue
        if PurePosixPath(path).suffix in NOT_PAGES or _TELLS_LITTLE.search(path):
            continue
        found.setdefault(link, 0 if _TELLS_MUCH.search(path) else 1)
    return sorted(found, key=lambda link: found[link])


def _path(parts: SplitResult) -> str:
    return parts.path.rstrip("/").lower()


async def _file(fetched: Fetched) -> Page:
    suffix = {**TEXTS, **DOCUMENTS}.get(fetched.content_type)
    if suffix is None:
        raise UnsupportedMedia(
            f"This address leads to {fetched.content_type}, not to a page, a document or a picture."
        )
    path = PurePosixPath(unquote(urlsplit(fetched.url).path))
    document = await read_document(f"{path.stem}{suffix}" if suffix else path.name, fetched.body)
    limit = MAX_TEXT_CHARACTERS if document.content_type in TEXTS else len(document.text)
    text = cut(document.text, limit)
    return Page(
        url=fetched.url,
        title=path.name,
        text=text,
        content_type=document.content_type,
        page_starts=document.page_starts,
        truncated=document.truncated or len(text) < len(document.text),
        ocr=document.ocr,
    )


class _Robots:
    """What sites ask of programs, by origin, for an hour."""

    def __init__(self) -> None:
        self._rules: OrderedDict[str, tuple[float, RobotFileParser]] = OrderedDict()

    async def check(self, egress: Egress, url: str) -> None:
        """Raises Unprocessable `robots_disallowed` when the site does not want this page to be read."""
        rules = await self._of(egress, url)
        if not rules.can_fetch(ROBOT, url):
            raise Unprocessable(
                "This site asks programs not to read this page (robots.txt). Save the page as a PDF and "
                "bring that.",
                code="robots_disallowed",
            )

    async def _of(self, egress: Egress, url: str) -> RobotFileParser:
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc}"
        until, rules = self._rules.get(origin, (0.0, RobotFileParser()))
        if until < time.monotonic():
            rules = _parsed(await egress.get(f"{origin}/robots.txt", accept="text/plain"))
            self._rules[origin] = (time.monotonic() + ROBOTS_SECONDS, rules)
            while len(self._rules) > ROBOTS_ORIGINS:
                self._rules.popitem(last=False)
        return rules


def _parsed(answer: Fetched) -> RobotFileParser:
    """As RFC 9309 says: no such file means no rules; a site in trouble is left alone."""
    if answer.status >= 500:
        raise AddressUnreachable(f"The site answered {answer.status}.")
    found = answer.body[:ROBOTS_BYTES] if answer.status == 200 else b""
    rules = RobotFileParser()
    rules.parse(found.decode("utf-8", "replace").splitlines())
    return rules


_robots = _Robots()
