"""The onboarding session: which steps have run, what each gave, and what completion needs (PRODUCT 4)."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Literal
from uuid import UUID

from psycopg.types.json import Jsonb
from pydantic import BaseModel

from backend.core.database import Reads, Tx
from backend.core.errors import Conflict
from backend.core.records import WorkspaceTable
from backend.domain import onboarding_steps
from backend.domain.onboarding_steps import CHAPTERS, STEPS, Step
from backend.domain.values import Timestamp

Status = Literal["not_started", "completed", "stale", "skipped"]

PRIVATE = frozenset({"embedding", "embedder"})
HEARD = frozenset({"found", "search_note"})
"""What a search brought: shown beside a step's data, written by nobody, handed to no other step."""
"""Members of a step's data that serve completion and leave no endpoint."""


class StepSummary(BaseModel):
    """`stale`: made from older answers. `by_hand`: the founder wrote its data."""

    step: int
    name: str
    chapter: int
    chapter_name: str
    status: Status
    required: bool
    skippable: bool
    editable: bool
    needs: list[int]
    by_hand: bool


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

# What the later steps gave rests on this one: it stays readable and says that it is stale. A step that was
# left out has nothing to go stale.
SAVE = """
update public.onboarding_sessions set
  step_data = coalesce((select jsonb_object_agg(key,
      case when key::int > %(step)s and value ->> 'status' = 'completed'
      then value || '{"status": "stale"}' else value end) from jsonb_each(step_data)), '{}')
    || jsonb_build_object(%(key)s::text, %(kept)s::jsonb),
  completed_steps = case when %(done)s
    then array(select distinct s from unnest(completed_steps || %(step)s::int) s order by s)
    else array_remove(completed_steps, %(step)s::int) end,
  current_step = greatest(current_step, %(next)s)
where workspace_id = %(workspace_id)s and id = %(id)s and status = 'in_progress'
returning *
"""
MAKE_STALE = """
update public.onboarding_sessions set step_data = coalesce((select jsonb_object_agg(key,
    case when value ->> 'status' = 'completed' then value || '{"status": "stale"}' else value end)
  from jsonb_each(step_data)), '{}')
where workspace_id = %(workspace_id)s and id = %(id)s and status = 'in_progress'
"""


def shown(row: dict[str, Any]) -> dict[str, Any]:
    """A session row as the API shows it."""
    data = row["step_data"]
    return {**row, "steps": [_summary(step, data.get(str(n), {})) for n, step in STEPS.items()]}


def _summary(step: Step, kept: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "step": step.number,
        "name": step.title,
        "chapter": step.chapter,
        "chapter_name": CHAPTERS[step.chapter - 1],
        "status": kept.get("status", "not_started"),
        "required": step.required,
        "skippable": step.skippable,
        "editable": step.by_hand,
        "needs": list(step.needs),
        "by_hand": kept.get("by") == "user",
    }


async def mine(db: Reads) -> dict[str, Any]:
    """The workspace's only session."""
    return the_one(await db.all(MINE))


def the_one(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The session that was read. Raises NotFound."""
    if not rows:
        raise table.missing()
    return rows[0]


async def create_or_return(tx: Tx) -> dict[str, Any]:
    await tx.run(CREATE)
    return await mine(tx)


def results(session: Mapping[str, Any]) -> dict[int, dict[str, Any]]:
    """Step number -> what it gave; what is stale or left out gives nothing, and neither does hearsay."""
    return {
        int(number): {name: part for name, part in kept["data"].items() if name not in HEARD}
        for number, kept in session["step_data"].items()
        if kept["status"] == "completed"
    }


async def step(db: Reads, id: UUID, number: int) -> dict[str, Any]:
    """What a step has given: `{"step", "status", "data", "by", "at"}`."""
    onboarding_steps.get(number)
    row = await table.get(db, id)
    kept = row["step_data"].get(str(number))
    if kept is None:
        return {"step": number, "status": "not_started", "data": None, "by": None, "at": None}
    data = kept["data"]
    shown_data = onboarding_steps.plain(data, number) if data is not None else None
    return {
        "step": number,
        "status": kept["status"],
        "data": shown_data,
        "by": kept.get("by"),
        "at": kept.get("at"),
    }


async def check_runnable(db: Reads, id: UUID, number: int) -> dict[str, Any]:
    """The session, if this step may run now: it exists, was reached, and none is running."""
    onboarding_steps.get(number)
    row = await _open(db, id)
    if number > row["current_step"]:
        raise Conflict(
            f"Step {row['current_step']} comes first.",
            code="step_not_reached",
            current_step=row["current_step"],
        )
    await check_idle(db, id)
    return row


async def check_idle(db: Reads, id: UUID) -> None:
    """Raises Conflict `step_running` while a run of this session is under way."""
    running = await db.one(RUNNING, {"session_id": id})
    if running:
        raise Conflict(
            "A step of this onboarding is running.",
            code="step_running",
            run_id=str(running["id"]),
        )


async def _open(db: Reads, id: UUID) -> dict[str, Any]:
    row = await table.get(db, id)
    if row["status"] != "in_progress":
        raise Conflict("The onboarding is completed.", code="onboarding_completed")
    return row


async def save_step(
    tx: Tx, session_id: UUID, number: int, data: dict[str, Any], *, run_id: UUID | None = None
) -> dict[str, Any]:
    """Keep what a run gave; later steps go stale, and the next step opens."""
    by = {"by": "onboarding", "run_id": str(run_id) if run_id else None}
    return await _save(tx, session_id, number, {"status": "completed", "data": data, **by})


def editable(number: int) -> Step:
    """The step, if a founder may write its data. Raises NotFound, Conflict `step_not_editable`."""
    found = onboarding_steps.get(number)
    if not found.by_hand:
        raise Conflict(
            f"Step {number} ({found.title}) is not written by hand. Facts are corrected in step 4.",
            code="step_not_editable",
        )
    return found


async def save_by_hand(
    tx: Tx, session_id: UUID, number: int, data: dict[str, Any]
) -> dict[str, Any]:
    """Keep what the founder wrote in a step's place."""
    editable(number)
    row = await check_runnable(tx, session_id, number)
    before = (row["step_data"].get(str(number)) or {}).get("data") or {}
    own = {name: part for name, part in data.items() if name not in HEARD}
    heard = {name: before[name] for name in HEARD & before.keys()}
    kept = {"status": "completed", "data": {**own, **heard}, "by": "user"}
    return await _save(tx, session_id, number, kept)


async def save_by_hand_again(
    tx: Tx, session_id: UUID, number: int, kept: dict[str, Any]
) -> dict[str, Any]:
    """Say that what the founder wrote still holds, although earlier steps have changed."""
    return await _save(tx, session_id, number, {**kept, "status": "completed"})


async def skip(tx: Tx, session_id: UUID, number: int) -> dict[str, Any]:
    """Leave a step out; a later run may still fill it. Raises Conflict `step_required`."""
    found = onboarding_steps.get(number)
    if not found.skippable:
        raise Conflict(
            f"Step {number} ({found.title}) cannot be skipped; the foundation rests on it.",
            code="step_required",
        )
    row = await check_runnable(tx, session_id, number)
    if row["step_data"].get(str(number), {}).get("status") == "skipped":
        return row
    return await _save(tx, session_id, number, {"status": "skipped", "data": None, "by": "user"})


async def _save(tx: Tx, id: UUID, number: int, kept: dict[str, Any]) -> dict[str, Any]:
    row = await tx.one(
        SAVE,
        {
            "id": id,
            "step": number,
            "key": str(number),
            "kept": Jsonb({**kept, "at": datetime.now(UTC).isoformat()}),
            "done": kept["status"] == "completed",
            "next": onboarding_steps.following(number),
        },
    )
    if row is None:
        await table.get(tx, id)
        raise Conflict("The onboarding is completed.", code="onboarding_completed")
    return row


async def evidence_changed(tx: Tx, session_id: UUID) -> None:
    """The pile is another: whatever was derived from the old one is stale."""
    await tx.run(MAKE_STALE, {"id": session_id})
