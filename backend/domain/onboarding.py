"""The onboarding session: its steps, what each has given, what completion needs (PRODUCT 4)."""

from typing import Any, Literal
from uuid import UUID

from psycopg.types.json import Jsonb
from pydantic import BaseModel

from backend.core.database import Reads, Tx
from backend.core.errors import Conflict, NotFound
from backend.core.records import WorkspaceTable
from backend.domain import foundation, icps
from backend.domain.values import Timestamp

STEPS: dict[int, str] = {
    1: "Evidence vault",
    2: "Auto extraction",
    4: "Truth validation",
    5: "Company and offer",
    13: "Positioning",
    15: "ICP profiles",
    23: "Synthesis",
}
"""The steps that exist. A step that is not here is absent from the API, not pretended."""

REQUIRED = (1, 2, 4, 7, 13, 15, 23)
"""What completion needs (PRODUCT 4); of these, the steps that exist."""

PRIVATE = frozenset({"embedding", "embedder"})
"""Members of a step's data that serve completion and leave no endpoint."""


class StepSummary(BaseModel):
    step: int
    name: str
    status: Literal["not_started", "completed", "stale"]


class Session(BaseModel):
    """`evidence` is a short list of the vault's items, `steps` the state of every step there is."""

    id: UUID
    workspace_id: UUID
    current_step: int
    completed_steps: list[int]
    evidence: list[dict[str, Any]]
    status: Literal["in_progress", "completed", "abandoned"]
    created_at: Timestamp
    updated_at: Timestamp
    completed_at: Timestamp | None
    steps: list[StepSummary]


class SessionRow(BaseModel):
    id: UUID
    workspace_id: UUID
    current_step: int
    completed_steps: list[int]
    evidence: list[dict[str, Any]]
    step_data: dict[str, Any]
    status: str
    created_at: Timestamp
    updated_at: Timestamp
    completed_at: Timestamp | None


table = WorkspaceTable("onboarding_sessions", SessionRow, "Session")

MINE = "select * from public.onboarding_sessions where workspace_id = %(workspace_id)s"
CREATE = """
insert into public.onboarding_sessions (workspace_id) values (%(workspace_id)s)
on conflict (workspace_id) do nothing
"""
RUNNING = """
select id from public.agent_executions
where workspace_id = %(workspace_id)s and request_type = 'onboarding' and session_id = %(session_id)s
  and status in ('queued', 'running') limit 1
"""

# What the later steps gave rests on this one: it stays readable and says that it is stale.
SAVE = """
update public.onboarding_sessions set
  step_data = coalesce((select jsonb_object_agg(key, case when key::int > %(step)s
      then value || '{"status": "stale"}' else value end) from jsonb_each(step_data)), '{}')
    || jsonb_build_object(%(key)s::text, jsonb_build_object('status', 'completed', 'data', %(data)s::jsonb)),
  completed_steps = array(select distinct s from unnest(completed_steps || %(step)s::int) s order by s),
  current_step = greatest(current_step, %(next)s)
where workspace_id = %(workspace_id)s and id = %(id)s and status = 'in_progress'
returning *
"""
MAKE_STALE = """
update public.onboarding_sessions set step_data = coalesce((select jsonb_object_agg(key,
    value || '{"status": "stale"}') from jsonb_each(step_data)), '{}')
where workspace_id = %(workspace_id)s and id = %(id)s and status = 'in_progress'
"""
COMPLETE = """
update public.onboarding_sessions set status = 'completed', completed_at = now()
where workspace_id = %(workspace_id)s and id = %(id)s and status = 'in_progress'
returning *
"""
LOCK = """
select * from public.onboarding_sessions where workspace_id = %(workspace_id)s and id = %(id)s for update
"""
FINISH_FOUNDATION = """
update public.foundations set onboarding_completed = true where workspace_id = %(workspace_id)s
"""


def shown(row: dict[str, Any]) -> dict[str, Any]:
    """A session row as the API shows it."""
    data = row["step_data"]
    steps = [
        {"step": n, "name": name, "status": data.get(str(n), {}).get("status", "not_started")}
        for n, name in STEPS.items()
    ]
    return {**row, "steps": steps}


async def mine(db: Reads) -> dict[str, Any]:
    """The workspace's only session."""
    row = await db.one(MINE)
    if row is None:
        raise table.missing()
    return row


async def create_or_return(tx: Tx) -> dict[str, Any]:
    await tx.run(CREATE)
    return await mine(tx)


def check_available(step: int) -> None:
    if step not in STEPS:
        raise NotFound(
            f"Step {step} is not available.", code="step_not_available", available=list(STEPS)
        )


async def step(db: Reads, id: UUID, step: int) -> dict[str, Any]:
    """What a step has given: `{"step", "status", "data"}`."""
    check_available(step)
    row = await table.get(db, id)
    kept = row["step_data"].get(str(step))
    if kept is None:
        return {"step": step, "status": "not_started", "data": None}
    data = {key: value for key, value in kept["data"].items() if key not in PRIVATE}
    return {"step": step, "status": kept["status"], "data": data}


async def check_runnable(db: Reads, id: UUID, step: int) -> None:
    """Raise unless this step may run now: it exists, was reached, and none is running."""
    check_available(step)
    row = await table.get(db, id)
    if row["status"] != "in_progress":
        raise Conflict("The onboarding is completed.", code="onboarding_completed")
    if step > row["current_step"]:
        raise Conflict(
            f"Step {row['current_step']} comes first.",
            code="step_not_reached",
            current_step=row["current_step"],
        )
    if await db.one(RUNNING, {"session_id": id}):
        raise Conflict("A step of this onboarding is running.", code="step_running")


async def save_step(tx: Tx, session_id: UUID, step: int, data: dict[str, Any]) -> dict[str, Any]:
    """Keep what a step gave; later steps go stale, and the next step opens."""
    following = next((n for n in STEPS if n > step), step)
    row = await tx.one(
        SAVE,
        {"id": session_id, "step": step, "key": str(step), "data": Jsonb(data), "next": following},
    )
    if row is None:
        await table.get(tx, session_id)
        raise Conflict("The onboarding is completed.", code="onboarding_completed")
    return row


async def evidence_changed(tx: Tx, session_id: UUID) -> None:
    """New evidence: whatever was derived from the old pile is stale."""
    await tx.run(MAKE_STALE, {"id": session_id})


async def complete(tx: Tx, id: UUID) -> dict[str, Any]:
    """Fill foundation and ICPs from the steps and close the session. Repeating it changes nothing.

    Raises Conflict `onboarding_incomplete` with `missing_steps`: those never run, or stale.
    """
    row = await tx.one(LOCK, {"id": id})
    if row is None:
        raise table.missing()
    if row["status"] == "completed":
        return row
    data = row["step_data"]
    missing = [
        n for n in REQUIRED if n in STEPS and data.get(str(n), {}).get("status") != "completed"
    ]
    if missing:
        raise Conflict(
            f"Steps still to run: {', '.join(map(str, missing))}.",
            code="onboarding_incomplete",
            missing_steps=missing,
        )
    await _fill_foundation(tx, {int(n): kept["data"] for n, kept in data.items()})
    await icps.replace_generated(tx, data["15"]["data"]["icps"])
    await tx.run(FINISH_FOUNDATION)
    closed = await tx.one(COMPLETE, {"id": id})
    assert closed is not None, "locked above while in progress"
    return closed


async def _fill_foundation(tx: Tx, steps: dict[int, dict[str, Any]]) -> None:
    company, positioning, summary = steps.get(5, {}), steps[13], steps[23]
    values: dict[str, Any] = {
        name: company[name]
        for name in ("company_name", "industry", "company_stage", "website_url", "offers")
        if company.get(name)
    }
    values["truth_sheet"] = steps[4]["truth_sheet"]
    values["positioning"] = {
        name: positioning.get(name)
        for name in ("category", "positioning_statement", "usps", "differentiators")
    }
    provenance = {
        **{
            name: {"source": "evidence", "facts": facts}
            for name, facts in company.get("sources", {}).items()
        },
        "positioning": {"source": "evidence", "facts": positioning.get("sources", {})},
        "truth_sheet": {"source": "evidence", "step": 4},
    }
    await foundation.write(tx, values, provenance, by="onboarding")
    await foundation.set_summary(tx, summary["summary"], summary["embedding"], summary["embedder"])
