"""Claims that are true or not: "walk-ins are welcome" and "no walk-ins", "ships worldwide" and "India only".

A claim is read where a clause says of a thing that there is one or none, or in the words of attributes.yaml.
Two documents contradict one another when one affirms what the other denies of the same thing.
"""

import functools
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from backend.domain.facts import Fact
from backend.skills.composers import places
from backend.skills.composers.attributes import claims, listed, qualifiers_of
from backend.skills.composers.layout import flatten
from backend.skills.composers.lexicon import pattern

LONGEST = 200
"""Characters; a longer sentence tells a story."""
MOST_WORDS = 5
"""Of the name of a thing."""
MOST_CLAUSE_WORDS = 14


@dataclass(frozen=True, slots=True)
class Claim:
    """`text` stands in the fact's quote as it is; `thing` is what it is about, for the question."""

    fact: Fact
    thing: str
    key: frozenset[str]
    holds: bool
    text: str
    wider: tuple[frozenset[str], ...] = ()
    """Keys of things of which this is one: of parking, where it is free parking."""


# ---------------------------------------------------------------- how a claim is made

NEITHER = "has and needs"
_NOT = r"(?:not|n't|never|cannot)"
_SUBJECT = r"(?P<subject>(?:[a-z][\w'-]*\s){1,4}?)"
_HAVE = (
    r"(?:have|has|had|offers?|provides?|accepts?|takes?|includes?|supports?|charges?|gets?|comes? with"
    r"|allows?|gives?|ships? with|runs?|keeps?)"
)
_NEED = r"(?:needs?|requires?)"
_STATE = r"(?:available|accepted|welcome|included|allowed|offered|provided|supported|possible)"
_NEEDED = r"(?:required|needed|necessary|mandatory)"
_KNOWN = r"(?:certified|accredited|registered|compliant|approved)"
_THING = r"(?:(?:an?|any|the|our|its|\d[\w-]*)\s)*(?P<thing>[a-z][\w'-]*(?:\s[a-z][\w'-]*){0,4})"
_DO_NOT = (
    rf"(?:(?:do|does|did|can|will|may)\s?(?P<no>{_NOT})?\s"
    r"|(?P<never>(?:never|don't|doesn't|can't|won't)\s))?"
)
_FORMS = [
    # there is no free trial
    (rf"there (?:is|are)(?P<no> no| not| never)? (?:also )?{_THING}", "has"),
    # we do not take retainers; every plan has a free trial
    (rf"{_SUBJECT}{_DO_NOT}(?:also |now |still )?{_HAVE} (?P<none>no )?{_THING}", "has"),
    (rf"{_SUBJECT}{_DO_NOT}{_NEED} (?P<none>no )?{_THING}", "needs"),
    # walk-ins are welcome; a credit card is required
    (
        rf"{_THING} (?:is|are|can be)(?: (?P<no>{_NOT})|(?P<never>n't))?(?: also| now)? {_STATE}",
        "has",
    ),
    (
        rf"(?P<none>no )?{_THING}(?: is| are)?(?: (?P<no>{_NOT})|(?P<never>n't))? {_NEEDED}",
        "needs",
    ),
    # no walk-ins, no credit card: there is none, or none is needed
    (rf"(?P<none>no )(?!one|more|doubt|matter|need|problem|wonder){_THING}", NEITHER),
    # not GOTS certified
    (
        rf"(?:{_SUBJECT}(?:is|are) )?(?:(?P<no>{_NOT}) (?:yet )?)?(?P<thing>[a-z][\w'-]* {_KNOWN})",
        "has",
    ),
    # home collection is free, or has a price; a fee that has one is charged
    (rf"{_THING} (?:is|are) free(?! of|[- ]to)\b", "free"),
    (rf"{_THING} (?P<paid>costs?) (?:rs\.?|₹|\$|€|£)\s?\d", "free"),
    (rf"{_THING} (?:is|are) (?:rs\.?|₹|\$|€|£)\s?\d", "has"),
]
_DENIALS = ("no", "never", "none", "paid")


@functools.lru_cache(maxsize=1)
def _forms() -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple(
        (re.compile(rf"(?:and |also |so |yes, )?{form}", re.I), sort) for form, sort in _FORMS
    )


_MAY_STATE = re.compile(
    rf"\b(?:no|{_NOT}|there (?:is|are)|{_HAVE}|{_NEED}|{_STATE}|{_NEEDED}|{_KNOWN}|only|worldwide|gst|free"
    r"|open|closed)\b|\b(?:is|are|costs?) (?:\W?\d|rs)|n't\b",
    re.I,
)


def states(flat: str) -> bool:
    """Whether a sentence may make a claim, cheaply: it denies, or says what there is."""
    return len(flat) <= LONGEST and bool(_MAY_STATE.search(flat))


# ---------------------------------------------------------------- reading

_CLAUSE = re.compile(r"[;:?!,]\s|\.\s|\s-\s|\bbut\b|[()|]")
_SKIPPED = re.compile(
    r"\b(?:if|unless|except|would|could|might|example|instead of|rather than|no longer|not only|until|than"
    r"|without you|by 20\d\d|next (?:year|month))\b|\?(?!\w)",
    re.I,
)
_ENDS = re.compile(
    r"\s(?:for|in|at|from|with|during|to|until|because|so|and|or|yet|every|per|when|of|on)\s.*"
    r"|\s(?:yet|too|also|now|here|is|are)$",
    re.I,
)
_LITTLE = frozenset(
    [
        "a",
        "an",
        "any",
        "the",
        "our",
        "your",
        "its",
        "their",
        "all",
        "also",
        "full",
        "no",
        "day",
        "month",
        "extra",
        "is",
        "are",
    ]
)
_NO_THING = re.compile(r"(?:is|are|was|were|be|it|this|that|which|they|in|\w+ed)\b", re.I)
""" "We have treated 900 pets" and "it is free" name no thing."""


def read(fact: Fact, own: frozenset[str]) -> Iterator[Claim]:
    """Claims of a statement; none of a question, a condition or a doubt."""
    flat = flatten(fact.quote)
    if not states(flat) or pattern("hedge").search(flat) or _SKIPPED.search(flat):
        return
    start = 0
    for found in [*_CLAUSE.finditer(flat), None]:
        end = found.start() if found else len(flat)
        yield from _of_clause(fact, flat[start:end], start, own)
        start = found.end() if found else end
    yield from _in_words(fact, flat, own)


def _in_words(fact: Fact, flat: str, own: frozenset[str]) -> Iterator[Claim]:
    """Claims with words of their own; a "not" before them turns them round."""
    for name, subject, yes, no in claims():
        denied = no.search(flat)
        said = denied or yes.search(flat)
        if said:
            start = max((f.end() for f in _CLAUSE.finditer(flat, 0, said.start())), default=0)
            end = next((f.start() for f in _CLAUSE.finditer(flat, said.end())), len(flat))
            turned = bool(re.search(rf"\b(?:{_NOT}|no)\b|n't\b", flat[start : said.start()]))
            text = fact.quote[start:end].strip(_EDGES)
            around = f"{flat[start : said.start()]} {flat[said.end() : end]}"
            key = _case(fact, around, own) | {f"claim {name}"}
            yield Claim(fact, subject, key, bool(denied) == turned, text)


_EDGES = " .!*_-\n"


def _of_clause(fact: Fact, clause: str, start: int, own: frozenset[str]) -> Iterator[Claim]:
    bare = clause.strip(_EDGES)
    if not 1 < len(bare.split()) <= MOST_CLAUSE_WORDS:
        return
    for form, sort in _forms():
        found = form.match(bare)
        if found and (key := _key(found, own)):
            at = start + clause.index(bare)
            text = fact.quote[at : at + len(bare)]
            denied = any(found.groupdict().get(name) for name in _DENIALS)
            key |= _case(fact, _complement(bare), own)
            thing = _thing(found).lower()
            for one in ("has", "needs") if sort == NEITHER else (sort,):
                wider = _wider(thing, key | {one}) if one == "has" and not denied else ()
                yield Claim(fact, thing, key | {one}, not denied, text, wider)
            return


def _wider(thing: str, key: frozenset[str]) -> tuple[frozenset[str], ...]:
    """Without one of the words before the thing: whoever has free parking has parking."""
    *more, _ = [_stem(word) for word in re.findall(r"[a-z][\w-]*", thing)] or [""]
    return tuple(key - {word} for word in more if word in key)


def _case(fact: Fact, words: str, own: frozenset[str]) -> frozenset[str]:
    """In which case it is so, by what follows the thing and by the heading: a plan, a town, "for testing"."""
    said = f"{words} {fact.section}"
    cases = _stems(said) & frozenset(_stem(word) for word in listed("cases"))
    cases |= (qualifiers_of(said, own) - _PRICED_PER) | frozenset(places.find(words))
    return frozenset(f"case {word}" for word in cases)


_PRICED_PER = frozenset({"weekly", "monthly", "quarterly", "yearly"})
"""Retainers "from ₹60,000 a month" are retainers."""


def _complement(clause: str) -> str:
    found = _CASE.search(clause)
    return found.group() if found else ""


_CASE = re.compile(r"\b(?:for|in|at|from|with|during|to|on|when|of)\b.*", re.I | re.S)


def _thing(found: re.Match[str]) -> str:
    return _ENDS.sub("", found["thing"]).strip()


def _key(found: re.Match[str], own: frozenset[str]) -> frozenset[str]:
    """Stems of the thing and of whoever has it, if it is not the company itself; empty without a thing."""
    thing = _thing(found)
    named = _stems(thing) - {_stem(word) for word in _LITTLE}
    generic = listed("generic") | own | _LITTLE
    if _NO_THING.match(thing) or not 0 < len(named) <= MOST_WORDS or named <= _generic_stems():
        return frozenset()
    subject = (found.groupdict().get("subject") or "").lower()
    return named | {
        _stem(word) for word in re.findall(r"[a-z][\w-]*", subject) if word not in generic
    }


@functools.lru_cache(maxsize=1)
def _generic_stems() -> frozenset[str]:
    return frozenset(_stem(word) for word in listed("generic"))


def _stems(words: str) -> frozenset[str]:
    return frozenset(_stem(word) for word in re.findall(r"[a-z][\w-]*", words.lower()))


def _stem(word: str) -> str:
    return word.removesuffix("s") if len(word) > 3 else word


# ---------------------------------------------------------------- comparing


def contradictions(facts: Sequence[Fact], own: frozenset[str]) -> Iterator[tuple[Claim, Claim]]:
    """Of each thing the first claim that it is so and the first that it is not, of two documents."""
    affirmed: dict[frozenset[str], list[Claim]] = defaultdict(list)
    denied: dict[frozenset[str], list[Claim]] = defaultdict(list)
    for fact in facts:
        for claim in read(fact, own):
            (affirmed if claim.holds else denied)[claim.key].append(claim)
    for key, every in affirmed.items():
        against = next((denied[one] for one in (key, *every[0].wider) if one in denied), [])
        yes, no = _of_one_mind(every, against), _of_one_mind(against, every)
        if yes and no and yes.fact.evidence_id != no.fact.evidence_id:
            yield yes, no


def _of_one_mind(claims: Sequence[Claim], contrary: Sequence[Claim]) -> Claim | None:
    """The first of a document that does not say the contrary too: that one has cases."""
    unsure = {claim.fact.evidence_id for claim in contrary}
    return next((claim for claim in claims if claim.fact.evidence_id not in unsure), None)
