"""Figures as the claim check reads them: value, kind, currency, noun and period of each number.

The same reader runs over the text under check and over the founder's sentences, so the two sides agree
even where a reading is odd. It trusts no earlier extraction.
"""

import functools
import re
from dataclasses import dataclass

from backend.skills import wording
from backend.skills.composers.language import NUMBER_WORDS

_MULTIPLIERS = {
    "k": 1e3,
    "thousand": 1e3,
    "l": 1e5,
    "lakh": 1e5,
    "lakhs": 1e5,
    "lac": 1e5,
    "lacs": 1e5,
    "m": 1e6,
    "mn": 1e6,
    "million": 1e6,
    "cr": 1e7,
    "crore": 1e7,
    "crores": 1e7,
    "bn": 1e9,
    "billion": 1e9,
}
_CURRENCIES = {"₹": "INR", "rs": "INR", "inr": "INR", "rupees": "INR", "rupee": "INR", "/-": "INR"}
_CURRENCIES |= {"$": "USD", "us$": "USD", "usd": "USD", "€": "EUR", "eur": "EUR", "£": "GBP"}
_CURRENCIES |= {"gbp": "GBP", "dollars": "USD", "euros": "EUR", "pounds": "GBP"}

_NUMBER = r"\d+(?:[,  ]\d{2,3})*(?:\.\d+)?|\.\d+"
_SCALE = r"thousand|lakhs?|lacs?|million|mn|crores?|cr|billion|bn|[kKmML](?![A-Za-z])"
_WORDS = "|".join(sorted(NUMBER_WORDS, key=len, reverse=True))
_FIGURE = re.compile(
    rf"""(?<![\w.])
    (?P<before>US\$|₹|Rs\.?|INR|USD|EUR|GBP|[$€£])?\s?
    (?P<number>{_NUMBER})
    (?P<scale>\s?(?:{_SCALE})\b)?
    (?P<after>\s?(?:/-|%|per\s?cent\b|percent\b|INR\b|USD\b|EUR\b|GBP\b|[₹$€£]
        |rs\b|rupees?\b|dollars\b|euros\b|pounds\b))?
    (?P<ordinal>st\b|nd\b|rd\b|th\b)?
    |(?<![\w-])(?P<word>(?:{_WORDS})(?:[ -](?:{_WORDS}))*)\b(?!-)
    (?:\s(?P<wordscale>thousand|lakh|million|crore))?
    (?P<wordpct>\s(?:per\s?cent|percent)\b)?""",
    re.I | re.X,
)
_NOUN = re.compile(r"[\s-]?(?:\+\s?)?(?P<noun>[A-Za-z]+)")
_PER = re.compile(r"\s?(?P<lead>/|\bper\b|\beach\b|\bevery\b|\ban?\b)\s?(?P<word>[A-Za-z]+)", re.I)
MOST_PERIODS = 2
_TIMES = frozenset(
    {"minute", "hour", "day", "night", "week", "month", "quarter", "year", "seat", "user"}
)
_PERIOD_NAMES = {"mo": "month", "yr": "year", "annum": "year", "hr": "hour", "min": "minute"}
_NOUN_NAMES = {"hr": "hour", "min": "minute", "sec": "second", "yr": "year", "mo": "month"}
_NOUN_NAMES |= {"x": "time", "litre": "liter", "metre": "meter"}


@dataclass(frozen=True, slots=True)
class Figure:
    start: int
    end: int
    text: str
    value: float
    kind: str
    """`money`, `percent` or `plain`."""
    currency: str = ""
    noun: str = ""
    """The word right after the number, singular and small; empty when there is none."""
    periods: tuple[str, ...] = ()
    """What a price or rate is per: ("truck", "month")."""
    spelled: bool = False
    """Written in words: "ten"."""


@functools.lru_cache(maxsize=4_000)  # a sentence is read when it is written, judged and traced
def figures(text: str) -> tuple[Figure, ...]:
    """Every number of `text`, written in digits or words, in order. "one" counts, articles do not."""
    return tuple(_figure(text, match) for match in _FIGURE.finditer(text))


def _figure(text: str, match: re.Match[str]) -> Figure:
    if match["word"]:
        value = _spelled(match["word"]) * _scale(match["wordscale"])
        kind, currency = ("percent" if match["wordpct"] else "plain"), ""
    else:
        number = re.sub(r"[,  ]", "", match["number"])
        value = float(number) * _scale(match["scale"])
        kind, currency = _kind(match)
    rest = text[match.end() :]
    periods = _periods(rest)
    return Figure(
        start=match.start(),
        end=match.end(),
        text=match.group(0).strip(),
        value=value,
        kind=kind,
        currency=currency,
        noun="" if kind == "percent" or periods else _noun(rest),
        periods=periods,
        spelled=bool(match["word"]),
    )


def _kind(match: re.Match[str]) -> tuple[str, str]:
    after = (match["after"] or "").strip().lower()
    if after.startswith(("%", "per")):
        return "percent", ""
    sign = (match["before"] or after).strip().lower().rstrip(".")
    currency = _CURRENCIES.get(sign, "")
    return ("money" if currency else "plain"), currency


def _scale(text: str | None) -> float:
    return _MULTIPLIERS.get((text or "").strip().lower(), 1.0)


def _spelled(words: str) -> float:
    total = 0
    for word in re.split(r"[ -]", words.lower()):
        value = NUMBER_WORDS[word]
        total = max(total, 1) * value if value == 100 else total + value
    return float(total)


def _noun(rest: str) -> str:
    found = _NOUN.match(rest)
    return singular(found["noun"].lower()) if found else ""


def _periods(rest: str) -> tuple[str, ...]:
    """ "per truck per month", "/user/month", "a year"; an article counts before a word for time alone."""
    found: list[str] = []
    at = 0
    while len(found) < MOST_PERIODS and (match := _PER.match(rest, at)):
        word = match["word"].lower()
        name = _PERIOD_NAMES.get(word, singular(word))
        if match["lead"].lower() in ("a", "an") and name not in _TIMES:
            break
        found.append(name)
        at = match.end()
    return tuple(found)


def singular(noun: str) -> str:
    """`trucks` -> "truck", `hrs` -> "hour"; for comparing units, not for print."""
    noun = re.sub(r"(?<=[^s])s$", "", noun) if len(noun) > 3 else noun
    return _NOUN_NAMES.get(noun, noun)


def same_quantity(said: Figure, known: Figure) -> bool:
    """Whether `said` repeats `known`: value, kind, currency, and the measure where either names one."""
    if abs(said.value - known.value) > 1e-6 * max(1.0, abs(known.value)):
        return False
    if said.kind != known.kind and not (said.kind == "plain" and known.kind == "money"):
        return False
    if said.currency and known.currency and said.currency != known.currency:
        return False
    if said.periods and known.periods and not set(said.periods) & set(known.periods):
        return False
    measured = {said.noun, known.noun} & wording.listed("measures")
    return not measured or said.noun == known.noun
