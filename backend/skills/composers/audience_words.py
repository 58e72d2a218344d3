"""Where a sentence names buyers: noun phrases for people and organisations after the words that lead to them.

"Payroll for restaurants that pay daily" names restaurants; "our support team" names nobody who buys.
"""

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from backend.domain.facts import Fact
from backend.skills.composers import language
from backend.skills.composers.layout import LABEL, flatten
from backend.skills.composers.lexicon import alternatives, pattern, words

LONGEST_PHRASE = 60
LONGEST_CLAUSE = 110
LONGEST_MODIFIERS = 5
WEIGHTS = {"positioning": 3.0, "target_audience": 3.0, "pricing": 2.0, "proof_points": 1.5}
OTHER_WEIGHT = 1.0
HEADING_WEIGHT = 2.0


@dataclass(frozen=True, slots=True)
class Mention:
    """One naming of buyers. `clause` is the phrase with what follows: "owners with 10 to 80 trucks"."""

    phrase: str
    clause: str
    noun: str
    """Singular, lower case."""
    fact: Fact
    weight: float

    @property
    def wide(self) -> bool:
        """A word like "people" or "customers" that nothing narrows."""
        bare = len(self.phrase.split()) == 1 and self.clause == self.phrase
        return bare and self.noun in words("wide_nouns")


def mentions(fact: Fact) -> Iterator[Mention]:
    """Buyers named by a fact, in order."""
    flat = flatten(fact.quote)
    yield from _found(fact, flat, _starts(fact, flat))


def in_heading(fact: Fact) -> Iterator[Mention]:
    """Buyers named by the heading a fact stands under: "Prices for schools"."""
    starts = [lead.end() for lead in _LEADS.finditer(fact.section)]
    yield from (
        replace(found, weight=HEADING_WEIGHT) for found in _found(fact, fact.section, starts)
    )


def _found(fact: Fact, flat: str, starts: list[int]) -> Iterator[Mention]:
    seen: set[int] = set()
    for start in starts:
        end = _PHRASE_END.search(flat, start)
        for a, b in _phrases(flat, start, end.start() if end else len(flat)):
            if b not in seen and not _measured(fact, flat, a):
                seen.add(b)
                yield _mention(fact, flat, a, b)


# ---------------------------------------------------------------- nouns


@functools.lru_cache(maxsize=1)
def _nouns() -> dict[str, str]:
    """Every form of every noun for buyers, lower case, with its singular."""
    singular = [noun.replace("_", " ") for noun in words("people") | words("organisations")]
    irregular = {"men": "man", "women": "woman", "children": "child", "wives": "wife"}
    return {noun: noun for noun in singular} | {plural(noun): noun for noun in singular} | irregular


def plural(phrase: str) -> str:
    """Plural by the last word; a phrase that is plural already stays."""
    last = phrase.rsplit(" ", 1)[-1].lower()
    if last.endswith("ss"):
        return f"{phrase}es"
    return {"person": "people", "child": "children"}.get(last) or language.plural(phrase)


@functools.lru_cache(maxsize=1)
def _noun_pattern() -> re.Pattern[str]:
    forms = sorted(_nouns(), key=len, reverse=True)
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, forms))})\b(?!['’]|-\w)", re.I)


# ---------------------------------------------------------------- where to look

_LEADS = re.compile(rf"\b{alternatives('audience_leads')}[*_]{{0,2}}\s+", re.I)
_PHRASE_END = re.compile(rf"[.;:()!?\[\]\"]|\s-+\s|\b{alternatives('audience_ends')}\b", re.I)
_NEGATED = re.compile(
    r"\b(?:not|no|never|n't|isn't|aren't|unlike|rather than|instead of)\W+(?:\w+\W+){0,3}$", re.I
)
_COUNTED = re.compile(r"\b\d[\d,]*\+?\s+(?=[A-Za-z])")
_SENTENCE_START = re.compile(r"[.;]\s+")
_BUYING = "|".join(sorted(words("buying_verbs")))
_BOUGHT = re.compile(rf"\s(?:{_BUYING})\s", re.I)
_SUBJECT = re.compile(rf"(?:^|[.;]\s)[\s*•-]*(?=[^.;:]{{3,90}}?[a-z]\s(?:{_BUYING})\s)", re.I)


def _starts(fact: Fact, flat: str) -> list[int]:
    """Where a phrase for buyers may begin: after its lead; in talk of buyers also at each sentence."""
    starts = [lead.end() for lead in _LEADS.finditer(flat) if _leads_to_buyers(flat, lead.start())]
    starts += [match.end() for match in _SUBJECT.finditer(flat)]
    if fact.category == "target_audience":
        label = LABEL.match(flat)
        starts.append(label.end() if label else len(flat) - len(flat.lstrip(" -*•")))
        starts += [match.end() for match in _SENTENCE_START.finditer(flat)]
    if fact.category == "proof_points":
        starts += [match.end() for match in _COUNTED.finditer(flat)]
    return [start for start in starts if not _inside_quotation(flat, start)]


_CLAUSE = re.compile(r"\b(?:for|help\w*|to)\b[^.;:]{2,60}\b(?:who|that|which)\b[^.;:]*$", re.I)


def _leads_to_buyers(flat: str, at: int) -> bool:
    """Not "not for shops", and not the second one of "for accountants who file for shops"."""
    return not _NEGATED.search(flat[:at]) and not _CLAUSE.search(flat[:at])


def _inside_quotation(flat: str, at: int) -> bool:
    """Whom a customer talks of ("my drivers") is not who buys."""
    return flat.count('"', 0, at) % 2 == 1


# ---------------------------------------------------------------- the phrase

_SEPARATOR = re.compile(r"\s*(?:,|/|\band\b|\bor\b|&)\s*", re.I)
_LEADING_MARKS = re.compile(r"(?:[\s,/&+\"'*_-]|\b(?:and|or|to)\b)+", re.I)
_LIST_WORDS = frozenset({"and", "or", "to"})
_OWN_SIDE = re.compile(
    r"\b(?:our|your|their|the|my|support|sales|dedicated|expert|founding|certified)\s+$", re.I
)
_NUMBER_BEFORE = re.compile(
    r"[\d.,]+[\s-]*(?:hours?|days?|minutes?|weeks?|months?|years?|km|x)?[\s-]*$", re.I
)


def _phrases(flat: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Spans of the noun phrases for buyers between two offsets; the last noun of a run counts."""
    at = start
    for noun in _noun_pattern().finditer(flat, start, end):
        if _goes_on(noun.group(), flat[noun.end() : end]):
            continue  # "restaurant owners" are owners, "customer service" is nobody
        begin = _first_word(flat, at, noun.start())
        own_side = begin != start and _OWN_SIDE.search(flat[max(0, begin - 12) : begin])
        if noun.end() - begin <= LONGEST_PHRASE and not own_side:
            yield begin, noun.end()
        at = noun.end()


def _goes_on(noun: str, rest: str) -> bool:
    """Whether the word after a noun makes it part of a longer name; "companies building ..." it does not."""
    following = re.match(r"\s([A-Za-z][\w'-]*)", rest)
    if following is None:
        return False
    word = following.group(1).lower()
    many = noun.lower() not in words("people") | words("organisations")
    acts = word.endswith("ed") or (many and (word.endswith("ing") or word in words("buying_verbs")))
    return word not in words("not_modifiers") and not acts


def _first_word(flat: str, at: int, noun: int) -> int:
    """Where the phrase begins: after the last little word, number or list mark before the noun.

    Kinds of one noun stay together: "fertiliser, seed and cement packers", "small to medium businesses".
    """
    begin = at
    for word in re.finditer(r"[\w'’-]+", flat[at:noun]):
        token = word.group().lower()
        little = token in words("not_modifiers") and token not in _LIST_WORDS
        if little or token in words("empty_adjectives") or token[0].isdigit():
            begin = at + word.end()
    marks = _LEADING_MARKS.match(flat[begin:noun])
    begin += marks.end() if marks else 0
    pieces = list(_SEPARATOR.finditer(flat, begin, noun))
    crowded = len(flat[begin:noun].split()) > LONGEST_MODIFIERS
    if pieces and (crowded or pieces[-1].end() == noun):
        begin = pieces[-1].end()
    return begin if len(flat[begin:noun].split()) <= LONGEST_MODIFIERS else noun


def _measured(fact: Fact, flat: str, start: int) -> bool:
    """ "a 1 hour workshop" is a thing sold; "46 seed companies" in a proof are buyers."""
    return fact.category != "proof_points" and bool(
        _NUMBER_BEFORE.search(flat[max(0, start - 16) : start])
    )


# ---------------------------------------------------------------- the mention

_CLAUSE_END = re.compile(
    r"(?<!\bRs)\.(?!\d)|[;!?()]|\s-\s|, (?:and|so|but|because|which|we|it|roasted|without)\b"
)
_RELATIVE = re.compile(r"\s*,?\s*(?:who|that|with|aged|between|from|in|of|[a-z]{3,}ing)\b", re.I)


def _mention(fact: Fact, flat: str, start: int, end: int) -> Mention:
    phrase = _clean(flat[start:end])
    noun = list(_noun_pattern().finditer(phrase))[-1].group().lower()
    weight = WEIGHTS.get(fact.category, OTHER_WEIGHT) * fact.confidence
    if fact.category == "proof_points" and noun in words("own_team"):
        weight = 0.0
    return Mention(phrase, _clause(flat, start, end), _nouns()[noun], fact, weight)


def _clause(flat: str, start: int, end: int) -> str:
    """The phrase with its "who ..." or "with ..." when that is short enough to stand as a line."""
    phrase = _clean(flat[start:end])
    if not _RELATIVE.match(flat[end:]):
        return phrase
    helping = re.search(r"\bhelp", flat[:start], re.I)
    stops = [
        _CLAUSE_END.search(flat, end),
        _BOUGHT.search(flat, end),
        pattern("helped_to").search(flat, end) if helping else None,
    ]
    stop = min((found.start() for found in stops if found), default=len(flat))
    clause = _clean(flat[start:stop])
    return clause if len(clause) <= LONGEST_CLAUSE else phrase


def _clean(text: str) -> str:
    return " ".join(re.sub(r"[*_`\"]", "", text).split()).strip(" ,;:-")
