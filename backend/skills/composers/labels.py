"""What a price is the price of, in the words before it, after it, in its row, in the heading above."""

import re

from backend.skills.composers import number_grammar as grammar
from backend.skills.composers.layout import LABEL
from backend.skills.composers.lexicon import words
from backend.skills.composers.text import Unit

PRICE_COLUMN = re.compile(
    r"\b(?:price|rate|mrp|cost|fees?|amount|charges?|rs|inr|usd|monthly|yearly|annual(?:ly)?|total|retail"
    r"|wholesale|dealer|msrp)\b|[₹$€£]|^(?:per\b|/)",
    re.I,
)
"""A column of prices, by its title."""
PRICE_ROW = re.compile(r"\b(?:price|rate|cost|fees?|charges?|amount)\b|^(?:\w+ )?billing$", re.I)
"""A row of prices whose columns are the plans, by its first cell."""

LONGEST_LABEL = 60
MOST_WORDS = 8
MOST_CLAUSE_WORDS = 3
"""A longer clause is a description: "Web pages: fast, stunning pages from ₹999" sells web pages."""
MOST_TAIL_WORDS = 6

_PRICE_WORD = re.compile(
    r"(?:\W*\b(?:price|cost|rate|fee|mrp|amount|charge|total|pricing)s?\b\W*)+", re.I
)
_NO_WORDS = re.compile(r"[\s\d,.%₹$€£/()+-]*")
_DRESS = re.compile(r"^[^\w(\"']+|[\s*_`:#-]+$")
# A saving, or the sum from which something applies ("free above ₹599"): not what a thing costs.
_NO_PRICE = re.compile(
    r"\b(?:save|saves|saving|worth|discount of|over|above|below|under|up to|exceeding|more than|less"
    r" than)\s*$",
    re.I,
)


def of_row(unit: Unit, column: int, title: str, start: int) -> str:
    """First cell of the row; the column title where rows are features and columns are plans.

    "Tea | Regular: 2.99 / Large: 3.99" gives "Tea, Regular". `start` is the number's offset in the unit.
    """
    if column == 0 and len(unit.cells) > 1:
        return ""  # "Up to Rs. 1,000 | Rs. 7.99": the first sum is the case, not the price
    if column > 1 and unit.cells[column - 1].text.endswith(":"):
        return bare(unit.cells[column - 1].text)  # "Outlets:  12    Staff:  80"
    first = next((cell.text for cell in unit.cells if not _NO_WORDS.fullmatch(cell.text)), "")
    if title and PRICE_ROW.search(first) and not PRICE_COLUMN.search(title):
        return title
    name = "" if _PRICE_WORD.fullmatch(first) else bare(first)
    size = _SIZE_BEFORE.search(unit.flat[unit.cells[column].start - unit.start : start])
    return f"{name}, {size.group(1)}" if size else name


_SIZE_BEFORE = re.compile(r"(?:^|[/;,])\s*([A-Za-z][\w ]{0,15}):\s*$")


def of_price(unit: Unit, start: int, end: int) -> str:
    """The nearest words that name something; "" for what is no price, and where nothing is named."""
    if _NO_PRICE.search(unit.flat[:start]):
        return ""
    return _before(unit, start) or _after(unit, end)


def bare(text: str) -> str:
    """Without bullets, hashes, emphasis and emoji around it."""
    return " ".join(_DRESS.sub("", re.sub(r"\*\*|__|`", "", text)).split())


# ---------------------------------------------------------------- before the price

_CLAUSE_END = re.compile(
    r"(?<!\d),|,(?!\d)|[;:|(]|(?<!\d)\.|\band\b|\bor\b|\bthen\b|\bplus\b|\s-\s"
)
_TAIL_WORDS = (
    "is|are|was|costs?|priced|starts?|starting|begins|at|from|for|only|just|now|upto|up|to|of|a|an|the|in|above|over"
    "|below|under|per|price|mrp|rate|fees?|charges?|pay|worth|about|approx|around|ranging|save|otherwise|you|we"
)
_TAIL = re.compile(rf"(?:\b(?:{_TAIL_WORDS})\b|[\s*:=@-])+$", re.I)
_HEAD = re.compile(
    r"^(?:\b(?:the|our|a|an|for|get|all|with|one|only|is|at|to|of|in|by)\b|[\W_])+", re.I
)
_VERB = re.compile(
    r"\b(?:is|are|was|costs?|starts?|gets?|has|have|will|can|you|we|it|they|pays?|exclude|include)\b",
    re.I,
)


def _before(unit: Unit, start: int) -> str:
    flat = re.sub(r"\([^)]*\)", " ", unit.flat[:start])
    title = _title(flat)
    for clause in reversed(_CLAUSE_END.split(flat)):
        subject = _subject(clause)
        if not subject or subject == title or (title and grammar.PRICED.search(clause)):
            continue
        return title if title and len(subject.split()) > MOST_CLAUSE_WORDS else subject
    return title


def _title(flat: str) -> str:
    """The name before the colon of "Launch offer: ₹1,599 for ..."."""
    found = LABEL.match(flat)
    return bare(found.group(1)) if found and not _PRICE_WORD.fullmatch(found.group(1)) else ""


_BUYERS = re.compile(
    rf"^[\w' -]*[^\Ws]s (?:{'|'.join(sorted(words('buying_verbs')))}) (?=\w)", re.I
)


def _subject(clause: str) -> str:
    """What a clause is about: before its verb, or behind "offices order"; "" when it names nothing."""
    named = _BUYERS.sub("", _HEAD.sub("", _TAIL.sub("", clause)).strip())
    subject = bare(_VERB.split(named)[0].strip(" \"'"))
    nothing = len(subject) <= 2 or _NO_WORDS.fullmatch(subject) or len(subject.split()) > MOST_WORDS
    return "" if nothing else subject[-LONGEST_LABEL:]


# ---------------------------------------------------------------- after it, above it

_WHAT_FOR = re.compile(
    r"\s*(?:for\s+)?(?:an? |the )?([A-Za-z\d](?:[^,.;:()|·]|(?<=\d)\.(?=\d)){2,60}?)\s*(?:$|[,.;:()|*]|\s-\s)"
)


def _after(unit: Unit, end: int) -> str:
    """ "£20 for two dogs" under "Walking" is "Walking, two dogs"."""
    above = _thing_above(unit)
    found = None if grammar.PERIOD.match(unit.flat[end:]) else _WHAT_FOR.match(unit.flat[end:])
    tail = bare(found.group(1)) if found else ""
    if not tail or len(tail.split()) > MOST_TAIL_WORDS:
        return above
    return f"{above}, {tail}" if above else tail


def _thing_above(unit: Unit) -> str:
    """The nearest heading that names more than the price itself: "Price: $225" under "First session"."""
    title = next((bare(title) for title in unit.headings if not _PRICE_WORD.fullmatch(title)), "")
    return asked_price(title) or title


def asked_price(question: str) -> str:
    """What a question asks the price of: "How much is a veg thali?"; "" when it asks something else."""
    found = _ASKED_PRICE.search(question)
    return bare(next(filter(None, found.groups()))) if found else ""


_ASKED_PRICE = re.compile(
    r"\b(?:how much|what) (?:does|do|would|will) (?:an? |the |your |one )?([\w' -]{2,40}?) costs?\s*\?"
    r"|\bhow much (?:is|are|for) (?:an? |the |your |one )?([\w' -]{2,40}?)\s*\?"
    r"|\b(?:price|cost|rate|fees?|charges?) (?:of|for) (?:an? |the |your |one )?([\w' -]{2,40}?)\s*\?",
    re.I,
)
