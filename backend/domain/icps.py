"""ICPs: specific ideal customer profiles, at most one of them primary (PRODUCT 1, 3)."""

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from backend.core.database import Reader, Tx
from backend.core.records import WorkspaceTable
from backend.domain import billing
from backend.domain.values import INPUT, LongText, Name, Phrase, Timestamp, without_protected

Words = Annotated[list[Phrase], Field(max_length=50)]
Score = Annotated[int, Field(ge=0, le=100)]
Part = ConfigDict(extra="forbid")


class Demographics(BaseModel):
    model_config = Part

    age_range: Phrase = ""
    income_range: Phrase = ""
    location: Words = []
    role: Phrase = ""
    company_size: Phrase = ""
    industry: Words = []


class Psychographics(BaseModel):
    model_config = Part

    beliefs: Words = []
    identity: Phrase = ""
    becoming: Phrase = ""
    fears: Words = []
    values: Words = []


class Behaviors(BaseModel):
    model_config = Part

    hangouts: Words = []
    consumption: Words = []
    follows: Words = []
    language_patterns: Words = []
    buying_triggers: Words = []
    objections: Words = []


STAGES = ("unaware", "problem aware", "solution aware", "product aware", "most aware")


class MarketSophistication(BaseModel):
    """Stage 1 unaware, 2 problem aware, 3 solution aware, 4 product aware, 5 most aware.

    The stage's name follows its number unless another is sent.
    """

    model_config = Part

    stage: Annotated[int, Field(ge=1, le=5)] = 3
    stage_name: Phrase = "solution aware"
    reasoning: Phrase = ""

    @model_validator(mode="before")
    @classmethod
    def _named(cls, data: Any) -> Any:
        stage = data.get("stage") if isinstance(data, dict) else None
        if isinstance(stage, int) and 1 <= stage <= len(STAGES):
            return {"stage_name": STAGES[stage - 1], **data}
        return data


class Scores(BaseModel):
    """0 to 100 each."""

    model_config = Part

    pain_intensity: Score = 0
    willingness_to_pay: Score = 0
    accessibility: Score = 0
    product_fit: Score = 0


class Icp(BaseModel):
    """An ICP as it leaves the API. `sources` maps its fields to the facts they rest on, `score_reasons` each
    score to how it was counted (`reason`) and from which facts."""

    id: UUID
    workspace_id: UUID
    name: str
    tagline: str | None
    code: str | None
    is_primary: bool
    is_secondary: bool
    demographics: dict[str, Any]
    psychographics: dict[str, Any]
    behaviors: dict[str, Any]
    market_sophistication: dict[str, Any]
    scores: dict[str, Any]
    score_reasons: dict[str, Any]
    summary: str | None
    sources: dict[str, Any]
    created_at: Timestamp
    updated_at: Timestamp


class IcpCreate(BaseModel):
    model_config = INPUT

    name: Name
    tagline: LongText | None = None
    is_secondary: bool = False
    demographics: Demographics = Demographics()
    psychographics: Psychographics = Psychographics()
    behaviors: Behaviors = Behaviors()
    market_sophistication: MarketSophistication = MarketSophistication()
    scores: Scores = Scores()
    summary: LongText | None = None


class IcpUpdate(BaseModel):
    """Only what is sent is changed; primary is set through set-primary alone."""

    model_config = INPUT

    name: Name = ""
    tagline: LongText | None = None
    is_secondary: bool = False
    demographics: Demographics = Demographics()
    psychographics: Psychographics = Psychographics()
    behaviors: Behaviors = Behaviors()
    market_sophistication: MarketSophistication = MarketSophistication()
    scores: Scores = Scores()
    summary: LongText | None = None

    _drop = model_validator(mode="before")(without_protected)


class IcpPage(BaseModel):
    icps: list[Icp]
    total: int
    limit: int
    offset: int
    next_cursor: str | None = None


table = WorkspaceTable("icp_profiles", Icp, "ICP")

LIST = "select api.list_icps(%(claims)s, %(limit)s, %(offset)s, %(after_at)s, %(after_id)s)"
LOCK = "select pg_advisory_xact_lock(hashtextextended('icps:' || %(workspace_id)s::text, 0))"

# The next number after the highest in use, and whether this is the first ICP (which becomes primary).
NEXT = """
select count(*) as existing,
  coalesce(max(substring(code from '^ICP-(\\d{1,6})$')::int), 0) + 1 as number,
  coalesce(bool_or(is_primary), false) as has_primary
from public.icp_profiles where workspace_id = %(workspace_id)s
"""
UNSET_PRIMARY = """
update public.icp_profiles set is_primary = false
where workspace_id = %(workspace_id)s and is_primary and id <> %(id)s
"""
REMOVE_GENERATED = """
delete from public.icp_profiles
where workspace_id = %(workspace_id)s and sources <> '{}' and id <> all (%(keep)s)
"""


async def page(
    db: Reader, *, limit: int, offset: int, after: tuple[str, UUID] | None
) -> bytes | None:
    """The JSON of an `IcpPage`, rendered by Postgres."""
    after_at, after_id = after or (None, None)
    return await db.json(
        LIST, {"limit": limit, "offset": offset, "after_at": after_at, "after_id": after_id}
    )


async def create(tx: Tx, new: IcpCreate) -> dict[str, Any]:
    """A new ICP, within the plan's number of them (else Forbidden `plan_limit_reached`)."""
    return await _insert(tx, new.model_dump())


async def _insert(tx: Tx, values: dict[str, Any]) -> dict[str, Any]:
    plan = await billing.current_plan(tx)
    await tx.run(LOCK)
    state = await tx.one(NEXT)
    assert state is not None, "an aggregate has one row"
    if plan.max_icps is not None and state["existing"] >= plan.max_icps:
        raise billing.limit_reached(plan, plan.max_icps, "ICPs" if plan.max_icps > 1 else "ICP")
    return await table.insert(
        tx,
        {**values, "code": f"ICP-{state['number']:03d}", "is_primary": not state["has_primary"]},
    )


async def replace_generated(tx: Tx, profiles: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Put the profiles that onboarding derived in place of those it derived before.

    ICPs written by hand (without sources) stay and count against the plan's number. Profiles over that
    number are left out.
    """
    await tx.run(LOCK)
    await tx.run(REMOVE_GENERATED, {"keep": []})
    plan = await billing.current_plan(tx)
    state = await tx.one(NEXT)
    existing = state["existing"] if state else 0
    room = len(profiles) if plan.max_icps is None else max(0, plan.max_icps - existing)
    kept = [_generated_values(profile) for profile in profiles[:room]]
    return [await _insert(tx, values) for values in kept]


def _generated_values(profile: dict[str, Any]) -> dict[str, Any]:
    columns = set(IcpCreate.model_fields) | {"sources", "score_reasons"}
    return {name: value for name, value in profile.items() if name in columns}


NAMES = """
select id, lower(name) as name, run_id from public.icp_profiles where workspace_id = %(workspace_id)s
"""
NOTE_RUN = """
update public.icp_profiles set run_id = %(run_id)s where workspace_id = %(workspace_id)s and id = %(id)s
"""
MADE_BY = """
select id from public.icp_profiles
where workspace_id = %(workspace_id)s and run_id = %(run_id)s order by code
"""


async def check_room(tx: Tx, *, replacing: bool) -> None:
    """Raise Forbidden `plan_limit_reached` when not one more ICP fits into the plan."""
    plan = await billing.current_plan(tx)
    state = await tx.one(NEXT)
    used = state["existing"] if state and not replacing else 0
    if plan.max_icps is not None and used >= plan.max_icps:
        raise billing.limit_reached(
            plan, plan.max_icps, "ICPs" if plan.max_icps > 1 else "ICP", used
        )


async def add_generated(
    tx: Tx, run_id: UUID, profiles: Sequence[dict[str, Any]], *, replacing: bool
) -> tuple[list[dict[str, Any]], list[dict[str, str]]]:
    """Store what a run described; gives the new ICPs, and the profiles left out with why.

    A profile whose name is there already, or for which the plan has no room, is left out. With `replacing`
    earlier generated ones go first. A repeated call changes nothing.
    """
    await tx.run(LOCK)
    made = await tx.all(MADE_BY, {"run_id": run_id})
    if made:
        return [await table.get(tx, row["id"]) for row in made], []
    if replacing:
        await tx.run(REMOVE_GENERATED, {"keep": []})
    known = {row["name"] for row in await tx.all(NAMES)}
    plan = await billing.current_plan(tx)
    room = len(profiles) if plan.max_icps is None else max(0, plan.max_icps - len(known))
    kept: list[dict[str, Any]] = []
    left_out: list[dict[str, str]] = []
    for profile in profiles:
        if profile["name"].lower() in known:
            left_out.append({"name": profile["name"], "why": "There is one of this name."})
        elif len(kept) == room:
            why = f"The {plan.name} plan allows {plan.max_icps}."
            left_out.append({"name": profile["name"], "why": why})
        else:
            row = await _insert(tx, _generated_values(profile))
            await tx.run(NOTE_RUN, {"run_id": run_id, "id": row["id"]})
            known.add(profile["name"].lower())
            kept.append(row)
    return kept, left_out


async def set_primary(tx: Tx, id: UUID) -> dict[str, Any]:
    """Make this ICP the only primary one, in one transaction."""
    await tx.run(LOCK)
    await table.get(tx, id)
    await tx.run(UNSET_PRIMARY, {"id": id})
    return await table.update(tx, id, {"is_primary": True})
