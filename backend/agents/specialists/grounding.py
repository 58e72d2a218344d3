"""What the workspace's outputs may rest on: its facts, the texts they stand in, what is known of the firm."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from backend.core.database import Reads
from backend.domain import evidence, foundation, onboarding
from backend.domain.facts import Evidence, Fact
from backend.skills.claims import Checker
from backend.skills.composers import assets

LONGEST_BANNED = 4
_QUOTED = re.compile(r"[\"“]([^\"“”]{2,60})[\"”]")
COMPANY = ("company_name", "industry", "company_stage", "website_url", "offers", "positioning")


@dataclass(frozen=True, slots=True)
class Grounding:
    facts: list[Fact]
    evidence: list[Evidence]
    company: dict[str, Any]
    disputed: frozenset[str] | None = None
    """Facts in a contradiction that the founder has not settled; None where nobody was asked yet."""

    def inputs(self) -> dict[str, Any]:
        """The part of a skill's inputs that is the same for all: `facts`, `evidence`, `company`."""
        return {
            "facts": as_json(self.facts),
            "evidence": as_json(self.evidence),
            "company": self.company,
        }

    def checker(
        self,
        *,
        goal: str = "",
        topic: str = "",
        guardrails: Sequence[str] = (),
        heard: Sequence[Evidence] = (),
    ) -> Checker:
        """The claim check over these facts: those in conflict are frozen, banned words stay out.

        `heard` may be quoted, but nothing can rest on it.
        """
        return Checker(
            self.facts,
            [*self.evidence, *heard],
            goal=goal,
            topic=topic,
            banned=[*assets.banned(self.facts), *banned_words(guardrails)],
            frozen=assets.frozen(self.facts) if self.disputed is None else self.disputed,
            names=[str(self.company.get("company_name") or "")],
        )


async def of_workspace(db: Reads) -> Grounding:
    """Confirmed facts of the foundation; before onboarding is completed, what it has found so far."""
    sessions, foundations, texts = await db.each(
        (onboarding.MINE, {}), (foundation.GET, {}), (evidence.MY_TEXTS, {})
    )
    session, row = onboarding.the_one(sessions), foundation.the_one(foundations)
    known = onboarding.results(session)
    sheet = row["truth_sheet"] or known.get(4, {}).get("truth_sheet") or known.get(2, {})
    filled = {name: row[name] for name in COMPANY if row[name]}
    company = {**{name: known.get(5, {}).get(name) for name in COMPANY}, **filled}
    return Grounding(
        facts=[Fact.model_validate(fact) for fact in sheet.get("facts", [])],
        evidence=[Evidence(**text) for text in texts],
        company={name: value for name, value in company.items() if value is not None},
    )


def banned_words(guardrails: Sequence[str]) -> list[str]:
    """What guardrails forbid: the words in quotation marks of a rule, or a rule that is but a few words."""
    found: list[str] = []
    for rule in guardrails:
        quoted = _QUOTED.findall(rule)
        found += quoted or ([rule] if len(rule.split()) <= LONGEST_BANNED else [])
    return found


def as_json(models: Sequence[Fact] | Sequence[Evidence]) -> list[dict[str, Any]]:
    return [model.model_dump(mode="json") for model in models]
