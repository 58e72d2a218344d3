"""Evidence and facts written by hand: briefs for the composer, lies and true lines for the claim check."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import yaml

from backend.domain.facts import Evidence, Fact, Quantity
from backend.skills.claims import Checker, Violation
from backend.skills.composers.playbook import Category
from backend.skills.figures import figures

HERE = Path(__file__).parent


def facts_of(name: str, text: str, listed: list[dict[str, Any]]) -> tuple[list[Fact], Evidence]:
    """Facts located by their quotes; a quote that is not in the text fails the test that reads it."""
    evidence = Evidence(id=uuid5(NAMESPACE_URL, name), name=name, text=text)
    facts = [_fact(number, entry, evidence) for number, entry in enumerate(listed, start=1)]
    return facts, evidence


def _fact(number: int, entry: dict[str, Any], evidence: Evidence) -> Fact:
    quote = entry["quote"]
    start = evidence.text.index(quote)
    return Fact(
        id=f"F{number:02d}",
        category=entry["category"],
        fact=quote,
        quote=quote,
        evidence_id=evidence.id,
        source=evidence.name,
        start=start,
        end=start + len(quote),
        section=entry.get("section", ""),
        speaker=entry.get("speaker", ""),
        confidence=entry.get("confidence", 0.9),
        quantities=[_quantity(q, quote, start) for q in entry.get("quantities", [])],
    )


def _quantity(entry: dict[str, Any], quote: str, start: int) -> Quantity:
    at = start + quote.index(entry["text"])
    return Quantity(start=at, end=at + len(entry["text"]), **entry)


@dataclass(frozen=True)
class ClaimCase:
    """One company's evidence with lies about it and true lines."""

    name: str
    checker: Checker
    facts: list[Fact]
    frozen: list[str]
    entry: dict[str, Any]

    def lies(self) -> Iterator[tuple[str, str, list[Violation]]]:
        """(kind, text, violations) of each lie: in copy, then in a plan's instructions."""
        for lie in self.entry["lies"]:
            yield lie["kind"], lie["text"], self.checker.check(lie["text"])
        for lie in self.entry.get("plan_lies", []):
            yield lie["kind"], lie["text"], self._plan(lie["text"])

    def true_lines(self) -> Iterator[tuple[str, list[Violation]]]:
        for line in self.entry["true_lines"]:
            yield line, self.checker.check(line)
        for line in self.entry.get("plan_lines", []):
            yield line, self._plan(line)

    def _plan(self, text: str) -> list[Violation]:
        counts = [f.value for f in figures(text) if f.spelled]  # as a card declares them
        return self.checker.check(text, owner_numbers=counts, audience="founder")


def claim_set(name: str) -> list[ClaimCase]:
    """The cases of `claims/<name>.yaml`."""
    listed = yaml.safe_load((HERE / "claims" / f"{name}.yaml").read_text(encoding="utf-8"))
    return [_case(entry) for entry in listed]


def _case(entry: dict[str, Any]) -> ClaimCase:
    facts, evidence = facts_of(entry["name"], entry["text"], entry["facts"])
    frozen = [fact.id for fact in facts if fact.quote.rstrip(".") in entry["frozen"]]
    checker = Checker(
        facts,
        [evidence],
        goal=entry["goal"],
        banned=entry["banned"],
        frozen=frozen,
        names=[entry["name"]],
    )
    return ClaimCase(entry["name"], checker, facts, frozen, entry)


@dataclass(frozen=True)
class Brief:
    """A company's evidence and what it wants."""

    name: str
    goal: str
    category: Category
    facts: tuple[Fact, ...]
    evidence: Evidence

    @property
    def company(self) -> dict[str, Any]:
        return {"company_name": self.name}


def brief(name: str) -> Brief:
    """The brief of `briefs/<name>.yaml`."""
    entry = yaml.safe_load((HERE / "briefs" / f"{name}.yaml").read_text(encoding="utf-8"))
    facts, evidence = facts_of(entry["name"], entry["text"], entry["facts"])
    return Brief(entry["name"], entry["goal"], entry["category"], tuple(facts), evidence)


BRIEFS = sorted(path.stem for path in (HERE / "briefs").glob("*.yaml"))
