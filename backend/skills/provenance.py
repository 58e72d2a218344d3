"""Where each claim of an output comes from: supported, unsupported or contradicted, with its source.

A claim is a sentence that says something of the company: it has a number, a name, a quotation, or asserts
(COMPOSER 8). What only asks or instructs is no claim. The same check judges a composer's text and a model's.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from backend.domain.facts import Fact
from backend.skills import evaluation, wording
from backend.skills.claims import Checker, Violation
from backend.skills.figures import figures
from backend.skills.registry import Evaluation

Verdict = Literal["supported", "unsupported", "contradicted"]
CONTRADICTS = frozenset({5, 7})
"""Rules of the claim check whose breach means that the evidence says otherwise."""
MOST_CLAIMS = 300


@dataclass(frozen=True, slots=True)
class Claim:
    path: str
    """Where it stands in the output: `execution.0.tasks.2.title`."""
    text: str
    verdict: Verdict
    rule: int | None
    """Of the claim check, when it is broken."""
    why: str
    source: dict[str, Any] | None
    """`{fact_id, evidence_id, source, start, end, quote}`; None when nothing in the evidence is near."""

    def as_json(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__}


def provenance(output: Mapping[str, Any], rules: Evaluation, checker: Checker) -> dict[str, Any]:
    """The claims of an output at the paths its card names, and how many are of which verdict.

    Pure; takes some milliseconds: call it in a thread.
    """
    claims = [
        claim
        for where in [*rules.claims, *rules.traced]
        for path, text in evaluation.walk(dict(output), where)
        if isinstance(text, str)
        for claim in _claims(dict(output), path, text, rules, checker)
    ][:MOST_CLAIMS]
    verdicts = [claim.verdict for claim in claims]
    return {
        "claims": [claim.as_json() for claim in claims],
        **{name: verdicts.count(name) for name in ("supported", "unsupported", "contradicted")},
    }


def _claims(
    output: dict[str, Any], path: evaluation.Path, text: str, rules: Evaluation, checker: Checker
) -> list[Claim]:
    own = evaluation.declared(output, path, "owner_numbers") or []
    found = []
    for sentence in wording.sentences(" ".join(text.split())):
        if _claims_something(sentence, checker, rules):
            broken = checker.check(sentence, owner_numbers=own, audience=rules.claims_audience)
            place = ".".join(map(str, path))
            found.append(_claim(place, sentence, broken, checker))
    return found


def _claims_something(sentence: str, checker: Checker, rules: Evaluation) -> bool:
    return bool(
        "“" in sentence
        or re.search(r"\d", sentence)
        or any(figure.kind != "plain" for figure in figures(sentence))
        or checker.names_in(sentence)
        or wording.is_statement(sentence, checker.names, strict=rules.claims_audience == "public")
        or checker.check(sentence, audience=rules.claims_audience)
    )


def _claim(place: str, sentence: str, broken: list[Violation], checker: Checker) -> Claim:
    fact = checker.source_of(sentence)
    if not broken:
        return Claim(place, sentence, "supported", None, "", _source(fact))
    worst = next((v for v in broken if v.rule in CONTRADICTS), broken[0])
    against = worst.rule in CONTRADICTS or (worst.rule == 2 and fact is not None)
    verdict: Verdict = "contradicted" if against else "unsupported"
    return Claim(place, sentence, verdict, worst.rule, f"{worst.why}: {worst.text}", _source(fact))


def _source(fact: Fact | None) -> dict[str, Any] | None:
    if fact is None:
        return None
    return {
        "fact_id": fact.id,
        "evidence_id": str(fact.evidence_id),
        "source": fact.source,
        "start": fact.start,
        "end": fact.end,
        "quote": fact.quote,
    }
