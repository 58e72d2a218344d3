"""Lies and true lines made out of a document's facts by rule, seeded: the same at every run.

Each kind of lie is a thing copywriters and models do: a number nudged, a figure lent to another thing, a
unit or period changed, a stranger named, a rank claimed, one result told of all, a negation lost, a
quotation bent.
"""

import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from backend.domain.facts import Fact

STRANGERS = ("Godrej", "Wipro", "Dr. Anita Rao", "Marico", "Pidilite", "Sunil Bhosale", "Havells")
UNITS = (
    ("per month", "per week"), ("a month", "a year"), ("months", "weeks"), ("minutes", "seconds"),
    ("hours", "minutes"), ("days", "hours"), ("weeks", "days"), ("per visit", "per month"), ("%", " rupees"),
    ("₹", "$"), ("Rs. ", "€"), ("Rs ", "$"),
)  # fmt: skip
RANKS = ("the best", "the most trusted", "the cheapest", "India's leading")
ENDORSED = ("{} recommends us.", "{} is our customer.", "Ask {}.")
PROMISES = ("Guaranteed: ", "We promise: ", "Always: ")
_FIGURE = re.compile(r"(?<![\w.,])\d[\d,]*(?:\.\d+)?(?![\w.,]*\d)")
_PRICED = re.compile(
    r"^(?P<label>[A-Z][^₹\d.]{2,40}?)[\s.:|-]+(?P<price>(?:₹|Rs\.? ?)[\d,]+)(?P<rest>.*)$"
)
_NAMED = re.compile(
    r"^(?P<who>(?:[A-Z][\w&.']*(?: & | )){1,3})"
    r"(?P<did>(?:cut|went|saved|moved|brought|got|grew|sold|filled)\b.*)$"
)
_QUOTE = re.compile(r"^[\"“](?P<said>[^\"”]+)[\"”]")


@dataclass(frozen=True)
class Made:
    kind: str
    text: str


def lies(facts: list[Fact], seed: int) -> list[Made]:
    dice = random.Random(seed)
    makers: list[Callable[[Fact, list[Fact], random.Random], Iterator[Made]]] = [
        _number, _swap, _unit, _name, _superlative, _generalised, _negation, _quote
    ]  # fmt: skip
    found = [lie for fact in facts for make in makers for lie in make(fact, facts, dice)]
    return list({lie.text: lie for lie in found}.values())


def true_lines(facts: list[Fact]) -> list[str]:
    found: list[str] = []
    for fact in facts:
        quote = _plain(fact)
        priced, said = _PRICED.match(quote), _QUOTE.match(quote)
        if priced and "|" not in quote:
            label, price = priced["label"].strip(), priced["price"] + priced["rest"].rstrip(".")
            found += [
                f"{label} costs {price}.",
                f"Ask for {label} at {price}.",
                f"{label}: {price}",
            ]
        elif said:
            found += [f"“{said['said']}”", f"One customer told us: “{said['said']}”"]
        elif "|" not in quote:
            sentence = quote if quote.endswith((".", "?", "!")) else quote + "."
            found += [sentence, f"As we say ourselves: “{quote.rstrip('.')}”"]
    return list(dict.fromkeys(found))


def _plain(fact: Fact) -> str:
    return re.sub(r"\s*\.{3,}\s*", " ", " ".join(fact.quote.split()))


def _number(fact: Fact, facts: list[Fact], dice: random.Random) -> Iterator[Made]:
    quote = _plain(fact)
    numbers = [m for m in _FIGURE.finditer(quote) if not _QUOTE.match(quote) and "|" not in quote]
    known = {n for other in facts for n in _FIGURE.findall(other.quote)}
    if not numbers:
        return
    spot = dice.choice(numbers)
    value = float(spot[0].replace(",", ""))
    new = value * dice.choice((0.5, 0.8, 1.25, 1.5, 3))
    text = f"{new:,.0f}" if "." not in spot[0] else f"{new:.1f}"
    if text not in known and text != spot[0]:
        yield Made("number", quote[: spot.start()] + text + quote[spot.end() :])


def _swap(fact: Fact, facts: list[Fact], dice: random.Random) -> Iterator[Made]:
    """A price under another label."""
    mine = _PRICED.match(_plain(fact))
    others = [m for f in facts if f is not fact and (m := _PRICED.match(_plain(f)))]
    if not mine or not others:
        return
    other = dice.choice(others)
    if other["price"] != mine["price"]:
        yield Made("swap", f"{mine['label'].strip()} costs {other['price']}.")


def _unit(fact: Fact, facts: list[Fact], dice: random.Random) -> Iterator[Made]:
    quote = _plain(fact)
    fits = [(old, new) for old, new in UNITS if old in quote and re.search(r"\d", quote)]
    if fits and not _QUOTE.match(quote) and "|" not in quote:
        old, new = dice.choice(fits)
        yield Made("unit", quote.replace(old, new, 1))


def _name(fact: Fact, facts: list[Fact], dice: random.Random) -> Iterator[Made]:
    stranger, named = dice.choice(STRANGERS), _NAMED.match(_plain(fact))
    if named:
        yield Made("name", f"{stranger} {named['did']}")
    elif fact.category in ("positioning", "differentiators"):
        yield Made(
            "name",
            dice.choice(("{} recommends us.", "{} is our customer.", "Ask {}.")).format(stranger),
        )


def _superlative(fact: Fact, facts: list[Fact], dice: random.Random) -> Iterator[Made]:
    quote = _plain(fact)
    if fact.category == "positioning" and re.search(r"\bis an? ", quote):
        yield Made("superlative", re.sub(r"\bis an? ", f"is {dice.choice(RANKS)} ", quote, count=1))
    elif fact.category == "differentiators":
        yield Made("superlative", dice.choice(PROMISES) + quote[0].lower() + quote[1:])


def _generalised(fact: Fact, facts: list[Fact], dice: random.Random) -> Iterator[Made]:
    named = _NAMED.match(_plain(fact))
    if named:
        who = dice.choice(("Every customer ", "Our customers ", "All our clients "))
        yield Made("generalised", who + named["did"])


def _negation(fact: Fact, facts: list[Fact], dice: random.Random) -> Iterator[Made]:
    quote = _plain(fact)
    if found := re.match(r"We (?:do not|don't|never) (.+)", quote):
        yield Made("negation", f"We {found[1]}")
    elif re.search(r" (?:is|are) (?!not)", quote) and fact.category in (
        "differentiators",
        "constraints",
    ):
        yield Made("negation", re.sub(r" (is|are) ", r" \1 not ", quote, count=1))


def _quote(fact: Fact, facts: list[Fact], dice: random.Random) -> Iterator[Made]:
    said = _QUOTE.match(_plain(fact))
    if said:
        words = said["said"].rstrip(".?!").split()
        words[dice.randrange(len(words))] = dice.choice(
            ("really", "finally", "twice", "everything")
        )
        yield Made("quote", f"“{' '.join(words)}.”")
