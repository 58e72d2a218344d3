"""Units that state nothing about the business: navigation, instructions, code, greetings, questions."""

import re
import unicodedata

from backend.skills.composers import quotes
from backend.skills.composers.lexicon import pattern
from backend.skills.composers.quantities import PRICE_SECTION
from backend.skills.composers.signs import Candidate, free_of_charge, of_features
from backend.skills.composers.text import Unit, tidy

SHORTEST = 4
"""Words; less says nothing unless it holds a number."""
TELLING_LINK = 2
"""Words of a link that may say something itself."""
LONGEST = 700
"""Characters; a longer stretch without a full stop is a list or a dump, not a statement."""

_PRICE = re.compile(r"[₹$€£₵]\s?\d|\d\s?(?:/-|€)")
_WORD = re.compile(r"[^\W\d_]{2,}")
# "Since 2017", "60 employees": two words that say something.
_TELLING_SCRAP = re.compile(
    r"since\b|[\d,]+\+? (?:employees|staff|people|customers|clients)\b", re.I
)
_ADDRESS = re.compile(r"\b[\w.+-]+@[\w-]+\.\w+")
_TICK = re.compile(r"[✓✔✗✘☑❌✅]|(?:^|· )(?:yes|no|x|-|n/a)(?= ·|$)", re.I)


def is_noise(candidate: Candidate) -> bool:
    """Whether a unit can be left out before anything is scored."""
    return _states_nothing(candidate) or is_scrap(candidate)


def is_scrap(candidate: Candidate) -> bool:
    """Too short to say anything by itself: "MIT.", "Python 3.10+"."""
    if candidate.unit.kind in ("row", "heading"):
        return False
    return _too_short(candidate, tidy(candidate.unit.text))


def is_mere_scrap(candidate: Candidate) -> bool:
    """Whether nothing but its length speaks against a unit: another document may contradict it."""
    return is_scrap(candidate) and not _states_nothing(candidate)


def _states_nothing(candidate: Candidate) -> bool:
    unit = candidate.unit
    words = tidy(unit.text)
    if any(_CHANGES.match(heading) for heading in unit.headings) or _is_example(unit):
        return True
    offered = unit.kind == "row" and (
        candidate.priced or free_of_charge(unit) or _counts_by_column(candidate)
    )
    if not offered and _is_code(unit, words):
        return True
    if (
        _TO_BE_TYPED.match(unit.text)
        or pattern("instruction").search(words)
        or not _readable(words)
        or _mere_link(unit)
    ):
        return True
    if unit.line == 1 and not candidate.priced and pattern("paper_title").search(words):
        return True
    if of_a_reference(candidate) and not candidate.quantities:
        return True
    if unit.kind == "row":
        return not free_of_charge(unit) and _empty_row(candidate, words)
    if unit.kind == "heading":
        return not candidate.quantities and empty_heading(unit)
    return _mere_question(unit, words)


def _counts_by_column(candidate: Candidate) -> bool:
    """A name, then a figure in front of each titled cell, whatever command lists the things counted."""
    unit = candidate.unit
    begun = {cell.start for cell in unit.cells[1:]}
    counted = {q.start for q in candidate.quantities if q.kind == "count"}
    return bool(unit.header) and len(begun) >= FEWEST_COUNTED and begun <= counted


FEWEST_COUNTED = 2
"""Columns; a single figure beside a command is its default or its port."""


def of_a_reference(candidate: Candidate) -> bool:
    """A row that says what a command or a field is for: read for its figures alone."""
    unit = candidate.unit
    if unit.kind == "bullet" and _COMMAND.match(unit.text):
        return True
    if not unit.cells or candidate.priced or free_of_charge(unit):
        return False
    return bool(_IN_BACKTICKS.fullmatch(unit.text[: unit.cells[0].end - unit.start]))


def _is_code(unit: Unit, words: str) -> bool:
    """Names of functions between backticks are not yet a program; a line of little else is."""
    prose = _IN_BACKTICKS.sub(" ", unit.text)
    if len(_WORD.findall(prose)) >= SHORTEST:
        return bool(pattern("code").search(tidy(prose)))
    return bool(pattern("code").search(words))


def _is_example(unit: Unit) -> bool:
    """What a reader may type or ask, in quotation marks below "Try it" or "Ask your assistant"."""
    quoted = unit.flat.strip(" *_>").startswith('"')
    return quoted and any(_TRY.search(heading) for heading in unit.headings[:2])


_CHANGES = re.compile(
    r"(?:change ?log|release (?:notes|information|history)|what's (?:new|changed))\b", re.I
)
_TRY = re.compile(r"\b(?:try|ask|examples?|prompts?|queries)\b", re.I)


def _mere_link(unit: Unit) -> bool:
    """ "[Buy a licence](https://...)" leads away and says nothing."""
    shown = unit.text.strip(" -*+•>·|.")
    if unit.kind == "bullet" and unit.words >= TELLING_LINK and of_features(unit):
        return False  # a list of features, each with the place where it is told
    cut = shown.startswith("[") and "]" not in shown  # its target is no part of the unit
    return cut or bool(_LABELLED_LINK.fullmatch(shown) or _ONLY_LINKS.fullmatch(shown))


_LABELLED_LINK = re.compile(r"[\w ,'*-]{2,40}:[\s*]*\[[^\]\n]*(?:\](?:\([^)\n]*\)?)?)?\W*")
_COMMAND = re.compile(
    r"\W{0,4}`[^`\n]*[ (=][^`\n]*`\W{0,3}\s*[,:\u2013\u2014-]|\W{0,4}`\w+`\s\([^)\n]*\)\s*[:-]"
)
"""A bullet that says what a command or a field is: "`make build`, a slow binary"."""
_TO_BE_TYPED = re.compile(r"(?![A-Z]\w+s\b)[A-Z][a-z]+ (?:\w+ ){0,3}`[^`\n]*[(=][^`\n]*`")
"""Collect with `collect(engine="streaming")`: an order, where "Supports" and "Reads" tell."""
_IN_BACKTICKS = re.compile(r"`[^`\n]{1,80}`|\b[\w.]+\(\)")
_BARE_ADDRESS = re.compile(r"\W*(?:https?://\S*|)\W*")
# Atomic: a line of thirty badges that ends in words has one way to be read, not two to the thirtieth.
_ONLY_LINKS = re.compile(
    r"(?>!?\[(?>[^\[\]\n]|\[[^\]\n]*\](?:\([^)\n]*\))?)*\]\([^)\n]*\)[\s·|,*_-]*)+"
)


def _readable(words: str) -> bool:
    """Has words, mostly in Latin letters: the scorer knows no other script; a telephone number has none."""
    letters = [character for character in words if character.isalpha()]
    if len(letters) < 3 and not _PRICE.search(words):
        return False
    if len(letters) < 0.4 * len(words.replace(" ", "")) and not any(c.isdigit() for c in words):
        return False
    latin = sum("LATIN" in unicodedata.name(letter, "") for letter in letters[:80])
    return latin >= 0.6 * len(letters[:80])


def _empty_row(candidate: Candidate, words: str) -> bool:
    """Navigation bars and feature matrices; a row with a price or a count is neither."""
    if candidate.priced:
        return False
    cells = candidate.unit.cells
    if _TICK.search(words) or all(_BARE_ADDRESS.fullmatch(cell.text) for cell in cells[1:]):
        return True
    if len(cells) >= 3 and all(len(cell.text.split()) <= 3 for cell in cells):
        return not candidate.quantities
    return len(_WORD.findall(words)) < (1 if candidate.quantities else 5)


def empty_heading(unit: Unit) -> bool:
    """A heading that names what follows and says nothing itself."""
    words = tidy(unit.text)
    asks = words.endswith("?") or bool(_ASKING.match(words))
    return len(words.split()) < SHORTEST or asks or _introduces(unit)


_ASKING = re.compile(r"(?:what|how|why|when|where|which)\b", re.I)


def _too_short(candidate: Candidate, words: str) -> bool:
    if not candidate.quantities:
        # "No handwritten bills" is short and says something, an address too
        spared = (
            words.lower().startswith("no ")
            or bool(_ADDRESS.search(words))
            or bool(_DEMAND.match(candidate.unit.flat.lstrip(" -*`'")))
        )
        listed = candidate.unit.kind == "bullet" and of_features(candidate.unit)
        sentence = bool(_SHORT_SENTENCE.fullmatch(candidate.unit.flat.strip(" *_")))
        fewest = SHORTEST - 2 * (spared or listed or sentence)
        return len(words.split()) < fewest or _introduces(candidate.unit)
    if len(words.split()) >= SHORTEST - 1:
        return False
    headed = any(PRICE_SECTION.search(heading) for heading in candidate.unit.headings[:2])
    return not (headed or candidate.priced or _TELLING_SCRAP.match(words))


# "Requires Python 3.10+.", "boto3 >= 1.34": what must be there first.
_DEMAND = re.compile(
    r"(?:(?:requires?|needs?) )?[A-Z][\w. -]{1,24} ?(?:\d[\d.]*(?:\+| (?:or|and) \w+)|[<>=~^≥]+ ?\d)",
    re.I,
)
_SHORT_SENTENCE = re.compile(r"[A-Z\d][\w ,'+-]+[^\W_]\.")


def _introduces(unit: Unit) -> bool:
    """ "Based on real data:" introduces what follows; a whole sentence says something itself."""
    words = tidy(unit.text)
    return unit.flat.rstrip(" *_").endswith(":") and not _STATES.match(words)


_STATES = re.compile(
    r"(?!(?:here|these|the following|there|below|it|they|you|we|if|to|for|once|after|when|use|add|as)\b)"
    r"[\w' -]{2,40} (?:is|are) (?!(?:as )?follow)(?:[\w'-]+ ){3,}",
    re.I,
)


def _mere_question(unit: Unit, words: str) -> bool:
    """A question is a statement only when a customer is quoted asking it, or it names the buyer's trouble."""
    if not words.endswith("?"):
        return False
    return quotes.quotation(unit.text) is None and not pattern("pain_question").match(words)
