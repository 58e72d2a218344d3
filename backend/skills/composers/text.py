"""Evidence text cut into units: headings, table rows, bullets and sentences, each an exact span.

`unit.text == text[unit.start:unit.end]` always. Everything that reads a unit reads `unit.flat`: the same
characters one for one, with quotes, dashes and spaces made plain and markup blanked, so that offsets found in
it are offsets of the evidence.
"""

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from backend.skills.composers import layout
from backend.skills.composers.layout import Cell, Line
from backend.skills.composers.sentences import sentence_spans

UnitKind = Literal["heading", "row", "bullet", "prose"]

FEW_WORDS = 6
"""A cell this long on average is a sentence of a column, not a value of a table."""


@dataclass(frozen=True, slots=True)
class Unit:
    start: int
    end: int
    text: str
    flat: str
    kind: UnitKind
    line: int
    """Ordinal of the line it starts on, counting those with words: titles live on the first few."""
    headings: tuple[str, ...] = ()
    """Headings above it, nearest first."""
    cells: tuple[Cell, ...] = ()
    header: tuple[str, ...] = ()
    """Column titles, aligned with `cells`; empty when the table has none."""
    mark: str = ""
    """What stands before the words of its line: a bullet, a picture."""
    previous: str = ""
    """The unit before it: the question an answer belongs to, the priced row a description belongs to."""

    @property
    def section(self) -> str:
        return self.headings[0] if self.headings else ""

    @property
    def words(self) -> int:
        return len(self.flat.split())


@dataclass(slots=True)
class _Outline:
    """The headings in force, each with its level; a heading closes those at or below its own level."""

    open: list[tuple[int, str]]

    def push(self, level: int, title: str) -> None:
        self.open = [(at, text) for at, text in self.open if at < level]
        self.open.append((level, title))

    @property
    def nearest_first(self) -> tuple[str, ...]:
        return tuple(title for _, title in reversed(self.open))


def units(text: str, page_starts: tuple[int, ...] = (0,)) -> list[Unit]:
    """All units of a text in order; page starts (offsets) keep sentences from crossing a page."""
    return list(_Reader(text, layout.lines(text, page_starts)).read())


class _Reader:
    """One pass over the lines; holds the outline, the column titles and the unit before."""

    def __init__(self, text: str, lines: list[Line]) -> None:
        self.text = text
        self.flat = layout.flatten(text)
        self.lines = lines
        self.wrap = layout.wrap_width(lines)
        self.outline = _Outline([])
        self.header: tuple[str, ...] = ()
        self.mark = ""
        self.lead = ""
        """The sentence with a colon that introduces the list being read."""
        self.previous = ""
        self.ordinal = 0

    def read(self) -> Iterator[Unit]:
        at = 0
        while at < len(self.lines):
            line = self.lines[at]
            if line.blank:
                self.header, self.previous = (), ""
                at += 1
                continue
            self.ordinal += bool(_SPOKEN.search(self.flat, line.start, line.end))
            after = at + 1
            if line.kind != "bullet":
                self.lead = ""
            if line.kind == "row":
                yield from self._row(at)
            elif line.kind == "heading" and self._is_heading(at):
                yield self._heading(line)
            elif line.kind != "rule":
                after = self._block_end(at)
                yield from self._sentences(line, self.lines[after - 1].end)
                if line.kind == "prose" and self.lines[after - 1].flat.endswith(":"):
                    self.lead = layout.heading_title(self.previous)
            at = after

    def _is_heading(self, at: int) -> bool:
        """Three short lines in a row are a list; a priced title has its list below."""
        if self.lines[at].level < layout.GUESSED:
            return True
        if self.lines[at].level == layout.PRICED:
            return any(line.kind == "bullet" for line in self.lines[at + 1 : at + 4])
        around = self.lines[max(0, at - 2) : at + 3]
        guessed = [line.kind == "heading" and line.level >= layout.GUESSED for line in around]
        return not any(all(guessed[k : k + 3]) for k in range(len(guessed) - 2))

    def _heading(self, line: Line) -> Unit:
        title = layout.heading_title(line.flat)
        unit = self._unit(line.start, line.end, "heading")
        self.outline.push(line.level, title)
        self.header, self.previous = (), ""
        return unit

    def _row(self, at: int) -> Iterator[Unit]:
        line = self.lines[at]
        cells = layout.cells(line)
        if not cells:
            return
        if self._is_header(at, cells):
            self.header = tuple(cell.text for cell in cells)
            return
        if "|" not in line.flat and _columns_of_prose(cells):
            for cell in cells:
                yield from self._spans(cell.start, cell.end, "prose")
            return
        filled = [cell for cell in cells if cell.text]
        if not filled:
            return
        header = self.header if len(self.header) == len(cells) else ()
        unit = self._unit(filled[0].start, filled[-1].end, "row", tuple(cells), header)
        yield unit
        self.previous = unit.flat

    def _is_header(self, at: int, cells: list[Cell]) -> bool:
        """Markdown says so with a rule; elsewhere a row without digits above one that has some."""
        following = self.lines[at + 1] if at + 1 < len(self.lines) else None
        if following is None:
            return False
        if following.kind == "rule":
            return True
        if self.header or any(_DIGIT.search(cell.text) for cell in cells):
            return False
        return following.kind == "row" and bool(_DIGIT.search(following.flat))

    def _block_end(self, at: int) -> int:
        """Index after the last line that carries on the sentence begun on line `at`."""
        after = at + 1
        while after < len(self.lines) and layout.carries_on(
            self.lines[after - 1], self.lines[after], self.wrap
        ):
            after += 1
        return after

    def _sentences(self, line: Line, end: int) -> Iterator[Unit]:
        kind: UnitKind = "bullet" if line.kind == "bullet" else "prose"
        self.mark = line.flat[: line.body - line.start]
        label = layout.LABEL.match(line.flat)
        if label is None:
            yield from self._spans(line.body, end, kind)
            self.mark = ""
            return
        kept = self.outline.open  # "For whom: ..." is a heading for its own line only
        self.outline.open = [*kept, (layout.GUESSED + 3, label.group(1))]
        yield from self._spans(line.body, end, kind)
        self.outline.open = kept
        self.mark = ""

    def _spans(self, start: int, end: int, kind: UnitKind) -> Iterator[Unit]:
        for a, b in sentence_spans(self.flat[start:end]):
            opened = self.text[max(0, start + a - 1) : start + a] == "["
            unit = self._unit(start + a - opened, start + b, kind)  # a link keeps its bracket
            yield unit
            self.previous = unit.flat

    def _unit(
        self,
        start: int,
        end: int,
        kind: UnitKind,
        cells: tuple[Cell, ...] = (),
        header: tuple[str, ...] = (),
    ) -> Unit:
        above = self.outline.nearest_first
        return Unit(
            start,
            end,
            self.text[start:end],
            self.flat[start:end],
            kind,
            self.ordinal,
            (self.lead, *above) if self.lead and kind == "bullet" else above,
            cells,
            header,
            self.mark,
            self.previous,
        )


_SPOKEN = re.compile(r"[^\W_]")
_DIGIT = re.compile(r"\d")


def _columns_of_prose(cells: list[Cell]) -> bool:
    """Two columns of running text that a PDF reader put on one line."""
    filled = [cell.text for cell in cells if cell.text]
    words = sum(len(cell.split()) for cell in filled)
    return len(filled) in (2, 3) and words >= FEW_WORDS * len(filled)


_MARKUP = re.compile(r"!?\[([^\]\n]{0,300})\]\([^)\n]{0,500}\)")
_EMPHASIS = re.compile(r"\*\*|__|`|~~|(?<![\w*])[*_](?=[\w\"(])|(?<=[\w.!?:;,)\"])[*_](?![\w*])")
_LINK_REST = re.compile(r"\]\([^)\n]{0,500}\)?")
_OPEN_BRACKET = re.compile(r"\[(?=[^\]]*$)")
_QUOTED_LINE = re.compile(r"\n[ \t]*>[ \t]?")
_BROKEN_WORD = re.compile(r"(?<=[a-z])-\s*[\r\n]+\s*(?=[a-z])")


@functools.lru_cache(maxsize=4096)
def tidy(quote: str) -> str:
    """A quote as people read it: markup, bullet, line breaks and the closing dot gone; words untouched."""
    shown = _MARKUP.sub(r"\1", _BROKEN_WORD.sub("", _QUOTED_LINE.sub("\n", quote)))
    shown = layout.TAG.sub(" ", _EMPHASIS.sub("", _LINK_REST.sub("", shown)))
    shown = layout.CELL_GAP.sub(" · ", shown)
    shown = " ".join(_OPEN_BRACKET.sub("", shown).split())
    return layout.LEADING_MARK.sub("", shown.strip(" ·")).rstrip(".;,: ") or shown
