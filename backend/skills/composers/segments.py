"""Rows of a price list that are called after who pays, not after what is sold: "Dental clinics Rs 2,400".

One such row could be a thing ("Teams" is a plan); where half of a paper's rows are buyers, of two kinds, they
are buyers.
"""

import functools
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from backend.domain.facts import Fact
from backend.skills.composers.audience_words import plural
from backend.skills.composers.lexicon import words

LEAST = 2
LONGEST = 5
"""Words."""
LOWER = re.compile(r"^[A-Z](?=[a-z])")


@dataclass(frozen=True, slots=True)
class Segment:
    """Buyers as their row names them: "Multi-speciality hospitals", a "hospital"."""

    phrase: str
    noun: str

    @property
    def small(self) -> str:
        """As it stands inside a sentence."""
        return LOWER.sub(lambda first: first.group().lower(), self.phrase)


def in_rows(facts: Sequence[Fact]) -> Mapping[str, Segment]:
    """Fact id to the buyers its row is for; empty for papers that list things."""
    priced: dict[object, list[tuple[str, Segment | None]]] = defaultdict(list)
    for fact in facts:
        labels = [q.label for q in fact.quantities if q.kind == "price" and q.label]
        if labels:
            priced[fact.evidence_id].append((fact.id, named(labels[0])))
    found: dict[str, Segment] = {}
    for rows in priced.values():
        buyers = {id: segment for id, segment in rows if segment}
        kinds = {segment.noun for segment in buyers.values()}
        if len(kinds) >= LEAST and 2 * len(buyers) >= len(rows):
            found |= buyers
    return found


def named(label: str) -> Segment | None:
    """The buyers that a whole label names, in the plural; "Hotel reception desk lamp" names none."""
    phrase = re.sub(r"\([^)]*\)", " ", label).partition(",")[0]
    tokens = phrase.split()
    if not 1 <= len(tokens) <= LONGEST or re.search(r"\d", phrase):
        return None
    if any(token.lower() in words("not_modifiers") for token in tokens):
        return None
    last = " ".join(tokens).lower()
    noun = next((known for form, known in _plurals().items() if _ends(last, form)), None)
    return Segment(" ".join(tokens), noun) if noun else None


def _ends(phrase: str, form: str) -> bool:
    return phrase == form or phrase.endswith(f" {form}")


@functools.lru_cache(maxsize=1)
def _plurals() -> dict[str, str]:
    """The longest first, so that "health centres" is not read as "centres"."""
    nouns = {noun.replace("_", " ") for noun in words("people") | words("organisations")}
    forms = {plural(noun): noun for noun in nouns - words("also_things")}
    return dict(sorted(forms.items(), key=lambda form: (-len(form[0]), form[0])))
