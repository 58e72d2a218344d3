"""The composers by skill id, as the executor calls them: JSON in, JSON out.

A skill without an entry here needs a language model.
"""

from collections.abc import Mapping
from typing import Any

from backend.domain.facts import Evidence, Fact
from backend.skills.composers import (
    company,
    extraction,
    icps,
    moves,
    playbook,
    positioning,
    synthesis,
)
from backend.skills.executor import ComposerFunction
from backend.skills.figures import figures

Inputs = Mapping[str, Any]


def _facts(inputs: Inputs) -> list[Fact]:
    return [Fact.model_validate(fact) for fact in inputs["facts"]]


def _evidence(inputs: Inputs) -> list[Evidence]:
    return [Evidence.model_validate(item) for item in inputs["evidence"]]


def _fact_extraction(inputs: Inputs) -> dict[str, Any]:
    return extraction.extract(_evidence(inputs)).model_dump(mode="json")


def _company_profile(inputs: Inputs) -> dict[str, Any]:
    return dict(company.profile(_facts(inputs), _evidence(inputs)))


def _positioning_creation(inputs: Inputs) -> dict[str, Any]:
    return dict(positioning.compose(_facts(inputs), inputs["company"]))


def _icp_generation(inputs: Inputs) -> dict[str, Any]:
    known = {**inputs["company"], "positioning": inputs["positioning"]}
    profiles = icps.compose(_facts(inputs), known, inputs["limit"])
    return {
        "icps": [dict(profile) for profile in profiles],
        "missing": [gap for profile in profiles for gap in profile["missing"]],
    }


def _foundation_synthesis(inputs: Inputs) -> dict[str, Any]:
    known = {**inputs["company"], "positioning": inputs["positioning"]}
    return {"summary": synthesis.summary(known, _facts(inputs), inputs["icps"])}


def _move_planning(inputs: Inputs) -> dict[str, Any]:
    request = moves.MovePlanRequest.model_validate(inputs["request"])
    plan = moves.compose(request, _facts(inputs), inputs["company"], _evidence(inputs))
    settling = {card.id for card in playbook.cards() if "conflict" in card.needs}
    for day in plan["execution"]:
        for task in day["tasks"]:
            task["owner_numbers"] = _own_numbers(task)
            task["settles_conflict"] = task["card"] in settling
    return plan


def _own_numbers(task: Mapping[str, Any]) -> list[float]:
    """The plan's own counts. Cards write them as words, while every digit is the founder's."""
    text = " ".join((task["title"], task["description"], task["deliverable"]))
    return sorted({f.value for f in figures(text) if not any(c.isdigit() for c in f.text)})


COMPOSERS: dict[str, ComposerFunction] = {
    "company_profile": _company_profile,
    "fact_extraction": _fact_extraction,
    "foundation_synthesis": _foundation_synthesis,
    "icp_generation": _icp_generation,
    "move_planning": _move_planning,
    "positioning_creation": _positioning_creation,
}
