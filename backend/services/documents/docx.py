"""The text of a Word document in its own order: headings as `#`, list items as `-`, table rows as `a | b`.

The XML is walked directly, because python-docx's own paragraph text leaves out content controls, text boxes
and what tracked changes inserted.
"""

import io
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from docx import Document
from docx.opc.exceptions import OpcError
from docx.oxml.ns import qn
from lxml import etree

from backend.services.documents import package
from backend.services.documents.refusals import unreadable
from backend.services.documents.text import MAX_CHARACTERS

BROKEN = (
    OpcError,
    etree.LxmlError,
    zipfile.BadZipFile,
    zlib.error,
    AttributeError,
    EOFError,
    LookupError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
)
"""What the libraries raise on packages that do not keep to the format."""

PARAGRAPH, TABLE, ROW, CELL = qn("w:p"), qn("w:tbl"), qn("w:tr"), qn("w:tc")
TEXT, VALUE = qn("w:t"), qn("w:val")
BREAKS = {qn("w:tab"): "\t", qn("w:br"): "\n", qn("w:cr"): "\n", qn("w:noBreakHyphen"): "-"}
LEFT_OUT = {
    "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback",
    *map(qn, ("w:del", "w:moveFrom", "w:pPr", "w:rPr", "w:tblPr", "w:trPr", "w:tcPr", "w:sectPr")),
}
"""Deleted text, and properties; a fallback repeats what stands beside it."""

_HEADING_NAME = re.compile(r"heading (\d)")
_MAX_STYLE_PARENTS = 10

Element = Any


class Block(NamedTuple):
    text: str
    tight: bool = False
    """A list item: it follows another without a blank line."""


def pages(data: bytes) -> Iterator[str]:
    """The text, as one page: Word keeps none.

    Raises Unprocessable (`encrypted_file`, `unreadable_file`, `too_complex`).
    """
    try:
        package.check(data, "Word document", ".docx")
        document = Document(io.BytesIO(data))
        body = document.element.body
        yield _join(_blocks(body, _Styles(document.styles.element)))
    except BROKEN as error:
        raise unreadable("Word document") from error


def _join(blocks: Iterable[Block]) -> str:
    """Blocks as text, a blank line around each that stands alone; ends when enough is there."""
    parts: list[str] = []
    length = 0
    before: Block | None = None
    for block in blocks:
        if before:
            parts.append("\n" if before.tight and block.tight else "\n\n")
        parts.append(block.text)
        length += len(block.text)
        before = block
        if length > MAX_CHARACTERS:
            break
    return "".join(parts)


class _Styles:
    """What the paragraph styles of a document mean, with what they inherit."""

    def __init__(self, styles: Element) -> None:
        self._styles = {style.get(qn("w:styleId")): style for style in styles.iter(qn("w:style"))}

    def prefix(self, paragraph: Element) -> str:
        """`# `, `## `, `### ` for a heading, `- ` for a list item, else nothing."""
        level = _value(paragraph, "w:pPr/w:outlineLvl")
        listed = _value(paragraph, "w:pPr/w:numPr/w:numId")
        for style in self._with_parents(_value(paragraph, "w:pPr/w:pStyle")):
            name = (_value(style, "w:name") or "").lower()
            if found := _HEADING_NAME.match(name):
                return "#" * min(3, int(found[1]) or 1) + " "
            if name in ("title", "subtitle"):
                return "# " if name == "title" else ""
            level = level or _value(style, "w:pPr/w:outlineLvl")
            listed = listed or _value(style, "w:pPr/w:numPr/w:numId")
            listed = listed or (
                "1" if name.startswith("list") and name != "list paragraph" else None
            )
        if level is not None and level.isdigit() and int(level) < 9:
            return "#" * min(3, int(level) + 1) + " "
        return "- " if listed not in (None, "0") else ""

    def _with_parents(self, style_id: str | None) -> Iterator[Element]:
        for _ in range(_MAX_STYLE_PARENTS):
            style = self._styles.get(style_id)
            if style is None:
                return
            yield style
            style_id = _value(style, "w:basedOn")


def _value(element: Element, path: str) -> str | None:
    """The `w:val` of the first element on a path such as `w:pPr/w:pStyle`."""
    found = element.find("/".join(map(qn, path.split("/"))))
    return None if found is None else found.get(VALUE)


def _blocks(parent: Element, styles: _Styles) -> Iterator[Block]:
    """Paragraphs and tables in order, also those inside content controls and tracked insertions."""
    for child in parent:
        if child.tag == PARAGRAPH:
            text = "".join(_text(child)).strip()
            if text:
                prefix = styles.prefix(child)
                yield Block(prefix + text, tight=prefix == "- ")
        elif child.tag == TABLE:
            yield from _table(child, styles)
        elif isinstance(child.tag, str) and child.tag not in LEFT_OUT:
            yield from _blocks(child, styles)


def _table(table: Element, styles: _Styles) -> Iterator[Block]:
    rows = [list(_cells(row)) for row in _within(table, ROW)]
    if max((len(row) for row in rows), default=0) == 1:  # a frame around text
        for cell in (cell for row in rows for cell in row):
            yield from _blocks(cell, styles)
        return
    lines = (" | ".join(_flat(cell) for cell in row).rstrip(" |") for row in rows)
    if filled := [line for line in lines if line]:
        yield Block("\n".join(filled))


def _flat(cell: Element) -> str:
    return " ".join("".join(_text(cell)).split())


def _cells(row: Element) -> Iterator[Element]:
    """The cells of a row; one that spans columns is followed by empty ones, so that columns stay in line."""
    for cell in _within(row, CELL):
        yield cell
        span = _value(cell, "w:tcPr/w:gridSpan") or "1"
        for _ in range(1, min(int(span), 50) if span.isdigit() else 1):
            yield etree.Element(CELL)


def _within(parent: Element, tag: str) -> Iterator[Element]:
    """The nearest elements of a kind, through content controls around them."""
    for child in parent:
        if child.tag == tag:
            yield child
        elif isinstance(child.tag, str) and child.tag not in LEFT_OUT and child.tag != TABLE:
            yield from _within(child, tag)


def _text(element: Element) -> Iterator[str]:
    for child in element:
        if not isinstance(child.tag, str) or child.tag in LEFT_OUT:
            continue
        if child.tag == TEXT:
            yield child.text or ""
        elif child.tag in BREAKS:
            yield BREAKS[child.tag]
        else:
            if child.tag == PARAGRAPH:  # of a text box or a cell
                yield "\n"
            yield from _text(child)
