"""What a sentence chooses: a word of which only one can hold, a "not", a yes to the question above it.

Two documents contradict one another in sentences that are nearly the same but for that.
"""

import itertools
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from backend.domain.facts import Fact
from backend.skills.composers.choices import (
    EDGES,
    FEWEST_WORDS,
    LONGEST,
    MOST_CELL_WORDS,
    Choice,
    cells_of,
    groups,
    label_of,
    said,
    thing,
)
from backend.skills.composers.figure_frames import is_row
from backend.skills.composers.layout import flatten


def states(flat: str) -> bool:
    """Whether a sentence may choose, cheaply."""
    return len(flat) <= LONGEST and bool(said().search(flat) or _BOX.match(flat))


def contradictions(facts: Sequence[Fact]) -> Iterator[tuple[Choice, Choice]]:
    """Of sentences, and of the sentences in the longer cells of rows, what two documents choose otherwise."""
    read = (_of_cells(fact) if is_row(fact) else _of_sentence(fact) for fact in facts)
    yield from _in_sentences(list(itertools.chain.from_iterable(read)))


def answers(flat: str, section: str) -> bool:
    """Whether a statement answers the question above it with yes or no."""
    return section.endswith("?") and bool(_ANSWER.match(flat))


_ANSWER = re.compile(r"\W*(?:(?P<yes>yes)|(?P<no>no|not yet|not at the moment))\b(?! longer)", re.I)


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
    if box := _BOX.match(flat):
        choice = Choice(fact, f"“{flat[box.end() :].strip()}”", box.group(), box.group().lower())
        yield _sentence(choice, ANSWERED, flat[box.end() :])
        return
    chosen_words = [(found, *groups()[found.group().lower()]) for found in said().finditer(flat)]
    for found, group, chosen in chosen_words:
        if any(of == group and otherwise != chosen for _, of, otherwise in chosen_words):
            continue  # "required and optional fields" has both
        rest = f"{flat[: found.start()]} {flat[found.end() :]}"
        yield _sentence(_chosen(fact, flat, found, chosen), group, rest)
    denied = _NOT.search(flat)
    choice = _chosen(fact, flat, denied, "no" if denied else "yes")
    yield _sentence(choice, DENIED, _NOT.sub(" ", flat))


def _of_cells(fact: Fact) -> Iterator[_Sentence]:
    """What the parts of a longer cell choose, each beside the label of its row."""
    label, at = label_of(cells_of(fact)), 0
    for cell in flatten(fact.quote).split("|"):
        for found in _PART.finditer(cell) if at and len(cell.split()) > MOST_CELL_WORDS else ():
            part = found.group().strip()
            if part[:1].isalnum() and len(part) <= LONGEST and not _DOUBT.search(part):
                yield from _of_part(
                    fact, label, at + found.start() + found.group().index(part), part
                )
        at += len(cell) + 1


def _of_part(fact: Fact, label: str, begin: int, part: str) -> Iterator[_Sentence]:
    name, text = f"{thing(label)}: “{part}”", fact.quote[begin : begin + len(part)].strip(EDGES)
    if found := said().search(part):
        group, chosen = groups()[found.group().lower()]
        rest = f"{label} {part[: found.start()]} {part[found.end() :]}"
        yield _sentence(Choice(fact, name, text, chosen), f"{group} in a row", rest)
    choice = Choice(fact, name, text, "no" if _NOT.search(part) else "yes")
    yield _sentence(choice, DENIED_IN_ROW, f"{label} {_NOT.sub(' ', part)}")


_PART = re.compile(r"(?:[^.;()]|\.(?=\w))+")


def _chosen(fact: Fact, flat: str, found: re.Match[str] | None, chosen: str) -> Choice:
    """With the clause that says so; the whole sentence where nothing is denied."""
    start, end = found.span() if found else (0, len(flat))
    begin = max((border.end() for border in _CLAUSE.finditer(flat, 0, start)), default=0)
    end = next((border.start() for border in _CLAUSE.finditer(flat, end)), len(flat))
    text = fact.quote[begin:end].strip(EDGES)
    return Choice(fact, _around(flat, begin, end), text, chosen)


_CLAUSE = re.compile(r"[,;:]\s|\s-\s|[()]")


def _first(quote: str) -> str:
    return re.split(r"(?<=\w)[.,;:!]\s|\n", quote)[0].strip(EDGES)


def _sentence(choice: Choice, group: str, rest: str) -> _Sentence:
    words = _WORD.findall(rest)
    return _Sentence(
        choice,
        group,
        frozenset(word.lower() for word in words) - _LITTLE,
        frozenset(word.lower() for word in words if word[0].isupper()),
    )


_BOX = re.compile(r"\[[ xX]\]")
""" "[ ] published" is open, "[x] published" is done."""
ANSWERED, DENIED, DENIED_IN_ROW = "answered", "denied", "denied in a row"
_NOT = re.compile(
    r"\b(?:(?:do|does|did|is|are|can|will|has|have|was)(?:n't| not)|not|never|no|cannot"
    r"|without(?! (?:it|this|that|them)\b))\b",
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
    if one.group in (DENIED, DENIED_IN_ROW) and not _denies(one, other):
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
