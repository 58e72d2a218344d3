"""Where documents disagree: attributes, claims, choices, prices and counts, with all that say either side.

Attributes are compared, not sentences. A figure that the text calls superseded, a bound ("up to") and a
doubtful one never conflict.
"""

import itertools
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from backend.domain.facts import Evidence, Fact, Quantity
from backend.services.embeddings import encode
from backend.skills.composers import (
    alternatives,
    assertions,
    attributes,
    contested,
    exclusives,
    offering,
    phrasings,
)
from backend.skills.composers.columns import Columns
from backend.skills.composers.figure_frames import differ, is_measured, same_frame, shown
from backend.skills.composers.figure_keys import part_before
from backend.skills.composers.keyed_figures import totals
from backend.skills.composers.language import plain
from backend.skills.composers.lexicon import pattern
from backend.skills.composers.retellings import HOW_MANY, retellings, subject_of
from backend.skills.composers.sourced import Brief

ALIKE = 0.6
"""Cosine from which two sentences with a figure of the same noun speak of the same thing."""
FARTHEST = 5
"""Two counts farther apart than so many times are rather a part and its whole."""
MOST_OF_A_NOUN = 60
"""A noun counted more often is the goods of a list, each with a number of its own."""
COUNTED_IN = frozenset(
    {"company_info", "proof_points", "positioning", "differentiators", "constraints"}
)
_PARTIAL = re.compile(
    r"\b(?:each|every|per|a (?:day|week|month|year)|(?<!open )daily|another|of (?:them|which|these))\b",
    re.I,
)


Pair = tuple[str, str, tuple[Fact, str], tuple[Fact, str]]
"""attribute, subject, one side and the other: the fact and what it says."""
Side = list[tuple[Fact, str]]
"""The statements that say one value, each with the value as it is written there."""


def compose(brief: Brief) -> dict[str, Any]:
    texts = {item.id: item for item in brief.evidence}
    setting = contested.Setting.of(brief.evidence)
    own, columns = setting.own, setting.columns
    said = [*_attributes(brief.facts, own), *_claims(brief.facts, own)]
    said += _choices(brief.facts, said, columns)
    named = [*said, *_prices(brief.facts), *_counts(brief.facts, said)]
    named += _retold(brief.facts, named, columns)
    pairs = _merged([*named, *_rephrased(brief.facts, named, setting.names)])
    return {
        "conflicts": [_shown(n, *pair, texts) for n, pair in enumerate(pairs, start=1)],
        "compared": sum(bool(fact.quantities) for fact in brief.facts),
        "missing": [],
    }


def _merged(pairs: Sequence[Pair]) -> list[tuple[str, str, list[Side]]]:
    """Pairs about one subject are one disagreement with all its sides, each value once with all that say it;
    so are two counts of one noun that have two values in common: "how many tools" and "how many ready tools".
    A statement takes one side; where it says another of the values too, that is a disagreement of its own.
    """
    merged: dict[tuple[str, str], list[dict[str, Side]]] = defaultdict(list)
    for attribute, subject, *said in pairs:
        values = {value.lower() for _, value in said}
        key = next(
            (
                (attribute, known)
                for known in _counted_alike(merged, attribute, subject)
                if any(len(sides.keys() & values) > 1 for sides in merged[attribute, known])
            ),
            (attribute, subject),
        )
        sides = next((sides for sides in merged[key] if _fits(sides, said)), None)
        if sides is None:
            sides = {}
            merged[key].append(sides)
        for fact, value in said:
            side = sides.setdefault(value.lower(), [])
            if fact.id not in {known.id for known, _ in side}:
                side.append((fact, value))
    return [
        (*key, list(sides.values()))
        for key, found in merged.items()
        for sides in found
        if len(sides) > 1
    ]


def _fits(sides: Mapping[str, Side], said: Iterable[tuple[Fact, str]]) -> bool:
    """Whether none of the statements stands on another side already."""
    return not any(
        fact.id == known.id
        for fact, value in said
        for told, side in sides.items()
        if told != value.lower()
        for known, _ in side
    )


def _counted_alike(
    merged: Iterable[tuple[str, str]], attribute: str, subject: str
) -> Iterator[str]:
    if attribute == "count" and subject.startswith(HOW_MANY):
        for known, told in merged:
            counted = known == "count" and told.startswith(HOW_MANY)
            if counted and _noun(told) == _noun(subject):
                yield told


def _prices(facts: Sequence[Fact]) -> Iterator[Pair]:
    for asset in offering.conflicts(facts):
        assert asset.other is not None, "a conflict has two sides"
        yield (
            "price",
            asset.fields["subject"],
            (asset.fact, asset.fields["one"]),
            (asset.other, asset.fields["other"]),
        )


def _attributes(facts: Sequence[Fact], own: frozenset[str]) -> Iterator[Pair]:
    for one, other in attributes.contradictions(facts, own):
        of = ", ".join(_as_written(word, one.fact) for word in sorted(one.qualifiers - {"past"}))
        subject = f"{one.subject} ({of})" if of else one.subject
        yield one.attribute, subject, (one.fact, one.text), (other.fact, other.text)


def _as_written(word: str, fact: Fact) -> str:
    """ "Pune" for "pune", where the statement or its heading has it."""
    found = re.search(rf"\b{re.escape(word)}\b", f"{fact.quote} {fact.section}", re.I)
    return found.group() if found else word


def _claims(facts: Sequence[Fact], own: frozenset[str]) -> Iterator[Pair]:
    for one, other in assertions.contradictions(facts, own):
        yield "claim", one.thing, (one.fact, one.text), (other.fact, other.text)


def _choices(facts: Sequence[Fact], said: Sequence[Pair], columns: Columns) -> Iterator[Pair]:
    for one, other in alternatives.contradictions(facts, columns):
        sides = (one.fact, one.text), (other.fact, other.text)
        if not any({one.fact.id, other.fact.id} == {a.id, b.id} for *_, (a, _), (b, _) in said):
            title = columns.title(one.fact, one.column) if one.column is not None else ""
            yield "claim", f"{one.thing} ({title})" if title else one.thing, *sides
    for only, more in exclusives.contradictions(facts):
        yield "claim", only.thing, (only.fact, only.text), (more.fact, more.text)


def _counts(facts: Sequence[Fact], said: Sequence[Pair]) -> Iterator[Pair]:
    """Counts of one noun; a length of time or a sum of money belongs to its attribute."""
    known = _known(said)
    by_noun: dict[str, list[tuple[Fact, Quantity]]] = defaultdict(list)
    for fact in facts:
        unfit = pattern("hedge").search(fact.quote) or _PARTIAL.search(fact.quote)
        if fact.category in COUNTED_IN and "|" not in fact.quote and not unfit:
            for noun, quantity in _counted(fact):
                by_noun[noun].append((fact, quantity))
    for noun, every in by_noun.items():
        found = _in_all(every)
        if not 1 < len(found) <= MOST_OF_A_NOUN or len({q.value for _, q in found}) == 1:
            continue
        if max(q.value for _, q in found) in (agreed := _said_by_all(found)):
            continue  # on the whole they agree, and the parts are parts
        alike = _alike([fact for fact, _ in found])
        open_ = [n for n, (_, quantity) in enumerate(found) if quantity.value not in agreed]
        for n, m in itertools.combinations(open_, 2):
            (one, figure), (other, contrary) = found[n], found[m]
            sides = (one, figure.text), (other, contrary.text)
            if alike[n, m] >= ALIKE and _differ(found[n], found[m]) and not _seen(known, *sides):
                yield "count", f"{HOW_MANY}{noun}", *sides


def _said_by_all(found: Sequence[tuple[Fact, Quantity]]) -> set[float]:
    """Values that every document gives a noun, whatever else one says: about those none disagrees."""
    told: dict[Any, set[float]] = defaultdict(set)
    for fact, quantity in found:
        told[fact.evidence_id].add(quantity.value)
    return set[float].intersection(*told.values())


def _in_all(counted: Sequence[tuple[Fact, Quantity]]) -> list[tuple[Fact, Quantity]]:
    """Where a document counts several of a noun, how many there are in all."""
    by_document: dict[Any, list[tuple[Fact, Quantity]]] = defaultdict(list)
    for fact, quantity in counted:
        by_document[fact.evidence_id].append((fact, quantity))
    few = all(
        len({q.value for _, q in told}) <= MOST_OF_A_DOCUMENT for told in by_document.values()
    )
    groups = list(by_document.values()) if few else totals(list(by_document.values()))
    return [one for group in groups for one in group]


MOST_OF_A_DOCUMENT = 2
"""Counts of a noun in a document; more are those of its parts."""


def _alike(facts: Sequence[Fact]) -> Any:
    """Cosines of all statements with one another."""
    vectors = encode([fact.fact for fact in facts])
    return vectors @ vectors.T


def _counted(fact: Fact) -> Iterator[tuple[str, Quantity]]:
    """What a statement counts once, by its noun."""
    plain_counts = [
        q
        for q in fact.quantities
        if q.kind == "count" and q.unit and not q.role and not _of_a_part(fact, q)
    ]
    nouns = [_noun(q.unit) for q in plain_counts]
    for noun, quantity in zip(nouns, plain_counts, strict=True):
        if nouns.count(noun) == 1 and not is_measured(quantity):
            yield noun, quantity


def _of_a_part(fact: Fact, figure: Quantity) -> bool:
    """ "12/12 checks" tells how far it has come, "Pune (4 outlets)" of Pune."""
    of_a_ratio = fact.quote[: figure.start - fact.start].endswith("/")
    return of_a_ratio or bool(part_before(fact, figure))


def _retold(facts: Sequence[Fact], named: Sequence[Pair], columns: Columns) -> Iterator[Pair]:
    """The same statement with another figure, where no rule above has seen the two already."""
    known = _known(named)
    for fact, figure, other, contrary in retellings(facts, columns):
        if not _seen(known, (fact, figure.text), (other, contrary.text)):
            attribute = "price" if figure.kind == "price" else "count"
            sides = (fact, shown(fact, figure)), (other, shown(other, contrary))
            yield attribute, subject_of(fact, figure, columns), *sides


def _rephrased(
    facts: Sequence[Fact], named: Sequence[Pair], names: frozenset[str]
) -> Iterator[Pair]:
    """One name for another is one question, in however many sentences it stands."""
    known, subjects = _known(named), dict[frozenset[str], str]()
    for one, other in phrasings.contradictions(facts, names):
        sides = (one.fact, one.text), (other.fact, other.text)
        if _seen(known, *sides):
            continue
        if one.is_name:
            values = frozenset({one.said, other.said})
            yield "claim", subjects.setdefault(values, one.phrase), *sides
        else:
            yield "count", one.phrase, *sides


Known = Mapping[tuple[str, str], Sequence[tuple[str, str]]]
"""What is said already, by the two statements: the value of either."""


def _known(pairs: Iterable[Pair]) -> Known:
    known: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
    for _, _, (fact, value), (other, contrary) in pairs:
        known[fact.id, other.id].append((value, contrary))
    return known


def _seen(known: Known, one: tuple[Fact, str], other: tuple[Fact, str]) -> bool:
    """Whether some rule has these two figures of these two statements already."""
    return any(
        _stands_in(one[1], value) and _stands_in(other[1], contrary)
        for value, contrary in known.get((one[0].id, other[0].id), ())
    )


def _stands_in(figure: str, value: str) -> bool:
    """ "5 days" has the five, "15 days" has not."""
    return bool(re.search(rf"(?<![\d.,]){re.escape(figure)}(?![.,]?\d)", value))


def _noun(unit: str) -> str:
    return attributes.same_thing(unit.lower().split()[-1])


def _differ(one: tuple[Fact, Quantity], other: tuple[Fact, Quantity]) -> bool:
    """Other documents, and neither of another year, plan or market."""
    (fact, quantity), (other_fact, other_quantity) = one, other
    if fact.evidence_id == other_fact.evidence_id:
        return False
    if not differ(fact, quantity, other_fact, other_quantity):
        return False
    small, large = sorted((quantity.value, other_quantity.value))
    if large > FARTHEST * small:
        return False
    return same_frame(fact, quantity, other_fact, other_quantity)


def _shown(
    number: int, attribute: str, subject: str, sides: Sequence[Side], texts: dict[Any, Evidence]
) -> dict[str, Any]:
    values = [plain(side[0][1]) for side in sides]
    about = "" if plain(subject.strip("“”")) in values else f" for {subject}"
    return {
        "id": f"C{number:02d}",
        "attribute": attribute,
        "subject": subject,
        "question": f"Which is right{about}: {', '.join(values[:-1])} or {values[-1]}?",
        "sides": [
            {
                **_place(side[0][0], texts),
                "value": side[0][1],
                "again": [_place(fact, texts) for fact, _ in side[1:]],
            }
            for side in sides
        ],
    }


def _place(fact: Fact, texts: dict[Any, Evidence]) -> dict[str, Any]:
    return {
        "fact_id": fact.id,
        "quote": fact.quote,
        "evidence_id": str(fact.evidence_id),
        "source": fact.source,
        "page": fact.page,
        "line": line_of(texts.get(fact.evidence_id), fact.start),
    }


def line_of(item: Evidence | None, offset: int) -> int | None:
    """On which line of its page a character stands, counting from 1."""
    if item is None:
        return None
    page = max((start for start in item.page_starts if start <= offset), default=0)
    return item.text.count("\n", page, offset) + 1
