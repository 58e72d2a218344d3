"""What documents say of a business, by attribute: founded, refund window, opening hours, founder, cities ...

An attribute is found by its cue, its value by type; a value belongs to the cue nearest to it in its clause.
Compared is by key: attribute, qualifiers (plan, town, year, weekday) and what the words before the value
name.
"""

import functools
import itertools
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from backend.domain.facts import Evidence, Fact
from backend.skills.composers import places, typed_values, values
from backend.skills.composers.layout import flatten
from backend.skills.composers.lexicon import DATA, pattern
from backend.skills.composers.text import Unit
from backend.skills.composers.values import Value

FARTHEST = 60
"""Characters between a cue and its value."""
BORDER = 15
"""What a comma, a bracket or an "and" between them adds."""
BEFORE = 5
"""What a value before its cue adds."""
NEXT = 3
"""Characters between "we serve" or "based in" and the places."""
MOST_OF_A_KEY = 40
"""More statements of one key are a list; pairs grow with the square."""
FARTHEST_ANSWER = 25
"""Characters into an answer at which its value stands."""
ASKED = 10
"""What a cue in the question adds to them."""
FAR_APART = 200
"""Characters from which two statements of one document are no neighbours in a list."""


@dataclass(frozen=True, slots=True)
class Reading:
    """`text` stands in the fact's quote as it is."""

    fact: Fact
    attribute: str
    subject: str
    whole: bool
    value: Value
    text: str
    qualifiers: frozenset[str]
    about: frozenset[str]
    """Words before the value that name something of its own."""


@dataclass(frozen=True, slots=True)
class _Attribute:
    name: str
    subject: str
    kind: str
    cue: re.Pattern[str]
    whole: bool
    many: bool
    of: frozenset[str]


@functools.lru_cache(maxsize=1)
def _data() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((DATA / "attributes.yaml").read_text(encoding="utf-8"))
    return loaded


@functools.lru_cache(maxsize=1)
def _attributes() -> tuple[_Attribute, ...]:
    return tuple(
        _Attribute(
            entry["name"],
            entry["subject"],
            entry["kind"],
            re.compile(rf"\b(?:{'|'.join(entry['cues'])})(?!\w)", re.I),
            entry.get("whole", False),
            entry.get("many", False),
            frozenset(entry.get("of", "").split()),
        )
        for entry in _data()["attributes"]
    )


@functools.cache
def listed(name: str) -> frozenset[str]:
    """A list of words of attributes.yaml."""
    return frozenset(_data()[name].split())


@functools.lru_cache(maxsize=1)
def _aliases() -> dict[str, str]:
    return {word: group.split()[0] for group in _data()["same_things"] for word in group.split()}


def same_thing(noun: str) -> str:
    """One name for what is counted under several: "pupils" are students."""
    return _aliases().get(noun, noun)


def own_names(evidence: Iterable[Evidence]) -> frozenset[str]:
    """Words of the titles of documents: the company's own name qualifies nothing. "Enterprise" in one title
    says whom that document is for.
    """
    titles = [
        {w.lower() for w in re.findall(r"[^\W\d_]+", item.text.lstrip().partition("\n")[0][:80])}
        for item in evidence
    ]
    every = frozenset[str]().union(*titles)
    shared = every.intersection(*titles)
    return every - (listed("addressed") - shared) if shared - listed("generic") else every


# ---------------------------------------------------------------- reading

_STRETCH = re.compile(
    r"[;!]\s|(?<=\w\s\w{3}\w)\?\s|(?<!\bDr)(?<!\bMr)(?<!\bMs)(?<!\bMrs)\.\s|\bbut\b"
)
_WORD = re.compile(r"[^\W\d_][\w'-]*")
_PAST = re.compile(r"\b(?:was|were|had|used to|became)\b", re.I)
_CONDITION = re.compile(
    r"\b(?:if|unless(?! (?:otherwise|set|overridden|configured|you (?:set|change|pass|choose|ask)))"
    r"|except|would|could|might|e\.g|example|instead of|rather than)\b",
    re.I,
)


def states(flat: str) -> bool:
    """Whether any attribute may be spoken of, cheaply."""
    return bool(_any_cue().search(flat))


@functools.lru_cache(maxsize=1)
def _any_cue() -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{one.cue.pattern})" for one in _attributes()), re.I)


def read(fact: Fact, own: frozenset[str]) -> Iterator[Reading]:
    """All attributes of a statement; nothing of a question, a condition or a doubt."""
    flat = flatten(fact.quote)
    start = 0
    for end in [*(found.end() for found in _STRETCH.finditer(flat)), len(flat)]:
        stretch = flat[start:end]
        doubtful = _CONDITION.search(stretch) or pattern("hedge").search(stretch)
        headed = of_licence(fact.section) or (start == 0 and asks(fact.section))
        if not doubtful and (states(stretch) or headed):
            yield from _of_stretch(fact, stretch, start, own)
        start = end


def named(unit: Unit) -> bool:
    """The same of a unit, by its words or its heading."""
    return states(unit.flat) or of_licence(unit.section) or asks(unit.section)


def asks(section: str) -> bool:
    """Whether a heading is a question about an attribute: "How long is delivery?"."""
    return section.rstrip().endswith("?") and states(section)


def of_licence(section: str) -> bool:
    """Below this heading the licence stands without a cue."""
    return section.strip().lower() in ("licence", "license")


@dataclass(frozen=True, slots=True)
class _Match:
    """A value with the cue it may belong to; `cue` spans nothing where the heading is the cue."""

    attribute: _Attribute
    cue: tuple[int, int]
    value: Value
    far: float
    asked: str = ""
    """The cue in the question that the statement answers."""


def _of_stretch(fact: Fact, said: str, start: int, own: frozenset[str]) -> Iterator[Reading]:
    """Of each value the nearest cue, then of each attribute the nearest value."""
    of_value: dict[tuple[str, int], _Match] = {}
    for match in _matches(fact, said, start, own):
        key = (match.value.unit, match.value.start)
        if match.far <= FARTHEST and (key not in of_value or match.far < of_value[key].far):
            of_value[key] = match
    of_attribute: dict[tuple[str, int], _Match] = {}
    for match in of_value.values():
        name = (match.attribute.name, match.value.start if match.attribute.many else 0)
        if name not in of_attribute or match.far < of_attribute[name].far:
            of_attribute[name] = match
    for match in of_attribute.values():
        reading = _reading(fact, said, start, match, own)
        if reading.qualifiers or not _one_of_many(match, of_attribute.values()):
            yield reading


def _one_of_many(match: _Match, every: Iterable[_Match]) -> bool:
    """Whether the stretch gives its attribute another value of the unit: each is so in some case."""
    return any(
        other is not match
        and other.attribute is match.attribute
        and other.value.unit == match.value.unit
        for other in every
    )


def _matches(fact: Fact, said: str, start: int, own: frozenset[str]) -> Iterator[_Match]:
    at = fact.start + start
    figures = [q for q in fact.quantities if at <= q.start < at + len(said)]
    for attribute in _attributes():
        cues = [cue.span() for cue in attribute.cue.finditer(said)]
        if not cues and attribute.kind == "licence" and of_licence(fact.section):
            cues = [(0, 0)]
        asked = start == 0 and asks(fact.section) and attribute.cue.search(fact.section)
        for value in typed_values.read(attribute.kind, said, figures, at) if cues or asked else ():
            if _names(value) and _names(value) <= own:
                continue
            for cue in cues:
                if _may_belong(value, cue):
                    yield _Match(attribute, cue, value, _distance(said, cue, value))
            named = value.unit != "places" or places.find(said[value.start : value.end])
            if asked and named and value.start <= FARTHEST_ANSWER:
                yield _Match(attribute, (0, 0), value, ASKED + value.start, asked.group())


def _names(value: Value) -> frozenset[str]:
    return frozenset(word.lower() for name in value.words for word in name.split())


def _may_belong(value: Value, cue: tuple[int, int]) -> bool:
    """Places stand right behind their cue; "Founder Call" is nobody; a licence stands below its heading."""
    gap = value.start - cue[1]
    if value.unit == "places":
        return 0 <= gap <= NEXT
    if value.unit == "person":
        return gap >= 0 or value.end <= cue[0]
    return cue != (0, 0) or value.start <= NEXT


def _distance(said: str, cue: tuple[int, int], value: Value) -> float:
    if cue[0] < value.end and value.start < cue[1]:
        return 0.0
    behind = cue[1] <= value.start
    between = said[cue[1] : value.start] if behind else said[value.end : cue[0]]
    return len(between) + BORDER * len(_BORDER.findall(between)) + BEFORE * (not behind)


_BORDER = re.compile(r",\s|\(|\band\b|\|")


def _reading(fact: Fact, said: str, start: int, match: _Match, own: frozenset[str]) -> Reading:
    attribute, value = match.attribute, match.value
    begin, end = _own_part(said, attribute.kind, value)
    outside = f"{said[begin : value.start]} \0 {said[value.end : end]}"
    cue = said[slice(*match.cue)]
    outside = outside.replace(cue, " ") if cue else outside
    if match.asked:
        outside = f"{fact.section.replace(match.asked, ' ')} {outside}"
    unheard = (
        own | listed("addressed") if attribute.whole else own
    )  # whoever reads it, it began one year
    qualifiers = qualifiers_of(f"{outside} {fact.section}", unheard)
    outside = _EVERYWHERE.sub(" ", outside)
    if attribute.kind not in ("places", "year"):
        qualifiers |= {place.lower() for place in places.find(outside)} - own
    if attribute.kind not in _TIMELESS:
        qualifiers |= times_of(outside)
    before = {
        word.lower()
        for word in _WORD.findall(outside.partition("\0")[0])
        if not qualifiers_of(word, own)
    }
    about = {_stem(word) for word in before - listed("generic") - own - qualifiers} - attribute.of
    text = fact.quote[start + value.start : start + value.end].strip()
    return Reading(
        fact,
        attribute.name,
        attribute.subject,
        attribute.whole,
        value,
        text,
        frozenset(qualifiers),
        frozenset(about),
    )


def _own_part(said: str, kind: str, value: Value) -> tuple[int, int]:
    """Where several values of the type stand, the words up to the next comma or "and" are another's."""
    others = [other for other in typed_values.read(kind, said, (), 0) if other.start != value.start]
    before = max((other.end for other in others if other.end <= value.start), default=None)
    after = min((other.start for other in others if other.start >= value.end), default=None)
    begin, end = 0, len(said)
    if before is not None and (border := _PART_END.search(said, before, value.start)):
        begin = border.end()
    if after is not None and (border := _PART_END.search(said, value.end, after)):
        end = border.start()
    return begin, end


_PART_END = re.compile(r",\s|\band\b")


def qualifiers_of(words: str, own: frozenset[str]) -> frozenset[str]:
    """Which of several things a statement is about: "standard", "monthly"; days by their full name."""
    found = set(re.findall(r"[^\W\d_]+(?:-day)?", words.lower()))
    named = {
        _DAYS.get(word[:3], word) if word.rstrip("s").endswith(_DAY_ENDS) else word
        for word in found & listed("qualifiers")
    }
    per = {_PERIODS[unit.lower()] for unit in _PER.findall(words)}
    versions = {f"version {number}" for number in _NUMBERED.findall(words)}
    return frozenset((named - own) | per | versions)


_EVERYWHERE = re.compile(r"\b(?:anywhere|all over|across|throughout)(?: in)? india\b", re.I)
""" "Anywhere in India" is no part of the market."""
_NUMBERED = re.compile(r"\b(?:version |v)(\d+(?:\.\d+)*)\b", re.I)
_TIMELESS = frozenset({"year", "day", "person"})
"""Kinds whose values hold for good, whatever the tense: "was founded by"."""


def times_of(words: str) -> frozenset[str]:
    """The years a statement is about, and whether it tells of the past."""
    years = set(_YEAR.findall(words))
    return frozenset(years | ({"past"} if _PAST.search(words) else set()))


_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_DAYS = {
    name[:3]: name
    for name in ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
}
_DAY_ENDS = ("day", "mon", "tue", "wed", "thu", "fri", "sat", "sun")
_PERIODS = {"month": "monthly", "year": "yearly", "week": "weekly", "quarter": "quarterly"}
_PER = re.compile(r"(?:\b(?:an?|per|every) |/)(month|year|week|quarter)\b", re.I)


def _stem(word: str) -> str:
    low = word.lower()
    return f"{low[:-3]}y" if low.endswith("ies") else low.rstrip("s")


# ---------------------------------------------------------------- comparing


def contradictions(facts: Sequence[Fact], own: frozenset[str]) -> Iterator[tuple[Reading, Reading]]:
    """Pairs of readings of one key, of which at most one can be right."""
    keyed: Mapping[Any, list[Reading]] = defaultdict(list)
    for fact in facts:
        for reading in read(fact, own):
            keyed[reading.attribute, reading.qualifiers].append(reading)
    for found in keyed.values():
        single = [one for one in found[:MOST_OF_A_KEY] if not _listed(one, found)]
        for one, other in itertools.combinations(single, 2):
            if _comparable(one, other) and values.contradict(one.value, other.value):
                yield one, other


def _listed(one: Reading, found: Sequence[Reading]) -> bool:
    """Whether its own document gives the like of it several values: each is that of another thing."""
    return not one.whole and any(
        other.fact.evidence_id == one.fact.evidence_id
        and other.about == one.about
        and values.contradict(one.value, other.value)
        for other in found[:MOST_OF_A_KEY]
    )


def _comparable(one: Reading, other: Reading) -> bool:
    if one.fact.evidence_id == other.fact.evidence_id and not _far_apart(one, other):
        return False
    if one.whole:
        return True
    if one.about and other.about:
        return one.about <= other.about or other.about <= one.about
    return one.about == other.about


def _far_apart(one: Reading, other: Reading) -> bool:
    apart = abs(one.fact.start - other.fact.start) >= FAR_APART
    return apart and one.whole and one.value.unit not in ("places", "person")


@functools.lru_cache(maxsize=1)
def claims() -> tuple[tuple[str, str, re.Pattern[str], re.Pattern[str]], ...]:
    """Claims with words of their own: name, subject, how it is affirmed, how it is denied."""
    return tuple(
        (
            entry["name"],
            entry["subject"],
            *(re.compile(rf"\b(?:{'|'.join(entry[side])})(?!\w)", re.I) for side in ("yes", "no")),
        )
        for entry in _data()["claims"]
    )
