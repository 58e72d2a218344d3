"""The readable text of a web page: headings as `#`, list items as `-`, table rows as `a | b`.

A page whose text fits is kept whole, without navigation, footer and scripts: on a page of plans and prices
an article extractor drops the plans' names. Of a longer page trafilatura picks the main content.
"""

import codecs
import contextlib
import re
from typing import Any, NamedTuple
from urllib.parse import urldefrag, urljoin

import trafilatura
from lxml import etree, html

from backend.services.documents import limits
from backend.services.documents.refusals import login_wall, unreadable
from backend.services.documents.text import clean, cut

MAX_PAGE_CHARACTERS = 10_000
"""PRODUCT 4."""
MAX_WEIGHED_ELEMENTS = 8_000
"""Choosing the main content of a larger page takes seconds; its beginning is kept instead."""

MOST_BESIDE_A_LOGIN = 600
"""A page with a field for a password and fewer characters than this is a login, whatever was asked for."""

MAX_LINKS, MAX_LINK_CHARACTERS = 500, 2000

Element = Any

# fmt: off
LEFT_OUT = frozenset({
    "script", "style", "noscript", "template", "svg", "math", "nav", "footer", "iframe", "object",
    "embed", "canvas", "audio", "video", "select", "button", "dialog", "head",
})
BLOCKS = frozenset({
    "address", "article", "aside", "blockquote", "body", "br", "dd", "details", "div", "dl", "dt",
    "fieldset", "figcaption", "figure", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header",
    "hr", "li", "main", "ol", "p", "pre", "section", "summary", "table", "tbody", "td", "tfoot",
    "th", "thead", "tr", "ul",
})
PARAGRAPHS = frozenset({
    "p", "table", "ul", "ol", "dl", "blockquote", "pre", "section", "article", "h1", "h2", "h3",
    "h4", "h5", "h6",
})
# fmt: on
CELLS = frozenset({"td", "th"})
LEFT_OUT_ROLES = frozenset({"navigation", "contentinfo", "dialog", "alertdialog", "search"})
ITEM = "- "
MARKS = {"li": ITEM, **{f"h{level}": "#" * min(3, level) + " " for level in range(1, 7)}}

_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_META_CHARSET = re.compile(rb"<meta[^>]{0,200}charset=[\"']?([\w-]{2,40})", re.IGNORECASE)
_SPACES = re.compile(r"[ \t\r\n\f]+")


class PageText(NamedTuple):
    title: str
    text: str
    truncated: bool
    links: list[str]


def page(
    data: bytes, charset: str | None, limit: int = MAX_PAGE_CHARACTERS, url: str | None = None
) -> PageText:
    """The text of a page, cut at `limit` characters, and its links when its address is given.

    Raises Unprocessable `unreadable_file` and `login_required`.
    """
    source = _decode(data, charset)
    try:
        root = html.document_fromstring(source)
    except (etree.LxmlError, ValueError) as error:
        raise unreadable("page") from error
    title = _title(root)
    links = _links(root, url) if url else []
    text = clean(_Writer().write(root))
    if len(text) < MOST_BESIDE_A_LOGIN and root.find(".//input[@type='password']") is not None:
        raise login_wall()
    if len(text) > limit and _count(root) <= MAX_WEIGHED_ELEMENTS:
        limits.progressed()
        text = _main_content(source) or text
    kept = cut(text, limit)
    return PageText(title, kept, len(kept) < len(text), links)


def _main_content(source: str) -> str:
    found: str | None = trafilatura.extract(
        source, output_format="txt", include_comments=False, favor_recall=True
    )
    return clean(found or "")


def _count(root: Element) -> int:
    return sum(1 for _ in root.iter())


def _decode(data: bytes, charset: str | None) -> str:
    declared = _META_CHARSET.search(data[:2048])
    for name in (charset, declared[1].decode("ascii") if declared else None, "utf-8"):
        try:
            return data.decode(codecs.lookup(name or "utf-8").name)
        except (LookupError, UnicodeDecodeError):
            continue
    return data.decode("cp1252", errors="replace")


def _links(root: Element, url: str) -> list[str]:
    """Addresses this page links to, absolute, without fragments, each once, in the order of the page."""
    found: dict[str, None] = {}
    for element in root.iter("a"):
        address = (element.get("href") or "").strip()
        if len(found) == MAX_LINKS:
            break
        if address and len(address) <= MAX_LINK_CHARACTERS:
            with contextlib.suppress(ValueError):  # an address that cannot be parsed leads nowhere
                found[urldefrag(urljoin(url, address)).url] = None
    return list(found)


def _title(root: Element) -> str:
    found = root.find(".//title")
    return _SPACES.sub(" ", found.text_content()).strip()[:200] if found is not None else ""


class _Writer:
    """Walks the tree once and writes lines; inline text gathers until a block begins or ends."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._inline: list[str] = []
        self._mark = ""
        self._cells: list[str] | None = None
        """Of the table row that is being read; within it everything is one line."""

    def write(self, root: Element) -> str:
        self._element(root)
        self._end_line()
        return "\n".join(self._lines)

    def _element(self, element: Element) -> None:
        if not isinstance(element.tag, str) or _is_left_out(element):
            return
        if element.tag == "tr" and self._cells is None and _is_row(element):
            self._row(element)
        elif self._cells is not None:
            self._within_row(element)
        elif element.tag in BLOCKS:
            self._block(element)
        else:
            self._inside(element)

    def _inside(self, element: Element) -> None:
        self._inline.append(element.text or "")
        for child in element:
            self._element(child)
            self._inline.append(child.tail or "")

    def _block(self, element: Element) -> None:
        self._end_line()
        blank = element.tag in PARAGRAPHS and not self._mark
        if blank:
            self._blank_line()
        if mark := MARKS.get(element.tag):
            self._mark = mark
            self._close_up(mark)
        self._inside(element)
        self._end_line()
        if blank:
            self._blank_line()

    def _row(self, row: Element) -> None:
        self._end_line()
        self._cells = []
        self._inside(row)
        self._lines.append(" | ".join(self._cells).rstrip(" |"))
        self._cells = None
        self._inline.clear()

    def _within_row(self, element: Element) -> None:
        assert self._cells is not None
        is_cell = element.tag in CELLS
        if is_cell:
            self._inline.clear()
        elif element.tag in BLOCKS:
            self._inline.append(" ")
        self._inside(element)
        if is_cell:
            self._cells.append(self._take_inline())
        elif element.tag in BLOCKS:
            self._inline.append(" ")

    def _end_line(self) -> None:
        if text := self._take_inline():
            self._lines.append(self._mark + text)
            self._mark = ""

    def _blank_line(self) -> None:
        if self._lines and self._lines[-1]:
            self._lines.append("")

    def _close_up(self, mark: str) -> None:
        """No blank line between two items of a list."""
        if mark == ITEM and len(self._lines) > 1 and self._lines[-2].startswith(ITEM):
            self._lines[-1:] = [line for line in self._lines[-1:] if line]

    def _take_inline(self) -> str:
        text = _SPACES.sub(" ", "".join(self._inline)).strip()
        self._inline.clear()
        return text


def _is_row(row: Element) -> bool:
    """A row of cells, not a table that only lays out the page."""
    cells = [child for child in row if child.tag in CELLS]
    return len(cells) > 1 and not any(cell.find(".//table") is not None for cell in cells)


def _is_left_out(element: Element) -> bool:
    return (
        element.tag in LEFT_OUT
        or element.get("role") in LEFT_OUT_ROLES
        or element.get("aria-hidden") == "true"
        or "hidden" in element.attrib
        or bool(_HIDDEN.search(element.get("style") or ""))
    )
