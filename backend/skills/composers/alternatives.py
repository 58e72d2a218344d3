"""Words of which only one can hold: yes or no, required or optional, beta or stable (`one_of` in the data).

Two documents contradict one another where they choose otherwise in the same cell of the same row, in
sentences that are nearly the same but for that word or a "not", or in answer to the same question. A row that
is the same but for one short cell, and another value behind one label, say otherwise of the thing they name.
"""

import functools
import itertools
import re
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from backend.core import data_files
from backend.domain.facts import Fact
from backend.skills.composers.columns import Columns
from backend.skills.composers.figure_frames import is_row, same_times
from backend.skills.composers.layout import flatten
from backend.skills.composers.lexicon import DATA

FEWEST_WORDS = 4
"""Of a sentence besides the word that is compared."""
LONGEST, LONGEST_ROW = 200, 400
MOST_CELLS = 12
MOST_CELL_WORDS = 4
"""Of a cell that is a value; a longer one describes."""


Key = tuple[Hashable, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """`text` stands in the fact's quote as it is; `thing` is what it is about, for the question; `column`
    counts the cells of a row from 0.
    """

    fact: Fact
    thing: str
    text: str
    chosen: str
    column: int | None = None


@functools.lru_cache(maxsize=1)
def _groups() -> dict[str, tuple[str, str]]:
    """By word: the group it is of, and the name under which it stands there."""
    groups: dict[str, dict[str, str]] = data_files.read(DATA / "attributes.yaml")["one_of"]
    return {
        word.strip(): (group, chosen)
        for group, members in groups.items()
        for chosen, written in members.items()
        for word in written.split(",")
    }


@functools.lru_cache(maxsize=1)
def _said() -> re.Pattern[str]:
    spoken = sorted((word for word in _groups() if word.isascii()), key=len, reverse=True)
    return re.compile(rf"(?<![\w-])(?:{'|'.join(map(re.escape, spoken))})(?![\w-])", re.I)


def states(flat: str, cells: Sequence[object] = ()) -> bool:
    """Whether a sentence or a row may choose, cheaply."""
    if cells:
        return 2 <= len(cells) <= MOST_CELLS and len(flat) <= LONGEST_ROW
    return len(flat) <= LONGEST and bool(_said().search(flat))


def answers(flat: str, section: str) -> bool:
    """Whether a statement answers the question above it with yes or no."""
    return section.endswith("?") and bool(_ANSWER.match(flat))


_ANSWER = re.compile(r"\W*(?:(?P<yes>yes)|(?P<no>no|not yet|not at the moment))\b(?! longer)", re.I)


# ---------------------------------------------------------------- reading


def _of_rows(facts: Sequence[Fact], columns: Columns) -> Iterator[tuple[Key, Choice]]:
    """Of all rows; where a section has several of one label, they are goods of a list, each as it is."""
    names = [(fact.evidence_id, fact.section, _label(_cells(fact))) for fact in facts]
    often = Counter(names)
    for fact, name in zip(facts, names, strict=True):
        single = often[name] == 1
        for key, choice in _of_row(fact, columns.titles(fact)):
            if single or key[0] != "row":
                yield key, choice


def _cells(fact: Fact) -> list[str]:
    return [_bare(cell) for cell in fact.quote.split("|")]


def _label(plain: Sequence[str]) -> str:
    return next((cell for cell in plain if re.search(r"[a-z]{2}", cell)), "")


def _of_row(fact: Fact, titles: Sequence[str]) -> Iterator[tuple[Key, Choice]]:
    """Each cell by its place, beside the first one; then each value beside all that is left of the row, and
    what has one name below its title.
    """
    cells, plain = [cell.strip() for cell in fact.quote.split("|")], _cells(fact)
    label = _label(plain)
    if not label or not 2 <= len(cells) <= MOST_CELLS:
        return
    first = plain.index(label)
    thing, section = _thing(cells[first]), fact.section.lower()
    told = tuple(cell for cell in plain if not _choice(cell))
    for at, cell in enumerate(plain):
        known = _choice(cell)
        if known:
            group, chosen = known
            choice = Choice(fact, thing, cells[at], chosen, at)
            yield ("cell", section, label, len(cells), at, group), choice
            yield ("cell", told, len(cells), at, group), choice
        elif at != first and at < len(titles) and _is_one_name(cell, titles[at]):
            yield ("titled", label, titles[at].lower()), Choice(fact, thing, cells[at], cell, at)
        elif at != first and _is_value(cell):
            rest = tuple(plain[:at] + plain[at + 1 :])
            choice = Choice(fact, thing, cells[at], cell, at)
            if len(rest) > 1:
                yield ("row", section, rest, at), choice
            if len(" ".join(rest).split()) >= FEWEST_WORDS:
                yield ("row", rest, at), choice


def _bare(cell: str) -> str:
    return " ".join(re.sub(r"[*_`'\"]", " ", flatten(cell)).lower().split())


def _thing(cell: str) -> str:
    return " ".join(flatten(cell).strip(" *_`'").split())


def _choice(cell: str) -> tuple[str, str] | None:
    """What a cell chooses: "✅", "yes", "❌ not yet"; a longer text chooses by its first mark alone."""
    found = _groups().get(cell)
    if found is None and cell[:1] and not cell[:1].isascii():
        found = _groups().get(cell[:1])
    return found


def _is_value(cell: str) -> bool:
    """A name or a short word; no figure (those have rules of their own), no address, no version, no list."""
    spoken = 0 < len(cell.split()) <= MOST_CELL_WORDS and bool(re.search(r"[a-z]{3}", cell))
    return spoken and not _NO_VALUE.search(cell)


def _is_one_name(cell: str, title: str) -> bool:
    """ "vendor/model-2" below "Default model": one thing has one; examples and commands are one of many."""
    return bool(_ONE_NAME.fullmatch(cell)) and not _NAMES_MANY.search(title)


_ONE_NAME = re.compile(r"(?!\S*\.[a-z]{2,4}$)(?=.*[\d/-])[a-z][\w.]*(?:[-/][\w.]+)+")
_NAMES_MANY = re.compile(
    r"\b(?:examples?|commands?|usage|files?|paths?|links?|urls?|types?|versions?|endpoints?|since|status)\b", re.I
)
_NO_VALUE = re.compile(
    r"https?:|www\.|\]\(|\d+\.\d+\.\d+|\b(?:19|20)\d\d\b|[,;/&+]|\band\b|\bor\b|\.\.\.|…"
)


def labelled(flat: str) -> re.Match[str] | None:
    """ "Default model: small": a label and a short value, which is all of the statement."""
    found = _LABELLED.fullmatch(flat.rstrip(" .*_"))
    value = found and " ".join(found["value"].lower().split())
    return found if value and _is_value(value) and not re.search(r"\d", flat) else None


_LABELLED = re.compile(
    r"[\W_]*(?P<label>[A-Z][\w' /-]{2,30}?)[*_ ]*:[*_ ]*(?P<value>[^\s:].{1,40})", re.S
)


def _of_label(fact: Fact) -> Iterator[tuple[Key, Choice]]:
    found = labelled(flatten(fact.quote))
    if found and not _NAMES_NOTHING.search(found["label"]):
        label = " ".join(found["label"].split())
        text = fact.quote[found.start("value") : found.end("value")].strip(_EDGES)
        yield (
            ("label", label.lower()),
            Choice(fact, label, text, _bare(found["value"]).strip(_EDGES)),
        )


_EDGES = " .*_\n"
_NAMES_NOTHING = re.compile(
    r"\b(?:note|example|input|output|returns?|usage|tip|warning|important|version|step|see|or|use|run|then|type)\b",
    re.I,
)


@dataclass(frozen=True, slots=True)
class _Sentence:
    """A sentence that chooses: the choice, and its other words."""

    choice: Choice
    group: str
    words: frozenset[str]
    names: frozenset[str]
    """Words with a capital: another name makes it another statement."""


def _of_sentence(fact: Fact) -> Iterator[_Sentence]:
    flat = flatten(fact.quote)
    answer = _ANSWER.match(flat)
    if answer and answers(flat, fact.section):
        choice = Choice(fact, f"“{fact.section}”", _first(fact.quote), answer.lastgroup or "")
        yield _sentence(choice, ANSWERED, fact.section)
        return
    if len(flat) > LONGEST or _DOUBT.search(flat):
        return
    said = [(found, *_groups()[found.group().lower()]) for found in _said().finditer(flat)]
    for found, group, chosen in said:
        if any(of == group and otherwise != chosen for _, of, otherwise in said):
            continue  # "required and optional fields" has both
        rest = f"{flat[: found.start()]} {flat[found.end() :]}"
        yield _sentence(_chosen(fact, flat, found, chosen), group, rest)
    denied = _NOT.search(flat)
    choice = _chosen(fact, flat, denied, "no" if denied else "yes")
    yield _sentence(choice, DENIED, _NOT.sub(" ", flat))


def _of_cells(fact: Fact) -> Iterator[_Sentence]:
    """What the parts of a longer cell choose, each beside the label of its row."""
    label, at = _label(_cells(fact)), 0
    for cell in flatten(fact.quote).split("|"):
        for part in _PART.finditer(cell) if at and len(cell.split()) > MOST_CELL_WORDS else ():
            said = part.group().strip()
            found = _said().search(said)
            if found and len(said) <= LONGEST and not _DOUBT.search(said):
                begin = at + part.start() + part.group().index(said)
                text = fact.quote[begin : begin + len(said)].strip(_EDGES)
                group, chosen = _groups()[found.group().lower()]
                rest = f"{label} {said[: found.start()]} {said[found.end() :]}"
                choice = Choice(fact, f"{_thing(label)}: “{said}”", text, chosen)
                yield _sentence(choice, group, rest)
        at += len(cell) + 1


_PART = re.compile(r"(?:[^.;()]|\.(?=\w))+")


def _chosen(fact: Fact, flat: str, found: re.Match[str] | None, chosen: str) -> Choice:
    """With the clause that says so; the whole sentence where nothing is denied."""
    start, end = found.span() if found else (0, len(flat))
    begin = max((border.end() for border in _CLAUSE.finditer(flat, 0, start)), default=0)
    end = next((border.start() for border in _CLAUSE.finditer(flat, end)), len(flat))
    text = fact.quote[begin:end].strip(_EDGES)
    return Choice(fact, _around(flat, begin, end), text, chosen)


_CLAUSE = re.compile(r"[,;:]\s|\s-\s|[()]")


def _first(quote: str) -> str:
    return re.split(r"(?<=\w)[.,;:!]\s|\n", quote)[0].strip(_EDGES)


def _sentence(choice: Choice, group: str, rest: str) -> _Sentence:
    words = _WORD.findall(rest)
    return _Sentence(
        choice,
        group,
        frozenset(word.lower() for word in words) - _LITTLE,
        frozenset(word.lower() for word in words if word[0].isupper()),
    )


ANSWERED, DENIED = "answered", "denied"
_NOT = re.compile(
    r"\b(?:(?:do|does|did|is|are|can|will|has|have|was)(?:n't| not)|not|never|no|cannot|without)\b",
    re.I,
)
_WORD = re.compile(r"[^\W_]+(?:'[a-z]+)?")
_LITTLE = frozenset(
    [
        "a",
        "an",
        "the",
        "do",
        "does",
        "is",
        "are",
        "any",
        "now",
        "also",
        "yet",
        "to",
        "it",
        "of",
        "s",
    ]
)
_DOUBT = re.compile(
    r"\b(?:if|unless|except|would|could|might|example|instead of|rather than)\b|\?", re.I
)


def _around(flat: str, begin: int, end: int) -> str:
    """What a clause is part of, for the question; the sentence itself where it is all of it."""
    around = f"{flat[:begin]}…{flat[end:]}" if end - begin < len(flat.strip(" .*_")) else flat
    shown = " ".join(around.split()).strip(" .*_")
    return f"“{shown}”" if len(shown) <= LONGEST_SHOWN else f"“{shown[:LONGEST_SHOWN]} …”"


LONGEST_SHOWN = 70


# ---------------------------------------------------------------- comparing


def contradictions(
    facts: Iterable[Fact], columns: Columns
) -> Iterator[tuple[Choice, Choice]]:
    """Of each row and sentence what two documents choose otherwise."""
    every = list(facts)
    spoken = [fact for fact in every if not is_row(fact)]
    rows = _of_rows([fact for fact in every if is_row(fact)], columns)
    labels = (found for fact in spoken for found in _of_label(fact))
    sentences = [sentence for fact in spoken for sentence in _of_sentence(fact)]
    sentences += [part for fact in every if is_row(fact) for part in _of_cells(fact)]
    keyed = _in_rows(itertools.chain(rows, labels))
    for one, other in itertools.chain(keyed, _in_sentences(sentences)):
        if same_times(one.fact, other.fact):
            yield one, other


def _in_rows(rows: Iterable[tuple[Key, Choice]]) -> Iterator[tuple[Choice, Choice]]:
    """Rows and labels: where each of two documents chooses one thing for a key."""
    keyed: dict[Key, dict[object, list[Choice]]] = defaultdict(lambda: defaultdict(list))
    for key, choice in rows:
        keyed[key][choice.fact.evidence_id].append(choice)
    for key, told in keyed.items():
        single = [said for said in told.values() if len({one.chosen for one in said}) == 1]
        for (one, *_), (other, *_) in itertools.pairwise(single):
            says_more = key[0] != "cell" and _says_more(one.chosen, other.chosen)
            if one.chosen != other.chosen and not says_more:
                yield one, other


def _says_more(one: str, other: str) -> bool:
    """ "Payment history" and "history" are one value, told in full and in short."""
    fewer, more = sorted((set(one.split()), set(other.split())), key=len)
    return fewer <= more


def _in_sentences(sentences: Sequence[_Sentence]) -> Iterator[tuple[Choice, Choice]]:
    """Sentences that are nearly the same and choose otherwise, found by the rarest of their words."""
    by_word: dict[tuple[str, str], list[int]] = defaultdict(list)
    often = Counter(word for one in sentences for word in one.words)
    for n, one in enumerate(sentences):
        for word in _rarest(one, often):
            by_word[one.group, word].append(n)
    near = {
        pair
        for places in by_word.values()
        if len(places) <= MOST_ALIKE
        for pair in itertools.combinations(places, 2)
    }
    for n, m in sorted(near):
        one, other = sentences[n], sentences[m]
        apart = one.choice.fact.evidence_id != other.choice.fact.evidence_id
        if apart and one.choice.chosen != other.choice.chosen and _same(one, other):
            yield one.choice, other.choice


def _rarest(one: _Sentence, often: Counter[str]) -> list[str]:
    return sorted(one.words, key=lambda word: (often[word], word))[:RAREST]


def _same(one: _Sentence, other: _Sentence) -> bool:
    differ = one.words ^ other.words
    every = len(one.words | other.words)
    shared = every - len(differ)
    if one.group == ANSWERED:
        return not differ and every > 1
    if shared < FEWEST_WORDS or differ & (one.names | other.names):
        return False
    if one.group == DENIED and not _denies(one, other):
        return False
    return shared >= ALIKE * every and not any(word.isdigit() for word in differ)


def _denies(one: _Sentence, other: _Sentence) -> bool:
    """Whether what one denies is said by the other at all."""
    no, yes = (one, other) if one.choice.chosen == "no" else (other, one)
    said = {word.lower() for word in _WORD.findall(_NOT.sub(" ", flatten(no.choice.text)))}
    said -= _LITTLE
    return len(said - yes.words) <= len(said) / 3


ALIKE = 0.65
"""Of all words of two sentences: how many they share."""
RAREST, MOST_ALIKE = 4, 60
