"""What stands on a PDF page, put into the order a person reads it: columns, lines, table rows.

Coordinates are points from the top left corner, as pdfplumber gives them.
"""

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Self

from pdfplumber.page import Page
from pdfplumber.table import Table

CELL_BREAK = " | "
GAP_BREAK = "   "
"""What stands for a gap that the eye takes for the end of a cell."""
GAP_EMS = 1.6
PARAGRAPH_LINES = 0.6
"""A blank stretch of this share of a line's height, and half more than usual on the page, is a blank line."""

MAX_CELL_LINES = 3
"""Boxes with more lines are cards beside each other, to be read one by one, not cells of a row."""
COLUMN_MIN_LINES = 5
COLUMN_MIN_CHARACTERS = 18
COLUMN_MAX_CROSSED = 0.2
"""The share of lines that may run across the gap between two columns (headings over both)."""

CARD_MIN_WIDTH, CARD_MIN_HEIGHT = 60.0, 40.0
MAX_CARDS = 60

ENDLESS = float("inf")


@dataclass(frozen=True, slots=True)
class Word:
    x0: float
    x1: float
    top: float
    bottom: float
    text: str

    @property
    def middle(self) -> tuple[float, float]:
        return (self.x0 + self.x1) / 2, (self.top + self.bottom) / 2


class Line:
    """Words beside each other."""

    def __init__(self, words: list[Word]) -> None:
        self.words = sorted(words, key=lambda word: word.x0)
        self.top = min(word.top for word in words)
        self.bottom = max(word.bottom for word in words)
        self.height = max(self.bottom - self.top, 1.0)

    @property
    def text(self) -> str:
        parts = [self.words[0].text]
        for before, word in itertools.pairwise(self.words):
            wide = word.x0 - before.x1 > GAP_EMS * min(self.height, before.bottom - before.top)
            bullet = before is self.words[0] and len(before.text) <= 2
            parts += [GAP_BREAK if wide and not bullet else " ", word.text]
        return "".join(parts)

    def part(self, left: float, right: float) -> Self | None:
        """The words whose middle lies between two x positions."""
        inside = [word for word in self.words if left <= word.middle[0] < right]
        return type(self)(inside) if inside else None

    def crosses(self, x: float) -> bool:
        """Whether this line runs over x without a gap there."""
        left = [word for word in self.words if word.x0 < x]
        right = [word for word in self.words if word.x1 > x]
        if not left or not right:
            return False
        return right[0].x0 - left[-1].x1 < GAP_EMS * self.height / 2


class Block:
    """A table, or a box of its own, with its finished text; placed like a line."""

    def __init__(self, box: "Box", text: str) -> None:
        self.box = box
        self.text = text
        self.top, self.bottom = box.top, box.bottom
        self.height = 1.0

    def part(self, left: float, right: float) -> Self | None:
        return self if left <= (self.box.x0 + self.box.x1) / 2 < right else None

    def crosses(self, x: float) -> bool:
        return self.box.x0 < x < self.box.x1


Item = Line | Block


@dataclass(frozen=True, slots=True)
class Box:
    x0: float
    top: float
    x1: float
    bottom: float

    def holds(self, word: Word) -> bool:
        x, y = word.middle
        return self.x0 <= x <= self.x1 and self.top <= y <= self.bottom

    def overlaps(self, other: "Box") -> bool:
        """By more than the width of a rule."""
        beside = self.x1 <= other.x0 + 1 or other.x1 <= self.x0 + 1
        apart = self.bottom <= other.top + 1 or other.bottom <= self.top + 1
        return not (beside or apart)

    @property
    def height(self) -> float:
        return self.bottom - self.top

    def is_beside(self, other: "Box") -> bool:
        """Whether the two stand next to each other at about the same height, as cards of a price page do."""
        shared = min(self.bottom, other.bottom) - max(self.top, other.top)
        return not self.overlaps(other) and shared > 0.6 * max(self.height, other.height)


def page_text(page: Page, *, tables: bool) -> str:
    """What the page says, in reading order."""
    page = _readable(page)
    words = [
        Word(word["x0"], word["x1"], word["top"], word["bottom"], word["text"])
        for word in page.extract_words(x_tolerance_ratio=0.15)
    ]
    blocks = _blocks(page.find_tables(), _cards(page), words) if tables else []
    loose = [word for word in words if not any(block.box.holds(word) for block in blocks)]
    return _flow(loose, blocks)


def _readable(page: Page) -> Page:
    """Without the shadows of letters printed twice and, on an upright page, text that runs up its side."""
    chars = page.chars
    upright = sum(1 for char in chars if char["upright"])
    if upright * 2 > len(chars) and upright < len(chars):
        page = page.filter(lambda thing: thing.get("upright", True))
    wide = [
        char for char in chars if char["width"] > 0.5
    ]  # without widths all letters share a place
    places = {(char["text"], round(char["x0"]), round(char["top"])) for char in wide}
    return page.dedupe_chars(tolerance=1) if len(wide) - len(places) > 2 else page


# --- tables and boxes ---------------------------------------------------------------------------------


def _blocks(tables: Sequence[Table], cards: Sequence[Box], words: Sequence[Word]) -> list[Block]:
    """Grids of short cells as rows; of other boxes, each as a text of its own."""
    grids = [table for table in tables if _is_grid(table)]
    blocks = [Block(Box(*grid.bbox), rows) for grid in grids if (rows := _rows(grid))]
    cells = (Box(*cell) for table in tables if table not in grids for cell in table.cells)
    for box in (*sorted(cells, key=lambda box: (box.top, box.x0)), *cards):
        inside = [word for word in words if box.holds(word)]
        if inside and not any(box.overlaps(block.box) for block in blocks):
            blocks.append(Block(box, _flow(inside, [])))
    return blocks


def _cards(page: Page) -> list[Box]:
    """Drawn boxes that stand side by side, the larger first: a card's own header band lies within it."""
    drawn = (Box(t["x0"], t["top"], t["x1"], t["bottom"]) for t in (*page.rects, *page.curves))
    boxes = {b for b in drawn if b.x1 - b.x0 >= CARD_MIN_WIDTH and b.height >= CARD_MIN_HEIGHT}
    if len(boxes) > MAX_CARDS:
        return []
    cards = [box for box in boxes if any(box.is_beside(other) for other in boxes)]
    return sorted(cards, key=lambda box: (box.height * (box.x0 - box.x1), box.top, box.x0))


def _is_grid(table: Table) -> bool:
    filled = [row for row in table.extract() if any(_filled(row))]
    if len(filled) < 2 or max(len(_filled(row)) for row in filled) < 2:
        return False
    return median(cell.count("\n") + 1 for row in filled for cell in _filled(row)) <= MAX_CELL_LINES


def _filled(row: Sequence[str | None]) -> list[str]:
    return [cell for cell in row if cell and cell.strip()]


def _rows(table: Table) -> str:
    rows = [[" ".join((cell or "").split()) for cell in row] for row in table.extract()]
    return "\n".join(CELL_BREAK.join(row).rstrip(" |") for row in rows if any(row))


# --- lines and columns --------------------------------------------------------------------------------


def _flow(words: Iterable[Word], blocks: Sequence[Block]) -> str:
    items: list[Item] = [*_lines(words), *blocks]
    items.sort(key=lambda item: item.top)
    return _paragraphs(_in_columns(items))


def _lines(words: Iterable[Word]) -> list[Line]:
    rows: list[list[Word]] = []
    for word in sorted(words, key=lambda word: (word.middle[1], word.x0)):
        if rows and _same_line(rows[-1][0], word):
            rows[-1].append(word)
        else:
            rows.append([word])
    return [Line(row) for row in rows]


def _same_line(a: Word, b: Word) -> bool:
    distance = abs(a.middle[1] - b.middle[1])
    return distance < 0.4 * min(a.bottom - a.top, b.bottom - b.top)


def _in_columns(items: Sequence[Item]) -> list[Item]:
    """The items in reading order: of two columns of running text side by side the left comes first."""
    gutter = _gutter([item for item in items if isinstance(item, Line)])
    if gutter is None:
        return list(items)
    ordered: list[Item] = []
    left: list[Item] = []
    right: list[Item] = []
    for item in items:
        if item.crosses(gutter):
            ordered += [*_in_columns(left), *_in_columns(right), item]
            left, right = [], []
        else:
            left += [part] if (part := item.part(-ENDLESS, gutter)) else []
            right += [part] if (part := item.part(gutter, ENDLESS)) else []
    return [*ordered, *_in_columns(left), *_in_columns(right)]


def _gutter(lines: Sequence[Line]) -> float | None:
    """The x between two columns of running text, if there are two: the middle of the clearest gap."""
    if len(lines) < COLUMN_MIN_LINES:
        return None
    first = min(line.words[0].x0 for line in lines)
    last = max(line.words[-1].x1 for line in lines)
    candidates = [first + (last - first) * share / 40 for share in range(10, 31)]
    crossed = {x: sum(line.crosses(x) for line in lines) for x in candidates}
    few = [x for x in candidates if crossed[x] <= COLUMN_MAX_CROSSED * len(lines)]
    dividing = [x for x in few if _divides(lines, x)]
    if not dividing:
        return None
    fewest = min(crossed[x] for x in dividing)
    best = [x for x in dividing if crossed[x] == fewest]
    return best[len(best) // 2]


def _divides(lines: Sequence[Line], x: float) -> bool:
    left = [part for line in lines if (part := line.part(-ENDLESS, x))]
    right = [part for line in lines if (part := line.part(x, ENDLESS))]
    return _is_running_text(left) and _is_running_text(right) and _side_by_side(left, right)


def _is_running_text(side: Sequence[Line]) -> bool:
    """Enough lines, and long ones: prices and labels beside a list are cells, not a column."""
    if len(side) < COLUMN_MIN_LINES:
        return False
    return median(len(line.text) for line in side) >= COLUMN_MIN_CHARACTERS


def _side_by_side(left: Sequence[Line], right: Sequence[Line]) -> bool:
    top = max(left[0].top, right[0].top)
    bottom = min(left[-1].bottom, right[-1].bottom)
    shorter = min(left[-1].bottom - left[0].top, right[-1].bottom - right[0].top)
    return bottom - top >= 0.5 * shorter


def _paragraphs(items: Sequence[Item]) -> str:
    """The items' text, with a blank line where the page shows one and around blocks."""
    gaps = [max(0.0, b.top - a.bottom) for a, b in itertools.pairwise(items)]
    usual = median(gaps) if gaps else 0.0
    parts: list[str] = []
    before: Item | None = None
    for item, gap in zip(items, [0.0, *gaps], strict=True):
        apart = gap > max(1.5 * usual, PARAGRAPH_LINES * item.height)
        if before and (apart or isinstance(item, Block) or isinstance(before, Block)):
            parts.append("")
        parts.append(item.text)
        before = item
    return "\n".join(parts)
