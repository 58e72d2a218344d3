"""The composers by skill id, as the executor calls them: JSON in, JSON out.

A skill without an entry here needs a language model.
"""

from collections.abc import Callable, Mapping
from typing import Any

from backend.domain.facts import Evidence, Fact
from backend.skills.anchoring import COPY
from backend.skills.composers import (
    blackbox,
    campaigns,
    channels,
    company,
    copywriting,
    daily_wins,
    differences,
    disagreements,
    extraction,
    icps,
    market,
    messages,
    moves,
    playbook,
    positioning,
    price_tiers,
    rewriting,
    sizing,
    synthesis,
    voice,
)
from backend.skills.composers.sourced import Brief
from backend.skills.executor import ComposerFunction
from backend.skills.figures import figures

Inputs = Mapping[str, Any]


def _facts(inputs: Inputs) -> list[Fact]:
    return [Fact.model_validate(fact) for fact in inputs["facts"]]


def _evidence(inputs: Inputs) -> list[Evidence]:
    return [Evidence.model_validate(item) for item in inputs["evidence"]]


def _reminded(inputs: Inputs) -> dict[str, Any]:
    """The request with what is remembered."""
    return {**inputs["request"], "memory": inputs.get("memory") or {}}


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
    request = moves.MovePlanRequest.model_validate(_reminded(inputs))
    plan = moves.compose(request, _facts(inputs), inputs["company"], _evidence(inputs))
    settling = {card.id for card in playbook.cards() if "conflict" in card.needs}
    for day in plan["execution"]:
        for task in day["tasks"]:
            task["owner_numbers"] = _own_numbers(task)
            task["settles_conflict"] = task["card"] in settling
    return plan


def _copywriting(inputs: Inputs) -> dict[str, Any]:
    request = copywriting.CopyRequest.model_validate(_reminded(inputs))
    return copywriting.compose(request, _facts(inputs), _evidence(inputs), inputs["company"])


def _rewriting(inputs: Inputs) -> dict[str, Any]:
    request = rewriting.RewriteRequest.model_validate(inputs["request"])
    return rewriting.rewrite(request, _facts(inputs), _evidence(inputs), inputs["company"])


def _strategy_synthesis(inputs: Inputs) -> dict[str, Any]:
    request = blackbox.StrategyRequest.model_validate(_reminded(inputs))
    return blackbox.compose(request, _facts(inputs), _evidence(inputs), inputs["company"])


def _quick_generation(inputs: Inputs) -> dict[str, Any]:
    request = daily_wins.WinsRequest.model_validate(_reminded(inputs))
    return daily_wins.compose(request, _facts(inputs), _evidence(inputs), inputs["company"])


def _own_numbers(task: Mapping[str, Any]) -> list[float]:
    """The plan's own counts. Cards write them as words, while every digit is the founder's."""
    text = " ".join((task["title"], task["description"], task["deliverable"]))
    return sorted({f.value for f in figures(text) if not any(c.isdigit() for c in f.text)})


def _campaign_strategy(inputs: Inputs) -> dict[str, Any]:
    request = campaigns.CampaignOutlineRequest.model_validate(inputs["request"])
    return campaigns.compose(request, str(inputs["company"].get("company_name") or ""))


def _of_brief(compose: Callable[[Brief], dict[str, Any]]) -> ComposerFunction:
    """A composer that works on a brief, with the inputs that most onboarding cards share."""

    def composed(inputs: Inputs) -> dict[str, Any]:
        return compose(
            Brief(
                _facts(inputs),
                _evidence(inputs),
                inputs["company"],
                inputs["known"],
                inputs["inputs"],
            )
        )

    return composed


def _as_found(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """A judgement without a model is the one the rules came to."""
    return dict(inputs["found"])


JUDGEMENTS = ("request_perception", "execution_planning", "output_reflection", "output_critique")

COMPOSERS: dict[str, ComposerFunction] = {
    **dict.fromkeys(JUDGEMENTS, _as_found),
    **dict.fromkeys(COPY, _copywriting),
    "copy_rewrite": _rewriting,
    "strategy_synthesis": _strategy_synthesis,
    "quick_generation": _quick_generation,
    "buying_process": _of_brief(messages.buying_process),
    "capability_matrix": _of_brief(differences.matrix),
    "category_choice": _of_brief(differences.category),
    "channel_ranking": _of_brief(channels.compose),
    "competitor_analysis": _of_brief(market.competitors),
    "competitor_ranking": _of_brief(market.ladder),
    "contradiction_detection": _of_brief(disagreements.compose),
    "differentiation_analysis": _of_brief(differences.usps),
    "focus_choice": _of_brief(differences.focus),
    "market_research": _of_brief(market.research),
    "market_sizing": _of_brief(sizing.compose),
    "message_hierarchy": _of_brief(messages.hierarchy),
    "messaging_guardrails": _of_brief(messages.guardrails),
    "pricing_analysis": _of_brief(price_tiers.compose),
    "soundbite_generation": _of_brief(messages.soundbites),
    "voice_measurement": _of_brief(voice.compose),
    "campaign_strategy": _campaign_strategy,
    "company_profile": _company_profile,
    "fact_extraction": _fact_extraction,
    "foundation_synthesis": _foundation_synthesis,
    "icp_generation": _icp_generation,
    "move_planning": _move_planning,
    "positioning_creation": _positioning_creation,
}
