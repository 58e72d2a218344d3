"""What the lines of a text are (headings, table rows, bullets, running text) and which belong together.

Knows nothing of marketing. Works on Markdown, text taken from PDFs and web pages, and notes typed in a hurry.
"""

import itertools
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

LineKind = Literal["blank", "rule", "row", "heading", "bullet", "prose"]

BOLD = 7
"""Level of a line in bold: below the six levels of Markdown."""
GUESSED = 8
"""Heading levels from here on are guesses: a short line that looks like a title."""
PRICED = GUESSED + 1
"""A guess that carries a price, as plans do on a page: "Starter plan - ₹499/month"."""


COLUMN_GAP = 4
"""Spaces between two columns; fewer may be a typist's habit."""


@dataclass(frozen=True, slots=True)
class Cell:
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Line:
    """`start` and `end` enclose the visible characters; `flat` is that stretch with plain characters."""

    start: int
    end: int
    flat: str
    kind: LineKind
    level: int = 0
    body: int = 0
    """Where the words begin, after the bullet."""
    new_page: bool = False

    @property
    def blank(self) -> bool:
        return self.kind == "blank"


@dataclass(frozen=True, slots=True)
class Flow:
    """How the text runs. `width` is the column lines are wrapped at, 0 when each line stands alone."""

    width: int
    chatty: bool
    """Lines start in lower case as a habit: a lower-case start says nothing about the line before."""


# ---------------------------------------------------------------- plain characters, one for one

_SPACES = dict.fromkeys(
    map(ord, "\t\n\r\x0b\x0c\x1c\x1d\x1e\x1f\x85\u1680\u2028\u2029\u200b\ufeff"), " "
)
_SPACES |= dict.fromkeys([0xA0, 0x202F, 0x205F, 0x3000, *range(0x2000, 0x200B)], " ")
_QUOTES = {**dict.fromkeys(map(ord, "“”„‟«»＂"), '"'), **dict.fromkeys(map(ord, "‘’‚‛`´"), "'")}
_DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−"), "-")
_SURROGATES = dict.fromkeys(
    range(0xD800, 0xE000), "?"
)  # half a character: the segmenter refuses it
_PLAIN = _SPACES | _QUOTES | _DASHES | _SURROGATES

TAG = re.compile(r"</?[A-Za-z][^<>\n]{0,300}>|<!--.{0,500}?-->")
_IMAGE = re.compile(r"!\[[^\]\n]{0,300}\]\([^)\n]{0,500}\)")
_LINK_TARGET = re.compile(r"(?<=\])\([^)\n]{0,500}\)|(?<!\w)\[(?=[^\]\n]{1,300}\]\()|\](?=\()")
_EMPHASIS = re.compile(r"\*\*|__|~~|(?<![\w*])\*(?=[\w₹$(])|(?<=[\w%)])\*(?![\w*])")


def plain(text: str) -> str:
    """Same length, with every kind of space, quote and dash in its ASCII form."""
    return text.translate(_PLAIN)


_QUOTE_MARK = re.compile(r"^[ \t]*(?:>[ \t]?)+", re.M)


def flatten(text: str) -> str:
    """`plain`, and markup (tags, images, link targets, emphasis, marks of quotation) overwritten by spaces:
    still same length.
    """
    flat = text
    for markup in (TAG, _IMAGE, _LINK_TARGET, _EMPHASIS, _QUOTE_MARK):
        flat = markup.sub(_blank, flat)
    return plain(flat)


def _blank(match: re.Match[str]) -> str:
    return " " * len(match.group())


# ---------------------------------------------------------------- lines

SYMBOLS = "\U0001f300-\U0001faff\u2190-\u21ff\u2600-\u27bf\u2b00-\u2bff\ufe0f\u200d"  # emoji, arrows, ticks
LEADING_MARK = re.compile(
    rf"^(?:[-*+•●▪◦‣❖■□]+\s+|[•●▪◦‣❖■□]|[{SYMBOLS}]+\s*|\(?(?:\d{{1,2}}|[a-z])[.)]\s+|>+\s*|#+\s+"
    r"|[QA][.:]\s+)+"
)
CELL_GAP = re.compile(r"\s*\|+\s*|\s*\.{4,}\s*|\s*…{2,}\s*|\t+| {3,}")
# "For whom: ..." and "**Problem.** ..." are headings of their own line.
LABEL = re.compile(
    r"(?:[-*•]\s+)?(?:\*\*(?=[^*]{3,30}[.:]\*\*))?([A-Za-z][\w'/&\- ]{2,28})(?:[.:]\*\*|:[*_]{0,2})\s+(?=\S)"
)
_RULE = re.compile(r"^(?=.*[-=_*]{2})[\s|:\-=+_*]{3,}$")
_TAG_HEADING = re.compile(r"^\s*<h([1-6])\b", re.I)
_TAG_ITEM = re.compile(r"^\s*<li\b", re.I)
_FRONT_MATTER = re.compile(r"\A\ufeff?---[ \t]*\r?\n.{0,4000}?\n---[ \t]*(?:\r?\n|\Z)", re.S)
# What a page says of itself: its title, and the sentence it is found by.
_SELF_DESCRIPTION = re.compile(
    r"^(?P<field>title|description|summary|tagline|subtitle)[ \t]*:[ \t]*"
    r"(?P<mark>[\"']?)(?P<said>\S.*?)(?P=mark)\s*$",
    re.I,
)
_FENCE = re.compile(r"^\s*(?:```|~~~)")
_DOTS = re.compile(r"\S\s*(?:\.{4,}|…{2,})\s*\S")
_GAP = re.compile(r"(?<![.!?:;,])(?: {2,}|\s*\t\s*)(?=\S)")
_SPLIT_GAP = re.compile(r" {2,}|\s*\t\s*")
_SPLIT_DOTS = re.compile(r"\s*(?:\.{4,}|…{2,})\s*")
_DIGIT = re.compile(r"\d")
MONEY = re.compile(r"[₹$€£₵₦₱]\s?\d|\b(?:Rs|INR|USD|EUR)\b\.?\s?\d|\d\s?(?:/-|€)")

_HASHES = re.compile(r"^(#{1,6})\s+\S")
_BOLD_LINE = re.compile(r"^(?:\*\*|__)[^*_]{2,80}(?:\*\*|__)[.:]?$")
_SLIDE = re.compile(r"^(?:Slide|Page)\s+\d+\b|^-{2,}\s*\S.{0,80}\S\s*-{2,}$")
_CAPITALS = re.compile(r"^[A-Z][A-Z0-9 &'/,+\-]{3,60}(?:\s?\(.{0,80}\))?:?$")
_COLON_END = re.compile(r"^[A-Z][\w '/&,\-]{2,60}:$")
_SHORT_TITLE = re.compile(r"^[A-Z][\w&'/+\-]*(?: [\w&'/+\-]+){0,5}\??$|^[a-z]{4,}(?: [a-z]+)?$")
_PRICED_TITLE = re.compile(r"^[A-Z][\w &'+]{2,40}\s+[-:]\s+\S[^.!?]{2,40}$")
_OPEN_END = re.compile(
    r"(?:[,(/&+-]|\b(?:a|an|the|and|or|of|for|to|in|on|at|by|with|from|as|is|are|our|your|than|that|which|per))$",
    re.I,
)
_FULL_STOP = re.compile(r"[.!?:;][\"')\]]*$|[\"]$")


def lines(text: str, page_starts: Iterable[int] = (0,)) -> list[Line]:
    """Every line of the text; code between fences is blank, and so is front matter but for what the page
    says of itself.

    `page_starts` are offsets; a rule under a line makes that line a heading.
    """
    found: list[Line] = []
    pages = sorted(start for start in page_starts if start > 0)
    offset, fenced = 0, False
    front = _FRONT_MATTER.match(text)
    hidden_until = front.end() if front else 0
    closing = sum(1 for raw in text.splitlines() if _FENCE.match(raw)) // 2 * 2
    directive = -1
    for raw in text.splitlines(keepends=True):
        directive = _directive(raw, directive)
        new_page = bool(pages) and pages[0] < offset + len(raw)
        if new_page:
            pages = [start for start in pages if start >= offset + len(raw)]
        fence = closing > 0 and bool(_FENCE.match(raw))
        if fence:
            fenced, closing = not fenced, closing - 1
        if offset < hidden_until:
            found.append(_front_line(raw, offset, new_page))
        else:
            found.append(_line(raw, offset, new_page, hidden=fence or fenced or directive >= 0))
        offset += len(raw)
    return _underlined(found)


def _directive(raw: str, above: int) -> int:
    """How far a directive of reStructuredText is indented that hides this line, -1 when none does."""
    indent = len(raw) - len(raw.lstrip())
    if above >= 0 and (not raw.strip() or indent > above):
        return above
    return indent if _DIRECTIVE.match(raw) else -1


_DIRECTIVE = re.compile(
    r"\s*\.\. (?:(?:\|[^|\n]+\| )?(?!note|warning|important|tip|hint|admonition)[\w-]+::|_[^:\n]+:)"
)


def _line(raw: str, offset: int, new_page: bool, *, hidden: bool) -> Line:
    raw = _QUOTE_MARK.sub(_blank, raw)
    flat = plain(TAG.sub(_blank, raw))
    visible = flat.strip()
    if hidden or not visible:
        return Line(offset, offset, "", "blank", new_page=new_page)
    start = offset + len(flat) - len(flat.lstrip())
    kind, level = _tagged(raw) or _kind(visible, plain(raw).strip())
    mark = LEADING_MARK.match(visible) if kind in ("bullet", "prose") else None
    body = start + (mark.end() if mark and mark.end() < len(visible) else 0)
    return Line(start, start + len(visible), visible, kind, level, body, new_page)


def _front_line(raw: str, offset: int, new_page: bool) -> Line:
    """A line of front matter: a title is a heading, a description is prose, the rest is for machines."""
    said = _SELF_DESCRIPTION.match(plain(raw).rstrip())
    if said is None:
        return Line(offset, offset, "", "blank", new_page=new_page)
    start, end = offset + said.start("said"), offset + said.end("said")
    if said["field"].lower() == "title":
        return Line(start, end, said["said"], "heading", 1, start, new_page)
    return Line(start, end, said["said"], "prose", 0, start, new_page)


def _tagged(raw: str) -> tuple[LineKind, int] | None:
    """What HTML says the line is."""
    heading = _TAG_HEADING.match(raw)
    if heading:
        return "heading", int(heading.group(1))
    return ("bullet", 0) if _TAG_ITEM.match(raw) else None


def _kind(visible: str, tagged: str) -> tuple[LineKind, int]:
    """`tagged` still has its markup: a blanked tag is no gap between columns."""
    if _RULE.match(visible):
        return "rule", 0
    if _is_row(tagged):
        return "row", 0
    if level := _heading_level(visible):
        return "heading", level
    return ("bullet", 0) if LEADING_MARK.match(visible) else ("prose", 0)


def _is_row(visible: str) -> bool:
    pipes = visible.count("|")
    if pipes:
        return pipes >= 2 or visible.startswith("|") or bool(_DIGIT.search(visible))
    if _DOTS.search(visible):
        return True
    gaps = _GAP.findall(visible)
    if len(gaps) >= 2 or (gaps and len(gaps[0]) >= COLUMN_GAP):
        return True
    return len(gaps) == 1 and bool(_DIGIT.search(_SPLIT_GAP.split(visible)[-1]))


def _heading_level(visible: str) -> int:
    """1-7 marked as a heading, from GUESSED on looks like one, 0 not a heading."""
    hashes = _HASHES.match(visible)
    if hashes:
        return len(hashes.group(1))
    words = visible.split()
    if len(words) <= 10 and _SLIDE.match(visible):
        return 1
    if len(words) > 10 or LEADING_MARK.match(visible):
        return 0
    if _BOLD_LINE.match(visible) and not MONEY.search(visible):
        return BOLD
    if _CAPITALS.match(visible) and not MONEY.search(visible) and _letters(visible) >= 4:
        return 2
    if _COLON_END.match(visible):
        return GUESSED + 2
    if _PRICED_TITLE.match(visible) and MONEY.search(visible):
        return PRICED
    short = _SHORT_TITLE.match(visible) and not _DIGIT.search(visible)
    return GUESSED if short and not _OPEN_END.search(visible) else 0


def _letters(visible: str) -> int:
    return sum(character.isalpha() for character in visible)


def _underlined(found: list[Line]) -> list[Line]:
    """`Title` above `=====`."""
    for at in range(len(found) - 1):
        line, rule = found[at], found[at + 1]
        single = rule.kind == "rule" and len(set(rule.flat)) == 1 and rule.flat[0] in "=-"
        if single and line.kind in ("prose", "heading") and len(line.flat.split()) <= 12:
            level = 1 if rule.flat[0] == "=" else 2
            found[at] = Line(
                line.start, line.end, line.flat, "heading", level, line.start, line.new_page
            )
    return found


_TITLE_DRESS = re.compile(
    rf"^(?:#+|[-*_]+|[{SYMBOLS}]+|Slide \d+|Page \d+|\d+[.)])[\s:\-]*|\s*\([^)]*\)\s*$|[\s:.*_#-]+$"
)


def heading_title(flat: str) -> str:
    """The words of a heading without hashes, numbers of slides, brackets and colons."""
    title = flat
    for _ in range(3):
        title = _TITLE_DRESS.sub("", title).strip()
    return title or flat


# ---------------------------------------------------------------- rows


def cells(line: Line) -> list[Cell]:
    """Cells of a row in order with their offsets; empty inner cells are kept so that columns stay aligned."""
    if "|" in line.flat:
        pattern, inner = re.compile(r"\|"), line.flat.strip("|")
        base = line.start + len(line.flat) - len(line.flat.lstrip("|"))
    else:
        pattern, inner = (_SPLIT_DOTS if _DOTS.search(line.flat) else _SPLIT_GAP), line.flat
        base = line.start
    found, at = [], 0
    for gap in [*pattern.finditer(inner), None]:
        end = gap.start() if gap else len(inner)
        found.append(_cell(inner[at:end], base + at))
        at = gap.end() if gap else end
    return found


def _cell(text: str, start: int) -> Cell:
    bare = text.strip()
    start += text.index(bare) if bare else 0
    return Cell(start, start + len(bare), bare)


# ---------------------------------------------------------------- lines that belong together


_SENTENCE_END = re.compile(r"[^\W\d_]{2}[.!?][\"')]?(?:\s+[A-Z]|$)")


def wrap_width(found: list[Line]) -> Flow:
    """Whether lines are cut at a column: then lines above a lower-case start are nearly all long."""
    running = [line for line in found if _runs(line)]
    if not running:
        return Flow(0, chatty=False)
    lengths = sorted(len(line.flat) for line in running)
    width = lengths[int(0.9 * (len(lengths) - 1))]
    above = [
        len(line.flat)
        for line, following in itertools.pairwise(found)
        if _runs(line) and following.kind == "prose" and following.flat[0].islower()
    ]
    long = sum(length >= 0.7 * width for length in above)
    wrapped = width >= 40 and bool(above) and long >= 0.7 * len(above)
    small = sum(line.flat[0].islower() for line in running) / len(running)
    ends = sum(bool(_SENTENCE_END.search(line.flat)) for line in running) / len(running)
    notes = small >= 0.6 and ends < 0.1  # a line a thought, and hardly a full stop
    wrapped = wrapped and not notes
    return Flow(width if wrapped else 0, chatty=small >= 0.3 and not wrapped)


def _runs(line: Line) -> bool:
    """Text that a column would cut; a line with a link is as long as its address."""
    return line.kind in ("prose", "bullet") and "](" not in line.flat


_ATTRIBUTION = re.compile(r"-{1,2}\s*[A-Z][\w.]+.{0,70}$")


def carries_on(line: Line, following: Line, flow: Flow) -> bool:
    """Whether `following` continues the sentence `line` breaks off, or names who said it."""
    if line.flat.endswith('"') and _ATTRIBUTION.match(following.flat):
        return True
    if following.new_page or not _continuable(following) or _FULL_STOP.search(line.flat):
        return False
    lower = following.flat[0].islower()
    if lower and line.flat.endswith("-"):
        return True
    if _OPEN_END.search(line.flat) and len(line.flat.split()) > 3:
        return True
    enough = 0.6 * flow.width if flow.width else 40
    if lower and not flow.chatty and len(line.flat) >= enough:
        return True
    first_word = len(following.flat.split()[0])
    return bool(flow.width) and len(line.flat) + 1 + first_word >= 0.92 * flow.width


def _continuable(following: Line) -> bool:
    return following.kind == "prose" or (following.kind == "heading" and following.level >= GUESSED)
