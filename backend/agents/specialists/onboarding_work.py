"""What each step of the onboarding does: a skill over the pile, or arithmetic over what is there."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid5

from backend.agents.base import RunContext
from backend.agents.specialists import grounding, truth
from backend.agents.specialists.grounding import Grounding
from backend.agents.wishes.onboarding import StepInputs, material
from backend.core.database import Reads
from backend.domain import billing, completion, foundation
from backend.domain.facts import Fact
from backend.domain.onboarding_steps import REQUIRED, STEPS
from backend.domain.step_outputs import statements_of
from backend.memory import indexing
from backend.services import embeddings

MOST_ICPS = 3
TOP_QUESTIONS = 10
EMPTY_ICP: Mapping[str, Any] = {
    "tagline": None,
    "summary": None,
    "demographics": {},
    "psychographics": {},
    "behaviors": {},
}


@dataclass(frozen=True, slots=True)
class Pile:
    """What a step works on: the vault's texts and what the steps before it gave."""

    session: Mapping[str, Any]
    known: Grounding
    results: dict[int, dict[str, Any]]
    items: list[dict[str, Any]]

    def kept(self, number: int) -> dict[str, Any]:
        """What a step gave last, stale or not."""
        return (self.session["step_data"].get(str(number)) or {}).get("data") or {}


Work = Callable[[RunContext, StepInputs, Pile], Awaitable[dict[str, Any]]]


async def load(db: Reads, session_id: UUID, number: int) -> Pile:
    """Everything a step reads. Raises as `material`."""
    found = await material(db, session_id, number)
    known = _known(found.results, found.texts)
    return Pile(found.session, known, found.results, found.items)


def _known(results: Mapping[int, dict[str, Any]], texts: list[Any]) -> Grounding:
    sheet = results.get(4, {}).get("truth_sheet") or results.get(2, {})
    company = results.get(5, {})
    return Grounding(
        facts=[Fact.model_validate(fact) for fact in sheet.get("facts", [])],
        evidence=texts,
        company={
            name: company[name] for name in grounding.COMPANY if company.get(name) is not None
        },
        disputed=disputed(results) if 4 in results else None,
    )


def disputed(results: Mapping[int, dict[str, Any]]) -> frozenset[str]:
    """Facts of contradictions that are not settled."""
    open_now = set(results.get(4, {}).get("open_conflicts", []))
    return frozenset(
        fact_id
        for conflict in results.get(3, {}).get("conflicts", [])
        if conflict["id"] in open_now
        for fact_id in statements_of(conflict)
    )


# --- the steps ----------------------------------------------------------------------------------------


async def _count_evidence(ctx: RunContext, inputs: StepInputs, pile: Pile) -> dict[str, Any]:
    read = [item for item in pile.items if item["processing_status"] == "completed"]
    return {
        "items": len(pile.items),
        "readable": len(read),
        "words": sum(item["word_count"] or 0 for item in read),
        "pages": sum(item["pages"] for item in read),
        "failed": [
            {"item_id": str(item["id"]), "source_name": item["source_name"], "error": item["error"]}
            for item in pile.items
            if item["processing_status"] == "failed"
        ],
    }


async def _extract(ctx: RunContext, inputs: StepInputs, pile: Pile) -> dict[str, Any]:
    """Facts of what was brought; the founder's own corrections come in with step 4."""
    brought = [item for item in pile.known.evidence if item.name != truth.NAME]
    found = (await ctx.skill("fact_extraction", {"evidence": grounding.as_json(brought)})).output
    pictures = {str(item["id"]) for item in pile.items if item["ocr"]}
    return {**found, "facts": [_read_off(fact, pictures) for fact in found["facts"]]}


def _read_off(fact: dict[str, Any], pictures: set[str]) -> dict[str, Any]:
    """A fact read off a picture may be misread, a figure above all: the founder is to look at it."""
    return {**fact, "needs_verification": True} if fact["evidence_id"] in pictures else fact


async def _validate(ctx: RunContext, inputs: StepInputs, pile: Pile) -> dict[str, Any]:
    found, before = pile.results[2], pile.kept(4)
    conflicts = pile.results.get(3, {}).get("conflicts", [])
    facts = [Fact.model_validate(fact) for fact in found["facts"]]
    said = truth.rulings(facts, before.get("rulings", []), inputs.corrections)
    settled = truth.settle(conflicts, before.get("settled", []), inputs.resolutions)
    item = truth.corrections_item(pile.session["id"], said)
    ruled = [*truth.overruled(settled), *said]
    sheet = await asyncio.to_thread(truth.truth_sheet, facts, ruled, item)
    return {
        "truth_sheet": sheet,
        "quarantined": found["quarantined"],
        "rulings": said,
        "settled": settled,
        "open_conflicts": truth.open_conflicts(conflicts, settled, ruled),
        "missing": [],
    }


async def _profile(ctx: RunContext, inputs: StepInputs, pile: Pile) -> dict[str, Any]:
    given = pile.known.inputs()
    del given["company"]
    return (await ctx.skill("company_profile", given)).output


async def _position(ctx: RunContext, inputs: StepInputs, pile: Pile) -> dict[str, Any]:
    return (await ctx.skill("positioning_creation", _usable(pile))).output


async def _profile_customers(ctx: RunContext, inputs: StepInputs, pile: Pile) -> dict[str, Any]:
    """Two or three ICPs, as many as the plan allows; what the plan's number cuts off is said."""
    given = {**_usable(pile), "positioning": pile.results[13], "limit": MOST_ICPS}
    found = (await ctx.skill("icp_generation", given)).output
    plan = await billing.current_plan(ctx.reader)
    kept = found["icps"][: plan.max_icps]
    cut = found["icps"][len(kept) :]
    if cut:
        names = [icp["name"] for icp in cut]
        limit = {
            "plan": plan.id,
            "max_icps": plan.max_icps,
            "left_out": names,
            "message": (
                f"The {plan.name} plan keeps {plan.max_icps}. The evidence speaks of more: "
                + ", ".join(names)
                + "."
            ),
        }
        return {**found, "icps": kept, "plan_limit": limit}
    return {**found, "plan_limit": None}


async def _size_market(ctx: RunContext, inputs: StepInputs, pile: Pile) -> dict[str, Any]:
    """With the founder's numbers; those given once are taken again unless others are sent."""
    before = {
        assumption["name"]: assumption["value"]
        for assumption in pile.kept(22).get("assumptions", [])
        if assumption["given_by"] == "founder"
    }
    sent = inputs.market.model_dump(exclude_none=True) if inputs.market else {}
    return await _skill(ctx, 22, pile, {**before, **sent})


async def _summarise(ctx: RunContext, inputs: StepInputs, pile: Pile) -> dict[str, Any]:
    given = {
        **_usable(pile),
        "positioning": pile.results[13],
        "icps": pile.results[15]["icps"],
    }
    found = (await ctx.skill("foundation_synthesis", given)).output
    vector = (await embeddings.aencode([found["summary"]]))[0]
    return {
        **found,
        "missing": [],
        "embedding": vector.tolist(),
        "embedder": embeddings.EMBEDDER_ID,
    }


async def _remember(ctx: RunContext, inputs: StepInputs, pile: Pile) -> dict[str, Any]:
    """Put what was learned where it is found by meaning and by relation, before the session is closed.

    Writing it twice changes nothing, so the step may be repeated. Closing the session writes the foundation,
    which is then put here once more from its own rows.
    """
    row = await foundation.get(ctx.reader)
    values = {name: value for name, (_, value) in completion.columns(pile.results).items()}
    learned = {**row, **values, "summary": pile.results[23]["summary"]}
    session_id = pile.session["id"]
    icps = [
        {**EMPTY_ICP, **icp, "id": uuid5(session_id, icp["name"])}
        for icp in pile.results[15]["icps"]
    ]
    found = await indexing.index(ctx.database, ctx.user, learned, icps)
    return {
        "vectors": found.vectors,
        "entities": found.entities,
        "relationships": found.relations,
        "missing": [],
    }


async def _review(ctx: RunContext, inputs: StepInputs, pile: Pile) -> dict[str, Any]:
    """Where everything stands, and the questions that would help most."""
    data = pile.session["step_data"]
    checks = [
        {
            "step": n,
            "title": step.title,
            "status": data.get(str(n), {}).get("status", "not_started"),
            "required": step.required,
            "open_questions": len(pile.results.get(n, {}).get("missing", [])),
        }
        for n, step in STEPS.items()
        if n < 25
    ]
    asked = [gap for n in sorted(pile.results) for gap in pile.results[n].get("missing", [])]
    sheet = pile.results[4]["truth_sheet"]
    return {
        "ready": all(n in pile.results for n in REQUIRED),
        "checks": checks,
        "facts": len(sheet["facts"]),
        "corrected": len(sheet["corrected"]),
        "rejected": len(sheet["rejected"]),
        "open_conflicts": pile.results[4].get("open_conflicts", []),
        "set_aside": len(pile.results[4]["quarantined"]),
        "missing": list({gap["question"]: gap for gap in asked}.values())[:TOP_QUESTIONS],
    }


OWN_WORK: dict[int, Work] = {
    1: _count_evidence,
    2: _extract,
    4: _validate,
    5: _profile,
    13: _position,
    15: _profile_customers,
    22: _size_market,
    23: _summarise,
    24: _remember,
    25: _review,
}
"""Steps that do more than ask their skill with the pile."""


async def give(ctx: RunContext, number: int, inputs: StepInputs, pile: Pile) -> dict[str, Any]:
    """What a step gives now. Nothing is stored."""
    work = OWN_WORK.get(number)
    return await (work(ctx, inputs, pile) if work else _skill(ctx, number, pile, {}))


async def _skill(
    ctx: RunContext, number: int, pile: Pile, inputs: dict[str, Any]
) -> dict[str, Any]:
    skill = STEPS[number].skill
    assert skill, "a step without a skill has work of its own"
    given = {**pile.known.inputs(), "known": _earlier(number, pile), "inputs": inputs}
    return (await ctx.skill(skill, given)).output


def _earlier(number: int, pile: Pile) -> dict[str, Any]:
    """What earlier steps gave, by number as text; of steps 1, 2 and 4 only what is not in the facts."""
    known = {str(n): data for n, data in pile.results.items() if 2 < n < number and n != 4}
    if number > 4 and 4 in pile.results:
        known["4"] = {"open_conflicts": pile.results[4].get("open_conflicts", [])}
    return known


def _usable(pile: Pile) -> dict[str, Any]:
    """The pile's inputs without facts in dispute: neither side of a contradiction is used."""
    dropped = pile.known.disputed or frozenset()
    given = pile.known.inputs()
    given["facts"] = [fact for fact in given["facts"] if fact["id"] not in dropped]
    return given
