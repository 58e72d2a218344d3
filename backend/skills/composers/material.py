"""The material of a plan: one asset is a founder's sentence, or an offer said as name and price."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from backend.domain.facts import Fact
from backend.skills.composers.language import shorten, stands_alone, tidy

QUOTE_LIMIT = 170
SHORT_LIMIT = 46


@dataclass(frozen=True, slots=True)
class Asset:
    kind: str
    fact: Fact
    fields: Mapping[str, str]
    """What a template may ask for: quote, short, name, price ..."""
    value: float = 0.0
    """The price of an offer, for cheapest and dearest."""
    other: Fact | None = None
    """The second fact of a conflict."""

    @property
    def meaning(self) -> str:
        """What relevance is measured on; the heading says what a row of a price list is about."""
        said = self.fields.get("quote") or self.fields.get("line") or self.fields.get("name", "")
        section = self.fields.get("section") or ""
        told = section.lower() in said.lower() or _COLUMNS.search(section)
        return said if told else f"{section}: {said}"

    @property
    def facts(self) -> list[Fact]:
        return [self.fact, *([self.other] if self.other else [])]


Assets = dict[str, list[Asset]]

_COLUMNS = re.compile(r"\b(?:fees?|prices?|rates?|amount|cost|duration|qty|quantity)\b.*\S", re.I)
"""Titles of columns, where they were taken for a heading."""
_ROW = re.compile(r"\||\t|\.{4,}|\S {3,}\S")
# Addresses, code, cut-off text and notes about the document itself do not stand in quotation marks.
_JUNK = re.compile(
    r"https?://|www\.|@\w+\.|[{}<>]|::|==|\$\(|\\|\w\(\)|…|\.\.\.|\"|“|”|"
    r"\b(?:see|listed|shown) (?:above|below)\b|\b(?:last )?updated\b|\btable of contents\b|"
    r"^(?:note|todo|example)s?\b|\bAI (?:assistants|agents)\b|\bmachine-readable\b",
    re.I,
)
_LETTER = re.compile(r"[^\W\d_]")
_VERBLESS_TITLE = 0.7
"""Share of capitalised words from which a line without a verb is a heading."""
_VERBS = re.compile(
    r"\b(?:is|are|was|were|has|have|can|will|do|does|made|built|based|[a-z]{3,}(?:s|ed|ing)|get|help|make|sell|"
    r"work|need|see|use|give|keep|buy|save|no|not|you|we)\b"
)


def is_row(fact: Fact) -> bool:
    """A table row or a dotted price line: a record, not a sentence."""
    return bool(_ROW.search(fact.quote))


def quoted(text: str) -> dict[str, str] | None:
    """`quote` and, where a safe cut exists, `short`; None for what would read badly in quotation marks."""
    if _opens_a_list(text):
        return None
    text = tidy(text)
    if _JUNK.search(text) or not _LETTER.search(text) or _is_title(text):
        return None
    quote = shorten(text, QUOTE_LIMIT)
    if quote is None or not stands_alone(quote):
        return None
    short = shorten(quote, SHORT_LIMIT)
    return {"quote": quote, "short": short} if short else {"quote": quote}


_LIST_OPENING = re.compile(
    r"^(?:this|these|here|it|they|below)\b|\b(?:following|includ\w+|such as|benefits|are|features)\W*$",
    re.I,
)


def _opens_a_list(text: str) -> bool:
    end = text.rstrip()[-1:]
    return end in ",(-" or (end == ":" and bool(_LIST_OPENING.search(tidy(text))))


def is_whole(fact: Fact, text: str) -> bool:
    """Whether a fact is a whole stretch of its evidence, not a sentence broken at a mark or a link."""
    before, after = text[: fact.start].rstrip(" \t")[-1:], text[fact.end :].lstrip(" \t")[:1]
    broken_off = after.islower() or after in ("<", "[", "`")
    begun_inside = fact.quote[:1].islower() and (
        before.isalnum() or before in (">", "]", "`", ")", ",")
    )
    closed = fact.quote.rstrip()[-1:] in ".!?:;"
    return (closed or not broken_off) and not begun_inside


def _is_title(text: str) -> bool:
    words = [word for word in text.split() if word[0].isalpha()]
    capitals = sum(word[0].isupper() for word in words)
    return bool(words) and capitals >= _VERBLESS_TITLE * len(words) and not _VERBS.search(text)


_POINTS_BACK = re.compile(
    r"^(?:this|these|those|it|its|they|their|such|other|another|both|also|however|here|similar|several|sometimes|"
    r"additionally|moreover|then|there|in (?:some|this|that|these|most)|he|she|that|which)\b",
    re.I,
)
_ASKS_THE_READER = re.compile(
    r"^(?:please|contact|click|call|visit|sign up|read|see|learn|check|download|subscribe|get in touch)\b",
    re.I,
)
ABOUT_BUYERS = frozenset({"trigger", "pain", "entry"})
"""Kinds in which "they" are the buyers; elsewhere a sentence that points back has lost what it points to."""


def sentence(kind: str, fact: Fact, **more: str) -> list[Asset]:
    """The whole fact as one asset, when it can be quoted."""
    fields = None if is_row(fact) else quoted(fact.quote)
    if fields is None:
        return []
    unclear = _POINTS_BACK.match(fields["quote"]) or _ASKS_THE_READER.match(fields["quote"])
    if unclear and kind not in ABOUT_BUYERS:
        return []
    return [Asset(kind, fact, {**fields, **more})]
