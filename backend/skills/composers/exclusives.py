"""What is only for some: "macOS only" and "macOS or Linux", "cash only" and "cards and UPI welcome".

Kinds of which a statement may name several stand in attributes.yaml (`kinds`). Two documents contradict one
another where one says of a thing that it is for these alone and the other names one more.
"""

import functools
import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from backend.core import data_files
from backend.domain.facts import Fact
from backend.skills.composers import attributes
from backend.skills.composers.layout import flatten
from backend.skills.composers.lexicon import DATA

LONGEST = 200
MOST = 400
FEW = 4
"""Words that name what it is that is only for some."""


@dataclass(frozen=True, slots=True)
class Exclusive:
    """`text` stands in the fact's quote as it is; `thing` is what it is about, for the question."""

    fact: Fact
    thing: str
    text: str
    kind: str
    named: frozenset[str]
    about: frozenset[str]
    only: bool


@functools.lru_cache(maxsize=1)
def _kinds() -> dict[str, tuple[str, str]]:
    """By word: the kind it is of, and its first spelling."""
    kinds: dict[str, list[str]] = data_files.read(DATA / "attributes.yaml")["kinds"]
    return {
        spelled.strip(): (kind, member.split(",")[0].strip())
        for kind, members in kinds.items()
        for member in members
        for spelled in member.split(",")
    }


@functools.lru_cache(maxsize=1)
def _pattern() -> re.Pattern[str]:
    longest = sorted(_kinds(), key=len, reverse=True)
    return re.compile(rf"(?<![\w-])(?:{'|'.join(map(re.escape, longest))})(?![\w-])", re.I)


_ONLY = re.compile(r"\b(?:only|exclusively|solely)\b", re.I)
_NOT_SO = re.compile(
    r"\b(?:not|no|never|except|without|but|soon|planned|if|unless|than|was|were|had)\b|n't\b|\?",
    re.I,
)
_WORD = re.compile(r"[^\W\d_][\w'-]+")
_PART = re.compile(r"[;:]\s|[.!]\s|\s-\s|\|")
NEAR = 12
"""Characters between "only" and the nearest of those it is for."""


def contradictions(facts: Sequence[Fact]) -> Iterator[tuple[Exclusive, Exclusive]]:
    """Pairs of which one says "only" and the other names one more."""
    found = list(itertools.islice((one for fact in facts for one in read(fact)), MOST))
    for only in (one for one in found if one.only):
        for other in found:
            apart = other.fact.evidence_id != only.fact.evidence_id
            if (
                apart
                and other.kind == only.kind
                and not other.named <= only.named
                and _of(only, other)
            ):
                yield only, other


def _of(one: Exclusive, other: Exclusive) -> bool:
    """Whether both are about one thing: neither of another than the other."""
    fewer, more = sorted((one.about, other.about), key=len)
    return fewer <= more and (bool(fewer) or not more)


def read(fact: Fact) -> Iterator[Exclusive]:
    """Of each part of a statement, of each kind: who or what is named; nothing of a denial or a doubt."""
    flat = flatten(fact.quote)
    if not _pattern().search(flat):
        return
    borders = [0, *(found.end() for found in _PART.finditer(flat)), len(flat)]
    for start, end in itertools.pairwise(borders):
        said = flat[start:end]
        if len(said) > LONGEST or _NOT_SO.search(said):
            continue
        by_kind: dict[str, list[re.Match[str]]] = {}
        for found in _pattern().finditer(said):
            by_kind.setdefault(_kinds()[found.group().lower()][0], []).append(found)
        for kind, members in by_kind.items():
            one = _exclusive(fact, start, said, kind, members)
            if len(one.about) <= FEW:
                yield one


def _exclusive(
    fact: Fact, start: int, said: str, kind: str, members: Sequence[re.Match[str]]
) -> Exclusive:
    begin, end = members[0].start(), members[-1].end()
    only = [
        found
        for found in _ONLY.finditer(said)
        if 0 <= begin - found.end() <= NEAR or 0 <= found.start() - end <= NEAR
    ]
    spans = [(begin, end), *(found.span() for found in only)]
    first, last = min(span[0] for span in spans), max(span[1] for span in spans)
    around = f"{said[:begin]} {said[end:]}"
    about = {word.lower().rstrip("s") for word in _WORD.findall(_ONLY.sub(" ", around))}
    text = fact.quote[start + first : start + last].strip()
    thing = " ".join(f"{said[:first]}…{said[last:]}".split()).strip(" .*_()")
    return Exclusive(
        fact,
        f"“{thing}”" if thing != "…" else kind,
        text,
        kind,
        frozenset(_kinds()[found.group().lower()][1] for found in members),
        frozenset(about - _generic()),
        bool(only),
    )


@functools.lru_cache(maxsize=1)
def _generic() -> frozenset[str]:
    return frozenset(word.rstrip("s") for word in attributes.listed("generic")) | {
        "using",
        "use",
        "via",
        "through",
        "welcome",
    }
