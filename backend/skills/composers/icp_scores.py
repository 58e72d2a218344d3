"""Scores and market stage of an ICP: counts of what is on file, by a formula anybody can check."""

from collections.abc import Mapping, Sequence
from typing import TypedDict

from backend.domain.facts import Fact
from backend.skills.composers.lexicon import pattern

Values = Mapping[str, Sequence[str]]

STAGES = {
    1: "unaware",
    2: "problem aware",
    3: "solution aware",
    4: "product aware",
    5: "most aware",
}
REACHABLE = ("location", "hangouts", "role", "company_size", "age_range")


class Sophistication(TypedDict):
    stage: int
    stage_name: str
    reasoning: str


class Reason(TypedDict):
    reason: str
    facts: list[str]


def scores(
    values: Values, own: Sequence[Fact], facts: Sequence[Fact], sources: Values
) -> tuple[dict[str, int], dict[str, Reason]]:
    """Four scores from 0 to 100, and how each was counted.

    `values` are the profile's fields, `sources` the ids of the facts they stand in, `own` the facts that name
    these buyers.

    pain_intensity      20 a fear, 10 an objection, 10 a trigger
    willingness_to_pay  30 when a price is on file, 15 a fact that counts customers or results (at most 3),
                        10 a trigger, less 10 an objection
    accessibility       20 each for a place, a meeting point, a role, a size and an age on file
    product_fit         20 a fact that names these buyers, 10 more when it is a proof
    """
    fears, doubts, triggers = (
        len(values.get(name, ())) for name in ("fears", "objections", "buying_triggers")
    )
    priced = [fact for fact in facts if any(q.kind == "price" for q in fact.quantities)]
    proven = [fact for fact in facts if fact.category == "proof_points" and fact.quantities][:3]
    known = [name for name in REACHABLE if values.get(name)]
    proofs = sum(fact.category == "proof_points" for fact in own)
    raw = {
        "pain_intensity": 20 * fears + 10 * doubts + 10 * triggers,
        "willingness_to_pay": 30 * bool(priced) + 15 * len(proven) + 10 * triggers - 10 * doubts,
        "accessibility": 20 * len(known),
        "product_fit": 20 * len(own) + 10 * proofs,
    }
    trouble = _ids(sources, "fears", "objections", "buying_triggers")
    paid = [*(f.id for f in priced[:1]), *(f.id for f in proven)]
    reasons = {
        "pain_intensity": _reason(
            f"{_counted(fears, 'fear')}, {_counted(doubts, 'objection')}, "
            f"{_counted(triggers, 'trigger')} on file",
            trouble,
        ),
        "willingness_to_pay": _reason(
            f"{'a price' if priced else 'no price'}, {_counted(len(proven), 'counted result')}, "
            f"{_counted(triggers, 'trigger')}, {_counted(doubts, 'objection')} on file",
            [*paid, *_ids(sources, "buying_triggers", "objections")],
        ),
        "accessibility": _reason(
            f"on file: {', '.join(known).replace('_', ' ') or 'nothing'}", _ids(sources, *known)
        ),
        "product_fit": _reason(
            f"{_counted(len(own), 'fact')} named after them, {_counted(proofs, 'proof')} among them",
            [fact.id for fact in own],
        ),
    }
    return {name: max(0, min(100, value)) for name, value in raw.items()}, reasons


def _ids(sources: Values, *names: str) -> list[str]:
    return [id for name in names for id in sources.get(name, ())]


def _reason(reason: str, facts: Sequence[str]) -> Reason:
    return Reason(reason=reason, facts=list(dict.fromkeys(facts)))


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def sophistication(spoken: Sequence[Fact]) -> Sophistication:
    """Market stage by what buyers are said to do; 3 unless the facts speak for another."""
    comparing = [fact.id for fact in spoken if pattern("compares").search(fact.quote)]
    hurting = [fact.id for fact in spoken if pattern("fear").search(fact.quote)]
    if comparing:
        return _stage(4, f"They compare offers ({', '.join(comparing[:3])}).")
    if len(hurting) >= 2:
        return _stage(2, f"Trouble is on file, no other offer ({', '.join(hurting[:3])}).")
    return _stage(3, "Nothing on file speaks for another stage.")


def _stage(stage: int, reasoning: str) -> Sophistication:
    return Sophistication(stage=stage, stage_name=STAGES[stage], reasoning=reasoning)
