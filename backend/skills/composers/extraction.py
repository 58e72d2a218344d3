"""Facts out of evidence: each a statement of a known kind with its exact span, its numbers and its speaker.

`quote == evidence.text[start:end]`, asserted for every fact. Deterministic and CPU-bound: about a second for
2,000 words; call it in a thread.
"""

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from backend.domain.facts import Evidence, Fact, FactCategory, Missing
from backend.skills.composers import (
    attributes,
    contested,
    labels,
    layout,
    noise,
    quantities,
    quotes,
    scoring,
)
from backend.skills.composers.fence import addresses_the_machine
from backend.skills.composers.lexicon import pattern
from backend.skills.composers.questions import missing
from backend.skills.composers.scoring import Scores
from backend.skills.composers.signs import CATEGORIES, Candidate
from backend.skills.composers.text import Unit, tidy, units

THRESHOLD = 0.3
"""Log odds against "none": below it a sentence is of no kind we know."""
ASKED = 3.0
"""A question that is no noise names the buyer's trouble, whatever its words are about."""
MOST_PER_KIND = 60
"""Of one kind from one document: a page of policies would drown everything else."""
MOST_PRICES = 300
"""A price list is kept whole as far as a plan can make use of it."""


class Quarantined(BaseModel):
    """A stretch of evidence that is not used, and why; shown to the founder."""

    model_config = ConfigDict(frozen=True)

    evidence_id: UUID
    start: int
    end: int
    quote: str
    reason: str


class Extraction(BaseModel):
    facts: list[Fact]
    quarantined: list[Quarantined]
    missing: list[Missing]


@dataclass(frozen=True, slots=True)
class _Found:
    """A candidate with the kind it was given; `share` is how likely that kind is, of all and none."""

    candidate: Candidate
    category: FactCategory
    score: float
    share: float
    speaker: str
    surplus: bool = False
    """One too many of its kind in its document, or said in an earlier one: kept only where another document
    contradicts it.
    """

    @property
    def sure(self) -> bool:
        return self.score >= THRESHOLD and not self.surplus and _may_stand(self)


def extract(evidence: Sequence[Evidence]) -> Extraction:
    """Facts in order of evidence and position (ids F01, F02 ...), lines set aside, and what is left open."""
    read: list[tuple[Evidence, _Found]] = []
    quarantined: list[Quarantined] = []
    seen: dict[str, UUID] = {}
    for item in evidence:
        told: set[str] = set()
        usable = list(_answering(_usable(item, quarantined)))
        for found in _read(item, usable):
            unit = found.candidate.unit
            question = unit.section if unit.section.endswith("?") else ""
            key = " ".join(f"{question} {unit.flat}".lower().split())
            if key not in told:
                told.add(key)
                agreed = seen.setdefault(key, item.id) != item.id
                read.append((item, replace(found, surplus=True) if agreed else found))
    facts = _numbered(read, contested.Setting.of(evidence))
    return Extraction(facts=facts, quarantined=quarantined, missing=_gaps(facts))


def _numbered(read: Sequence[tuple[Evidence, _Found]], setting: contested.Setting) -> list[Fact]:
    """The sure ones, and of the others those that another document contradicts.

    Of two tellings the surer one says what kind of statement both are.
    """
    every = [_fact(item, found, number) for number, (item, found) in enumerate(read)]
    found = {fact.id: one for fact, (_, one) in zip(every, read, strict=True)}
    kinds = {id: one.category for id, one in found.items() if one.sure}
    for one, other in contested.pairs(every, setting):
        surer = max(one.id, other.id, key=lambda id: found[id].score)
        kinds = {one.id: found[surer].category, other.id: found[surer].category} | kinds
    kept = [fact for fact in every if fact.id in kinds]
    return [
        fact.model_copy(update={"id": f"F{number:02d}", "category": kinds[fact.id]})
        for number, fact in enumerate(kept, start=1)
    ]


# ---------------------------------------------------------------- which units are read at all


def _usable(item: Evidence, quarantined: list[Quarantined]) -> Iterator[Unit]:
    """Units of an item; a line that gives orders to the machine is set aside from there on."""
    tainted = -1
    for unit in units(item.text, tuple(item.page_starts)):
        if unit.line == tainted or addresses_the_machine(unit.flat):
            tainted = unit.line
            quarantined.append(_quarantine(item, unit))
        else:
            yield unit


def _answering(usable: Iterable[Unit]) -> Iterator[Unit]:
    """With a question in running text as the heading of its answer, and of nothing after the next one."""
    question, fresh = "", False
    for unit in usable:
        if unit.flat.rstrip(" *_").endswith("?"):
            question, fresh = _title(unit), True
            yield unit
            continue
        if unit.kind == "heading":
            question = ""
        stale = unit.section.endswith("?") and unit.section != question
        if question and unit.section != question and (stale or (fresh and _asks(question))):
            unit = replace(unit, headings=(question, *unit.headings[stale:]))
        yield unit
        fresh = False


def _title(question: Unit) -> str:
    return layout.heading_title(question.flat.strip(" *_"))


def _asks(question: str) -> bool:
    return attributes.asks(question) or bool(labels.asked_price(question))


def _quarantine(item: Evidence, unit: Unit) -> Quarantined:
    return Quarantined(
        evidence_id=item.id,
        start=unit.start,
        end=unit.end,
        quote=unit.text,
        reason="Addresses the machine that reads the document, not the reader.",
    )


def candidates_of(item: Evidence) -> list[Candidate]:
    """What is scored of an item, in its order."""
    return _candidates(item, list(_usable(item, [])))


def _candidates(item: Evidence, usable: Sequence[Unit]) -> list[Candidate]:
    currency = quantities.dominant_currency(item.text)
    short = (unit for unit in usable if len(unit.text) <= noise.LONGEST)
    read = (Candidate(unit, tuple(quantities.read(unit, currency))) for unit in short)
    return [candidate for candidate in read if contested.is_scored(candidate)]


# ---------------------------------------------------------------- which kind each is


def _read(item: Evidence, usable: Sequence[Unit]) -> list[_Found]:
    """What states something, with its kind, and what is read to be compared alone, in order."""
    left = (_left(candidate) for candidate in contested.leftovers(item, usable))
    found = [*_capped(_typed(_candidates(item, usable))), *left]
    return sorted(found, key=lambda one: one.candidate.unit.start)


def _left(candidate: Candidate) -> _Found:
    category: FactCategory = "pricing" if candidate.priced else "differentiators"
    return _Found(candidate, category, -math.inf, 0.0, "")


def _typed(candidates: Sequence[Candidate]) -> Iterator[_Found]:
    for candidate, scores in zip(candidates, scoring.score(candidates), strict=True):
        found = _kind(candidate, scores)
        if found.sure or contested.states(candidate):
            yield found


def _may_stand(found: _Found) -> bool:
    """A heading names what follows more often than it states something."""
    unit = found.candidate.unit
    if noise.of_a_reference(found.candidate) or noise.is_scrap(found.candidate):
        return False
    if unit.kind != "heading" or found.candidate.priced:
        return True
    letterhead = re.sub(r"\([^)]*\)", "", unit.flat).isupper()
    return not letterhead and not noise.empty_heading(unit)


def _kind(candidate: Candidate, scores: Scores) -> _Found:
    said = quotes.quotation(candidate.unit.text)
    speaker = said.speaker if said else ""
    if said:
        heard: FactCategory = (
            "proof_points" if quotes.polarity(said.words) == "praise" else "target_audience"
        )
        scores = scores | {heard: scores[heard] + 3.0 + bool(speaker)}
    elif candidate.unit.flat.rstrip(' "*_').endswith("?"):
        scores = scores | {"target_audience": scores["target_audience"] + ASKED}
    category, best = max(scores.items(), key=lambda entry: entry[1])
    share = 1 / (math.exp(-best) + sum(math.exp(score - best) for score in scores.values()))
    return _Found(candidate, category, best, share, speaker)


def _capped(found: Iterator[_Found]) -> Iterator[_Found]:
    """All of them, in the order of the text; of each kind those beyond its limit as surplus."""
    every = list(found)
    kept: dict[FactCategory, int] = {}
    surplus: set[int] = set()
    for n in sorted(range(len(every)), key=lambda n: -every[n].score):
        category = every[n].category
        kept[category] = kept.get(category, 0) + 1
        if kept[category] > (MOST_PRICES if category == "pricing" else MOST_PER_KIND):
            surplus.add(n)
    yield from (replace(one, surplus=n in surplus) for n, one in enumerate(every))


# ---------------------------------------------------------------- the fact

SURE_ENOUGH = 0.65
MOST_CONFIDENT = 0.95
"""Fresh texts do worse than those it was measured on."""


def _fact(item: Evidence, found: _Found, number: int) -> Fact:
    unit = found.candidate.unit
    hedged = bool(pattern("hedge").search(unit.flat) or pattern("hedge").search(unit.section))
    confidence = _confidence(found) - (0.15 if hedged else 0.0)
    fact = Fact(
        id=f"F{number:02d}",
        category=found.category,
        fact=tidy(unit.text),
        quote=unit.text,
        evidence_id=item.id,
        source=item.name,
        start=unit.start,
        end=unit.end,
        page=_page(item, unit.start),
        section=unit.section,
        speaker=found.speaker,
        confidence=round(confidence, 2),
        needs_verification=hedged or confidence < SURE_ENOUGH or not found.sure,
        quantities=list(found.candidate.quantities),
    )
    assert item.text[fact.start : fact.end] == fact.quote
    return fact


def _confidence(found: _Found) -> float:
    """Near the share that is right, rather below it: of 1,077 candidates of other authors, judged by weights
    fitted without their texts, those at .60-.65 were right 63%, .65-.75 73%, .75-.81 87%, above that 97%.
    """
    return min(MOST_CONFIDENT, 0.45 + 0.55 * found.share)


def _page(item: Evidence, start: int) -> int | None:
    """1-based page of an offset; None for texts without pages."""
    if len(item.page_starts) < 2:
        return None
    return sum(page_start <= start for page_start in item.page_starts)


def _gaps(facts: Sequence[Fact]) -> list[Missing]:
    known = {fact.category for fact in facts}
    gaps = [missing(category) for category in CATEGORIES if category not in known]
    if not any(quotes.quotation(fact.quote) for fact in facts):
        gaps.append(missing("customer_quote"))
    return gaps
