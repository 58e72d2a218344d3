"""Onboarding: each step a small run of its own, from the founder's documents to the foundation."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from backend.agents.base import RunContext, Specialist, SpecialistRequest
from backend.agents.specialists import grounding, truth
from backend.agents.specialists.grounding import Grounding
from backend.agents.specialists.truth import Correction
from backend.core.database import Reads, Tx
from backend.core.errors import Conflict, Unprocessable
from backend.domain import billing, evidence, onboarding
from backend.domain.facts import Evidence, Fact
from backend.services import embeddings

MOST_ICPS = 3
TAKES_CORRECTIONS = 4


class StepInputs(BaseModel):
    """Only step 4 takes inputs."""

    model_config = ConfigDict(extra="forbid")

    corrections: Annotated[list[Correction], Field(max_length=500)] = []


class OnboardingRequest(SpecialistRequest):
    action: Literal["step"] = "step"
    session_id: UUID
    step: int = Field(ge=1, le=25)
    inputs: StepInputs = StepInputs()


@dataclass(frozen=True, slots=True)
class Pile:
    """What a step works on: the vault's texts and what the steps before it gave."""

    known: Grounding
    results: dict[int, dict[str, Any]]
    items: list[dict[str, Any]]


Work = Callable[[RunContext, OnboardingRequest, Pile], Awaitable[dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class Step:
    """`needs` are the steps whose results it reads; `skill` the card it is judged by, if any."""

    work: Work
    needs: tuple[int, ...] = ()
    skill: str | None = None


async def _count_evidence(
    ctx: RunContext, request: OnboardingRequest, pile: Pile
) -> dict[str, Any]:
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


async def _extract(ctx: RunContext, request: OnboardingRequest, pile: Pile) -> dict[str, Any]:
    inputs = {"evidence": grounding.as_json(pile.known.evidence)}
    return (await ctx.skill("fact_extraction", inputs)).output


async def _validate(ctx: RunContext, request: OnboardingRequest, pile: Pile) -> dict[str, Any]:
    found = pile.results[2]
    corrections = request.inputs.corrections
    item = truth.corrections_item(request.session_id, corrections)
    facts = [Fact.model_validate(fact) for fact in found["facts"]]
    sheet = await asyncio.to_thread(truth.truth_sheet, facts, corrections, item)
    return {"truth_sheet": sheet, "quarantined": found["quarantined"]}


async def _profile(ctx: RunContext, request: OnboardingRequest, pile: Pile) -> dict[str, Any]:
    inputs = pile.known.inputs()
    del inputs["company"]
    return (await ctx.skill("company_profile", inputs)).output


async def _position(ctx: RunContext, request: OnboardingRequest, pile: Pile) -> dict[str, Any]:
    return (await ctx.skill("positioning_creation", pile.known.inputs())).output


async def _profile_customers(
    ctx: RunContext, request: OnboardingRequest, pile: Pile
) -> dict[str, Any]:
    """Two or three ICPs, as many as the plan allows; what the plan's number cuts off is said."""
    inputs = {**pile.known.inputs(), "positioning": pile.results[13], "limit": MOST_ICPS}
    found = (await ctx.skill("icp_generation", inputs)).output
    plan = await billing.current_plan(ctx.reader)
    kept = found["icps"][: plan.max_icps]
    cut = found["icps"][len(kept) :]
    if cut:
        limit = {
            "plan": plan.id,
            "max_icps": plan.max_icps,
            "left_out": [icp["name"] for icp in cut],
            "message": (
                f"The {plan.name} plan keeps {plan.max_icps}. The evidence speaks of more: "
                + ", ".join(icp["name"] for icp in cut)
                + "."
            ),
        }
        return {**found, "icps": kept, "plan_limit": limit}
    return {**found, "plan_limit": None}


async def _summarise(ctx: RunContext, request: OnboardingRequest, pile: Pile) -> dict[str, Any]:
    inputs = {
        **pile.known.inputs(),
        "positioning": pile.results[13],
        "icps": pile.results[15]["icps"],
    }
    found = (await ctx.skill("foundation_synthesis", inputs)).output
    vector = (await embeddings.aencode([found["summary"]]))[0]
    return {**found, "embedding": vector.tolist(), "embedder": embeddings.EMBEDDER_ID}


STEPS: dict[int, Step] = {
    1: Step(_count_evidence),
    2: Step(_extract, skill="fact_extraction"),
    4: Step(_validate, needs=(2,)),
    5: Step(_profile, needs=(4,), skill="company_profile"),
    13: Step(_position, needs=(4, 5), skill="positioning_creation"),
    15: Step(_profile_customers, needs=(4, 5, 13), skill="icp_generation"),
    23: Step(_summarise, needs=(4, 5, 13, 15), skill="foundation_synthesis"),
}


async def check(tx: Tx, request: OnboardingRequest) -> None:
    """404 for a foreign session or an absent step, 409 when it cannot run now, 422 for idle corrections."""
    if request.inputs.corrections and request.step != TAKES_CORRECTIONS:
        raise Unprocessable(
            f"Only step {TAKES_CORRECTIONS} takes corrections.", code="corrections_not_taken"
        )
    await onboarding.check_runnable(tx, request.session_id, request.step)
    await _pile(tx, request)


async def act(ctx: RunContext, request: OnboardingRequest) -> dict[str, Any]:
    pile = await _pile(ctx.reader, request)
    ctx.checker = pile.known.checker(guardrails=ctx.background.get("guardrails", []))
    result = await STEPS[request.step].work(ctx, request, pile)
    return {"result": result, "demands": {}, "read": [str(item["id"]) for item in pile.items]}


async def persist(
    ctx: RunContext, request: OnboardingRequest, draft: dict[str, Any]
) -> dict[str, Any]:
    data = draft["result"]
    item = truth.corrections_item(request.session_id, request.inputs.corrections)
    read = {*map(UUID, draft["read"]), *([item.id] if item else [])}
    async with ctx.database.workspace(ctx.user) as tx:
        await evidence.check_read(tx, request.session_id, read)
        if item:
            await evidence.add(tx, request.session_id, _as_row(item))
        await onboarding.save_step(tx, request.session_id, request.step, data)
    shown = {name: value for name, value in data.items() if name not in onboarding.PRIVATE}
    return {
        "type": "onboarding_step",
        "step": request.step,
        "status": "completed",
        "data": shown,
    }


async def _pile(db: Reads, request: OnboardingRequest) -> Pile:
    """Everything the step reads. Raises Conflict when there is no evidence, or an earlier step is due."""
    session = await onboarding.table.get(db, request.session_id)
    items = await evidence.listing(db, request.session_id)
    texts = await evidence.texts(db, request.session_id)
    if not texts:
        raise Conflict(
            "There is nothing to read yet. Upload a document or add a page first.",
            code="evidence_missing",
        )
    results = grounding.results(session)
    due = [step for step in STEPS[request.step].needs if step not in results]
    if due:
        raise Conflict(
            f"Run step {due[0]} first; its result is missing or stale.",
            code="step_stale",
            steps_due=due,
        )
    sheet = results.get(4, {}).get("truth_sheet") or results.get(2, {})
    known = Grounding(
        facts=[Fact.model_validate(fact) for fact in sheet.get("facts", [])],
        evidence=texts,
        company={
            name: value
            for name in grounding.COMPANY
            if (value := results.get(5, {}).get(name)) is not None
        },
    )
    return Pile(known, results, items)


def _as_row(item: Evidence) -> dict[str, Any]:
    """The founder's corrections as a row of the vault."""
    return {
        "id": item.id,
        "source_type": "file",
        "source_name": item.name,
        "content_type": "text/plain",
        "size_bytes": len(item.text.encode()),
        "sha256": hashlib.sha256(item.text.encode()).hexdigest(),
        "storage_path": None,
        "url": None,
        "text": item.text,
        "page_starts": item.page_starts,
        "word_count": len(item.text.split()),
        "truncated": False,
    }


def _skills(request: OnboardingRequest) -> list[str]:
    skill = STEPS[request.step].skill
    return [skill] if skill else []


SPECIALIST = Specialist(
    agent="onboarding_orchestrator",
    request=OnboardingRequest,
    skills=_skills,
    check=check,
    act=act,
    persist=persist,
)
