"""The same phrase with another figure or another name in it, of two documents.

"The free tier allows 1 request at a time, Startup 15" begins as another sentence does but for the figure;
"Bright Ltd builds and maintains it" says of one firm what another document says of another; "a 14-step
check" is counted otherwise as "the 15-step check". A phrase counts where each document fills it once.
"""

import itertools
import re
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from backend.domain.facts import Evidence, Fact
from backend.skills.composers import attributes, layout
from backend.skills.composers import number_grammar as grammar
from backend.skills.composers.figure_frames import is_row, same_times, years
from backend.skills.composers.lexicon import words
from backend.skills.composers.text import tidy

FEWEST_BEFORE, FEWEST_WITHOUT = 4, 8
"""Words from the beginning of a statement to its figure; the second where something else is counted."""
FEWEST_AROUND = 5
"""Words besides a name."""
LONGEST = 400
LONGEST_SUBJECT = 70
MOST_NAMED = 3
"""Words of a name."""


@dataclass(frozen=True, slots=True)
class Filling:
    """`text` stands in the fact's quote as it is, where `phrase` has its "…"; `said` is what it means."""

    fact: Fact
    phrase: str
    text: str
    said: str
    rest: str
    """What follows it."""

    @property
    def is_name(self) -> bool:
        return not re.search(r"\d", self.said)


Key = tuple[Hashable, ...]


def states(flat: str) -> bool:
    """Whether a sentence may name somebody, cheaply."""
    return len(flat) <= LONGEST and bool(_INSIDE.search(flat))


def contradictions(
    facts: Sequence[Fact], names: frozenset[str]
) -> Iterator[tuple[Filling, Filling]]:
    """Pairs of fillings of one phrase, of which one at most is right; `names`: of others than the company."""
    filled: dict[Key, dict[object, list[Filling]]] = defaultdict(lambda: defaultdict(list))
    for fact in facts:
        for key, filling in _fillings(fact, names):
            filled[key][fact.evidence_id].append(filling)
    for key, told in filled.items():
        single = [said for said in told.values() if len({one.said for one in said}) == 1]
        for (one, *_), (other, *_) in itertools.combinations(single, 2):
            if one.said != other.said and _of_one_frame(one, other) and _FITS[key[0]](one, other):
                yield one, other


def _of_one_frame(one: Filling, other: Filling) -> bool:
    here, there = years(one.fact), years(other.fact)
    return same_times(one.fact, other.fact) and not (here and there and here != there)


def _fillings(fact: Fact, names: frozenset[str]) -> Iterator[tuple[Key, Filling]]:
    said = tidy(fact.quote)[:LONGEST]
    for found in _COMPOUND.finditer(said):
        if not _measures(found["noun"]):
            yield ("compound", found["noun"].lower()), _filling(fact, said, found)
    for pattern in _DEFAULTS:
        for found in pattern.finditer(said):
            name = _PARAMETER.match(said)
            if name and name["name"] != found["text"]:
                yield ("default", name["name"].lower()), _filling(fact, said, found)
    if is_row(fact):
        return
    for found in _FIGURE.finditer(said):
        before = _words(said[: found.start()])
        superseded = grammar.BEFORE_CUE.search(said[: found.start()])
        if len(before) >= FEWEST_BEFORE and not superseded:
            yield ("begins", *before), _filling(fact, said, found)
    for found in _NAME.finditer(said):
        around = [*_words(said[: found.start()]), "…", *_words(_first_clause(said, found.end()))]
        named = {word.lower() for word in found.group().split()}
        if (
            len(around) > FEWEST_AROUND
            and named & names
            and not _LISTED.search(_beside(said, found))
        ):
            yield ("named", *around), _filling(fact, said, found)


def names_in(evidence: Iterable[Evidence]) -> frozenset[str]:
    """Words that stand with a capital inside a sentence, and never without."""
    every = "\n".join(layout.flatten(_PROGRAM.sub(" ", item.text)) for item in evidence)
    small = {found.group() for found in _SMALL.finditer(every)}
    found = {name.lower() for names in _INSIDE.finditer(every) for name in names.groups() if name}
    return frozenset(found - small)


def _filling(fact: Fact, said: str, found: re.Match[str]) -> Filling:
    text = found["text"]
    around = f"{said[: found.start('text')]}…{said[found.end('text') :]}"
    value = str(grammar.NUMBER_WORDS.get(text.lower(), text.replace(",", ""))).lower()
    return Filling(fact, _cut(around), text, value, said[found.end("text") :])


def _cut(phrase: str) -> str:
    at = phrase.index("…")
    begin = max(0, at - LONGEST_SUBJECT + 10)
    shown = phrase[begin : begin + LONGEST_SUBJECT]
    return f"“{'…' * (begin > 0)}{shown}{' …' * (len(phrase) > begin + len(shown))}”"


_SPELLED = "|".join(word for word, number in grammar.NUMBER_WORDS.items() if number > 1)
_FIGURE = re.compile(
    rf"(?<![\w.,/$-])(?P<text>[$₹€£]\d[\d,]*(?:\.\d+)?|\d{{1,3}}(?:,\d{{3}})+|\d{{1,6}}|{_SPELLED})"
    r"(?![\w.:/-]*[\w/])",
    re.I,
)
_COMPOUND = re.compile(
    rf"(?<![\w.,-])(?P<text>\d{{1,3}}|{_SPELLED}) ?-(?P<noun>[a-z]{{4,}})\b", re.I
)
_NAME = re.compile(
    rf"(?<![\w-])(?P<text>[A-Z][\w.]*[a-z][\w]*(?: [A-Z][\w.]*\w){{0,{MOST_NAMED - 1}}})(?![\w-])"
)
_PROGRAM = re.compile(r"```.*?(?:```|\Z)|`[^`\n]*`|https?://\S+", re.S)
_SMALL = re.compile(r"(?<![\w/@.-])[a-z][\w.]*\w(?![\w/@-])")
_INSIDE = re.compile(r"(?<=[a-z,] )(?P<name>[A-Z][\w.]*\w)(?: (?P<more>[A-Z][\w.]*\w))?")
_DEFAULTS = [
    re.compile(r"\bdefaults?(?: value)?(?:\s?[:=]| is| to)\s*[\"'`]?(?P<text>[\w./-]*\w)", re.I),
    re.compile(r"[\"'`](?P<text>[\w./-]*\w)[\"'`]? \(default\)", re.I),
]
_PARAMETER = re.compile(r"[*`\"']*(?P<name>[A-Za-z][\w.-]*)[*`\"']*(?=\W*(?:[:(·-]|$))")
_CLAUSE_END = re.compile(r"[,;:]\s|\s-\s|\s—\s|[.!?](?:\s|$)|[()]")


def _first_clause(said: str, at: int) -> str:
    end = _CLAUSE_END.search(said, at)
    return said[at : end.start() if end else len(said)]


def _beside(said: str, found: re.Match[str]) -> str:
    return (
        f"{said[max(0, found.start() - 5) : found.start()]}…{said[found.end() : found.end() + 5]}"
    )


_LISTED = re.compile(r"(?:,|\band|\bor|&|/)\s*…|…\s*(?:,|and\b|or\b|&|/)")
"""One of several names: another list leaves it out, and neither is wrong."""


def _words(said: str) -> list[str]:
    return re.findall(r"[^\W_]+(?:['.-][^\W_]+)*", said.lower())


def _measures(noun: str) -> bool:
    return noun.lower().rstrip("s") in words("measures") | words("spans") | _STARS


_STARS = frozenset({"star", "digit", "character", "line", "page", "word", "fold", "core", "sided"})


# ---------------------------------------------------------------- what fits


def _same_count(one: Filling, other: Filling) -> bool:
    """Of the same thing in the same time, or after so many words that it can be no other; "80+" may be 88."""
    if any(side.rest.startswith("+") for side in (one, other)):
        return False
    ahead, behind = (_words(_first_clause(side.rest, 0))[:AHEAD] for side in (one, other))
    if not ahead or not behind:
        return ahead == behind
    if {ahead[0], behind[0]} & _MONTHS or attributes.qualifiers_of(
        " ".join(ahead), frozenset()
    ) != attributes.qualifiers_of(" ".join(behind), frozenset()):
        return False
    same = attributes.same_thing(ahead[0]) == attributes.same_thing(behind[0])
    long = len(_words(one.phrase.partition("…")[0])) >= FEWEST_WITHOUT
    return same or long


AHEAD = 4
_MONTHS = frozenset(re.findall(r"[a-z]{3,}", grammar.MONTH.lower()))


def _same_setting(one: Filling, other: Filling) -> bool:
    """At least two longer words of both statements, by how they begin."""
    here, there = (
        {word[:STEM] for word in _words(side.fact.quote) if len(word) >= STEM}
        for side in (one, other)
    )
    return len(here & there) > 1


STEM = 5


def _other_name(one: Filling, other: Filling) -> bool:
    """No word in common: "Acme Inc" is Acme."""
    return not set(one.said.split()) & set(other.said.split())


_FITS: dict[Hashable, Callable[[Filling, Filling], bool]] = {
    "begins": _same_count,
    "default": lambda one, other: True,
    "compound": _same_setting,
    "named": _other_name,
}
