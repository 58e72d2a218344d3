"""The claim check: nothing leaves the product that the founder's evidence does not carry (COMPOSER 8).

Eight rules, for the composer's text and for a model's alike:

1. quoted text stands in the evidence, character by character after whitespace and markup;
2. every number, with its unit and period, comes from one fact that speaks of the same thing, or is declared
   as the plan's own count;
3. names stand in the evidence, also at the start of a sentence, and so do addresses;
4. superlatives, guarantees, promises and generalisations only where the fact makes them;
5. a sentence negates where its fact negates;
6. banned wording stays out;
7. facts in conflict stay out until they are settled;
8. a statement about the company rests on a fact.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from backend.domain.facts import Evidence, Fact, Quantity
from backend.skills import wording
from backend.skills.composers.language import plain
from backend.skills.figures import Figure, figures, same_quantity

Audience = Literal["public", "founder"]

SMALL = 30
"""Up to here a bare number is in too many facts to tell one from another ("in one line")."""
ENOUGH = 0.6
"""Share of a sentence's content words that its fact must hold."""
QUOTE_WORDS = 2
"""“Pro” is a label; from two words on, quotation marks promise somebody's words."""


@dataclass(frozen=True, slots=True)
class Violation:
    rule: int
    """1 to 8, as the module lists them."""
    text: str
    why: str


@dataclass(frozen=True, slots=True)
class _Support:
    """One fact prepared for comparison."""

    text: str
    clauses: tuple[str, ...]
    words: frozenset[str]
    """Stems of the quote and of what stands around it: heading, speaker, labels, column titles."""
    figures: tuple[Figure, ...]
    subject: frozenset[str]
    """Stems of the customer whose result this is; empty when it is nobody's."""
    frozen: bool


class Checker:
    """The evidence of one workspace, prepared once for many texts. A sentence is judged once."""

    def __init__(
        self,
        facts: Sequence[Fact],
        corpus: Sequence[Evidence],
        *,
        goal: str = "",
        topic: str = "",
        banned: Iterable[str] = (),
        frozen: Iterable[str] = (),
        names: Iterable[str] = (),
    ) -> None:
        """`names`: company and product as the workspace calls them. `frozen`: ids of facts in conflict.

        The founder's `goal` may stand as it is; of a `topic` only the words are known, what it says is not.
        """
        held = frozenset(frozen)
        self.facts = list(facts)
        self.supports = [_support(fact, fact.id in held) for fact in facts]
        self.corpus = "\n".join(plain(evidence.text) for evidence in corpus)
        self.goal = plain(goal)
        self.topic = topic
        self.banned = [term for term in banned if term.strip()]
        self.names = [name for name in names if name]
        self.own = wording.stems(" ".join(self.names))
        known = f"{self.corpus} {goal} {topic} {' '.join(self.names)}"
        self.known_words = frozenset(word.lower() for word in wording.words(known))
        self.small_words = frozenset(re.findall(r"\b[a-z][a-z'’-]+\b", known))
        self._judged: dict[tuple[str, frozenset[float], Audience], list[Violation]] = {}
        self._named: dict[str, list[str]] = {}
        self._sources: dict[str, Fact | None] = {}

    def names_in(self, sentence: str) -> list[str]:
        """The names of a sentence, as these texts tell names from words."""
        if sentence not in self._named:
            self._named[sentence] = wording.names(sentence, self.small_words)
        return self._named[sentence]

    def source_of(self, sentence: str) -> Fact | None:
        """The fact a sentence rests on or speaks against: with its figures or quotation, else its words."""
        if sentence not in self._sources:
            _, _, after_lead = sentence.partition(": ")  # "In one line: ...", "Please note: ..."
            self._sources[sentence] = self._source(sentence) or (
                self._source(after_lead) if after_lead else None
            )
        return self._sources[sentence]

    def _source(self, sentence: str) -> Fact | None:
        own, quotes = _cut_quotes(_flat(sentence))
        needle = plain(quotes[0]).strip(" .,;") if quotes else ""
        topic = wording.content(own) - self.own
        said = figures(own)

        def nearness(support: _Support) -> tuple[bool, int, float]:
            same = sum(any(same_quantity(f, known) for known in support.figures) for f in said)
            quoted = bool(needle) and needle in support.text
            return quoted, same, _share(topic, support.words) if topic else 0.0

        if not self.supports:
            return None
        near = [nearness(support) for support in self.supports]
        best = max(range(len(near)), key=lambda place: (near[place], -place))
        quoted, same, share = near[best]
        telling = any(figure.kind != "plain" or figure.value > SMALL for figure in said)
        counted = telling and same == len(said) and share > 0
        return self.facts[best] if quoted or counted or share >= ENOUGH else None

    def check(
        self,
        text: str,
        *,
        owner_numbers: Iterable[float] = (),
        audience: Audience = "public",
    ) -> list[Violation]:
        """Every violation of the eight rules; empty means the text may leave.

        `owner_numbers` are the plan's own counts ("list twenty ..."). `audience` "founder" is for plans:
        instructions are no claims there, and advice about people at large is allowed. Numbers, names, quotes
        and statements about the company are held to the same rules for both.
        """
        own, quotes = _cut_quotes(_drop_goal(_flat(text), self.goal))
        found = [*self._quotes(quotes), *self._banned(text)]
        allowed = frozenset(float(number) for number in owner_numbers)
        for sentence in wording.sentences(own):
            asked = (sentence, allowed if figures(sentence) else frozenset[float](), audience)
            if asked not in self._judged:
                self._judged[asked] = self._sentence(*asked)
            found += self._judged[asked]
        return found

    # ------------------------------------------------------------ rules over the whole text

    def _quotes(self, quotes: list[str]) -> list[Violation]:
        """Rules 1 and 7 for quotations."""
        found = []
        for quote in quotes:
            needle = plain(quote).strip(" .,;")
            if needle == "…" or self._is_label(
                needle
            ):  # the founder's goal stood here, or one word
                continue
            if needle not in self.corpus:
                found.append(Violation(1, quote, "this quotation is not in the evidence"))
            elif self._only_frozen(needle):
                found.append(Violation(7, quote, "this fact is in conflict with another one"))
        return found

    def _is_label(self, needle: str) -> bool:
        return len(needle.split()) < QUOTE_WORDS and needle.lower() in self.corpus.lower()

    def _only_frozen(self, needle: str) -> bool:
        holders = [support for support in self.supports if needle in support.text]
        return bool(holders) and all(support.frozen for support in holders)

    def _banned(self, text: str) -> list[Violation]:
        return [
            Violation(6, term, "the founder does not want this wording")
            for term in self.banned
            if re.search(rf"(?<!\w){re.escape(term)}(?!\w)", text, re.I)
        ]

    # ------------------------------------------------------------ rules over one sentence

    def _sentence(
        self, sentence: str, allowed: frozenset[float], audience: Audience
    ) -> list[Violation]:
        found = [*self._addresses(sentence), *self._names(sentence)]
        statement = wording.is_statement(sentence, self.names, strict=audience == "public")
        said = [figure for figure in figures(sentence) if not _is_own(figure, allowed)]
        for figure in said:
            found += self._figure(figure, sentence, statement)
        if statement and not found:
            found += self._statement(sentence, has_figures=bool(said))
        elif audience == "public" and not said and not found:
            found += self._overreach(sentence, self.corpus)
        return found

    def _addresses(self, sentence: str) -> list[Violation]:
        """Rule 3: where to write, click or pay must stand in the evidence as well."""
        return [
            Violation(3, address, "this address is not in the evidence")
            for address in wording.addresses(sentence)
            if address.lower() not in self.corpus.lower()
        ]

    def _names(self, sentence: str) -> list[Violation]:
        return [
            Violation(3, name, "this name is not in the evidence")
            for name in self.names_in(sentence)
            if not all(word.lower() in self.known_words for word in wording.words(name))
        ]

    def _figure(self, figure: Figure, sentence: str, statement: bool) -> list[Violation]:
        """Rule 2. A statement is weighed by its clause, an instruction by the words beside the number."""
        holders = [s for s in self.supports if any(same_quantity(figure, f) for f in s.figures)]
        if not holders:
            return [Violation(2, figure.text, "no fact has this number with this unit")]
        around = wording.clause_around if statement else wording.phrase_around
        said = around(sentence, figure.start, figure.end)
        topic = wording.content(said) - self.own
        best = max(holders, key=lambda s: (_share(topic, s.words), not s.frozen))
        if _share(topic, best.words) < ENOUGH:
            return [Violation(2, figure.text, "no fact says this number of this thing")]
        if best.frozen:
            return [Violation(7, figure.text, "this figure is in conflict with another one")]
        period = _period(figure, best)
        if not statement:
            return [*period, *self._overreach(said, best.text, general=False)]
        subject = self._subject(sentence, best)
        return [*period, *subject, *self._overreach(sentence, best.text)]

    def _subject(self, sentence: str, support: _Support) -> list[Violation]:
        """A customer's result told of another customer (rule 2) or of everybody (rule 4)."""
        named = [w for n in self.names_in(sentence) for w in wording.words(n)]
        strangers = {wording.stem(word) for word in named if not wording.is_neutral(word)}
        if strangers - self.own - support.words:
            return [Violation(2, sentence, "the figure belongs to somebody else in the evidence")]
        subject = support.subject - self.own
        if subject and not subject & wording.stems(sentence) and not wording.says_one(sentence):
            return [Violation(4, sentence, "one customer's figure told as if it were general")]
        return []

    def _overreach(self, claimed: str, source: str, *, general: bool = True) -> list[Violation]:
        """Rule 4: words that promise, rank, round or generalise must be the source's own."""
        return [
            Violation(4, term, "the evidence does not say this")
            for term in wording.strong_words(claimed, general=general)
            if not re.search(rf"(?<!\w){re.escape(term)}(?!\w)", source, re.I)
        ]

    def _statement(self, sentence: str, *, has_figures: bool) -> list[Violation]:
        """Rules 4, 5, 7 and 8 for a sentence that asserts something."""
        topic = wording.content(sentence) - self.own
        if not topic:
            return []
        support, share = self._nearest(topic)
        if support is None or (share < ENOUGH and not has_figures):
            return [Violation(8, sentence, "this statement rests on no fact")]
        if support.frozen:
            return [Violation(7, sentence, "this fact is in conflict with another one")]
        found = self._overreach(sentence, support.text)
        if share >= ENOUGH and any(
            self._contradicts(c, support) for c in wording.clauses(sentence)
        ):
            found.append(Violation(5, sentence, "the evidence says the opposite"))
        return found

    def _contradicts(self, clause: str, support: _Support) -> bool:
        """Whether the clause of the fact that speaks of the same thing negates where this one does not."""
        topic = wording.content(clause) - self.own
        nearest = max(support.clauses, key=lambda c: _share(topic, wording.stems(c)))
        same = bool(topic) and _share(topic, wording.stems(nearest)) >= ENOUGH
        return same and wording.negated(clause) != wording.negated(nearest)

    def _nearest(self, topic: frozenset[str]) -> tuple[_Support | None, float]:
        """The fact that shares most words with the topic; of equals one that is not in conflict."""
        ranked = [(_share(topic, s.words), not s.frozen, -n) for n, s in enumerate(self.supports)]
        if not ranked or not max(ranked)[0]:
            return None, 0.0
        share, _, place = max(ranked)
        return self.supports[-place], share


def check(
    text: str,
    facts: Sequence[Fact],
    corpus: Sequence[Evidence],
    *,
    owner_numbers: Iterable[float] = (),
    goal: str = "",
    banned: Iterable[str] = (),
    frozen: Iterable[str] = (),
    names: Iterable[str] = (),
    audience: Audience = "public",
) -> list[Violation]:
    """One text against the evidence. For many texts of one workspace keep a `Checker`."""
    checker = Checker(facts, corpus, goal=goal, banned=banned, frozen=frozen, names=names)
    return checker.check(text, owner_numbers=owner_numbers, audience=audience)


def _support(fact: Fact, frozen: bool) -> _Support:
    text = plain(fact.quote)
    labels = [f"{q.label} {q.unit} {q.period}" for q in fact.quantities]
    around = " | ".join([text, fact.section, fact.speaker, *labels])
    return _Support(
        text=text,
        clauses=tuple(wording.clauses(text)) or (text,),
        words=wording.stems(around) | frozenset(word.lower() for word in wording.words(around)),
        figures=_figures(fact, around),
        subject=wording.subject(text),
        frozen=frozen,
    )


def _figures(fact: Fact, around: str) -> tuple[Figure, ...]:
    """The figures of the quote; a table's prices take currency and period from their column title."""
    prices = {q.value: q for q in fact.quantities if q.kind == "price"}
    read = [_priced(figure, prices.get(figure.value)) for figure in figures(around)]
    missed = [q for q in fact.quantities if all(q.value != figure.value for figure in read)]
    kinds = {"price": "money", "percent": "percent"}
    return (*read, *(Figure(0, 0, q.text, q.value, kinds.get(q.kind, "plain")) for q in missed))


def _priced(figure: Figure, price: Quantity | None) -> Figure:
    if price is None:
        return figure
    periods = figure.periods or tuple(filter(None, price.period.split("/")))
    currency = figure.currency or price.unit
    return replace(figure, kind="money", currency=currency, periods=periods, noun="")


def _period(figure: Figure, support: _Support) -> list[Violation]:
    """Rule 2: "per month" needs the month with that number, or else in the fact or its heading."""
    same = [known for known in support.figures if same_quantity(figure, known)]
    known = {period for found in same for period in found.periods} or support.words
    return [
        Violation(2, f"{figure.text} per {period}", "the evidence names no such period")
        for period in figure.periods
        if not {period, wording.stem(period)} & known
    ]


def _is_own(figure: Figure, allowed: frozenset[float]) -> bool:
    """A count of the plan; "one" is as often a pronoun as a number."""
    return figure.kind == "plain" and (
        figure.value in allowed or (figure.spelled and figure.value == 1)
    )


def _share(topic: frozenset[str], words: frozenset[str]) -> float:
    """1.0 for an empty topic: a bare figure claims nothing beyond itself."""
    return len(topic & words) / len(topic) if topic else 1.0


def _flat(text: str) -> str:
    return " ".join(text.split())


_QUOTED = re.compile(r"“([^”]*)”")


def _cut_quotes(text: str) -> tuple[str, list[str]]:
    """The text with each quotation replaced by an ellipsis, and the quotations."""
    return _QUOTED.sub("…", text), _QUOTED.findall(text)


def _drop_goal(text: str, goal: str) -> str:
    """The founder's goal is the founder's wording; it claims nothing."""
    return text.replace(goal, "…") if goal else text
