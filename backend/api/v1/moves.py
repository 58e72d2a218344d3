"""Moves. The exemplar that CONTRIBUTING names: parse, call, return."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from backend.agents.wishes import task_drafts
from backend.agents.wishes.moves import MovesRequest
from backend.agents.wishes.task_drafts import DraftWish
from backend.api.admission import Desk, admit
from backend.api.deps import CurrentUser, Db, Deleted, WorkspaceDB, WorkspaceReader
from backend.api.paging import PageQuery, SortedPageRoute, json_page, paged
from backend.domain import adapting, moves, runs, tasks
from backend.domain.facts import Missing
from backend.domain.icps import Icp
from backend.domain.moves import Move, MoveCreate, MovePage, MoveUpdate
from backend.domain.muse import Asset
from backend.domain.tasks import Task, TaskUpdate

router = APIRouter()


class MoveEnvelope(BaseModel):
    move: Move


class MoveDetail(Move):
    target_icp: Icp | None
    tasks: list[Task]


class MoveDetailEnvelope(BaseModel):
    move: MoveDetail


class NotUsed(BaseModel):
    card: str
    why: str


class PlannedMove(MoveDetailEnvelope):
    missing: list[Missing] = Field(description="What would make the plan better, as questions.")
    not_used: list[NotUsed] = Field(description="Plays of the playbook that were left out.")
    engine: str
    run_id: UUID


class AdaptWish(BaseModel):
    model_config = ConfigDict(extra="forbid")

    mode: adapting.Mode = Field(
        "keep_end",
        description="`keep_end` drops what finds no room before the end, save must-dos; `extend` drops only"
        " what was nice to have.",
    )


class AdaptedMove(MoveDetailEnvelope):
    adapted: adapting.Adapted


class TaskPage(BaseModel):
    """`next_cursor` goes into `cursor` to read on from here, however deep, at the same cost."""

    tasks: list[Task]
    total: int
    limit: int
    offset: int
    next_cursor: str | None = None


class TaskQuery(PageQuery):
    limit: int = Field(100, ge=1, le=100, description="Rows on a page.")
    status: tasks.Status | None = Field(None, description="Only tasks in this state.")
    day: int | None = Field(None, ge=1, le=90, description="Only tasks of this day.")


class TaskEnvelope(BaseModel):
    task: Task


class Drafted(TaskEnvelope):
    """`missing` is what the evidence lacks, with the question that would fill it."""

    asset: Asset | None
    missing: list[Missing] = []
    engine: str | None = None
    requires_approval: bool = False
    approval_gate_id: UUID | None = None
    run_id: UUID


class MoveQuery(PageQuery):
    status: moves.Status | None = Field(None, description="Only moves in this state.")


async def list_moves(db: WorkspaceReader, query: Annotated[MoveQuery, Query()]) -> Response:
    """Moves of the workspace, newest first."""
    page = await moves.page(
        db, status=query.status, limit=query.limit, offset=query.offset, after=query.after()
    )
    return json_page(page)


router.add_api_route("", list_moves, response_model=MovePage, route_class_override=SortedPageRoute)


@router.post("")
async def create_move(new: MoveCreate, db: WorkspaceDB) -> MoveEnvelope:
    """Create a draft."""
    return MoveEnvelope.model_validate({"move": await moves.create(db, new)})


@router.post("/generate")
async def generate_move(
    wish: MovesRequest, user: CurrentUser, db: Db, desk: Desk, request: Request
) -> PlannedMove:
    """Plan a move as a run of the engine: its days and tasks, each resting on the founder's own facts."""
    run_id = await admit(desk, db, user, "moves", wish)
    run = await desk.wait(user, run_id, request.app.state.settings.run_wait_seconds)
    output = runs.outcome(run)
    move = await moves.detail(db.reader(user), UUID(output["move"]["id"]))
    kept = {name: output[name] for name in ("missing", "not_used", "engine")}
    return PlannedMove.model_validate({"move": move, "run_id": run_id, **kept})


@router.get("/{move_id}")
async def get_move(move_id: UUID, db: WorkspaceReader) -> MoveDetailEnvelope:
    """One move with its ICP and tasks."""
    return MoveDetailEnvelope.model_validate({"move": await moves.detail(db, move_id)})


@router.put("/{move_id}")
async def update_move(move_id: UUID, changes: MoveUpdate, db: WorkspaceDB) -> MoveEnvelope:
    """Change the fields that are sent."""
    return MoveEnvelope.model_validate({"move": await moves.update(db, move_id, changes)})


@router.delete("/{move_id}")
async def delete_move(move_id: UUID, db: WorkspaceDB) -> Deleted:
    """Delete a move and its tasks."""
    await moves.table.delete(db, move_id)
    return Deleted()


@router.post("/{move_id}/start")
async def start_move(move_id: UUID, db: WorkspaceDB) -> MoveEnvelope:
    """Start a draft, scheduled or paused move: dates, day 1, task rows."""
    return MoveEnvelope.model_validate({"move": await moves.start(db, move_id)})


@router.post("/{move_id}/pause")
async def pause_move(move_id: UUID, db: WorkspaceDB) -> MoveEnvelope:
    """Pause an active move; starting it again shifts its calendar."""
    return MoveEnvelope.model_validate({"move": await moves.pause(db, move_id)})


@router.post("/{move_id}/complete")
async def complete_move(move_id: UUID, db: WorkspaceDB) -> MoveEnvelope:
    """Complete an active or paused move."""
    return MoveEnvelope.model_validate({"move": await moves.complete(db, move_id)})


@router.post("/{move_id}/adapt")
async def adapt_move(move_id: UUID, db: WorkspaceDB, wish: AdaptWish | None = None) -> AdaptedMove:
    """Acknowledge missed days and lay the open tasks out anew from today."""
    adapted = await adapting.adapt(db, move_id, wish.mode if wish else "keep_end")
    move = await moves.detail(db, move_id)
    return AdaptedMove.model_validate({"move": move, "adapted": adapted})


@router.get("/{move_id}/tasks")
async def list_tasks(
    move_id: UUID, db: WorkspaceReader, query: Annotated[TaskQuery, Query()]
) -> TaskPage:
    """Tasks of a move by day."""
    position = query.after()
    rows, total = await tasks.page(
        db,
        move_id,
        status=query.status,
        day=query.day,
        limit=query.limit,
        offset=query.offset,
        after=position[1] if position else None,
    )
    return TaskPage.model_validate(paged("tasks", rows, total, query))


@router.post("/{move_id}/tasks/{task_id}/draft")
async def draft_task(
    move_id: UUID,
    task_id: UUID,
    user: CurrentUser,
    db: Db,
    desk: Desk,
    request: Request,
    wish: DraftWish | None = None,
) -> Drafted:
    """Write what a task asks for, by the copywriter; the task keeps it, and the asset knows its move.

    Advertisements and emails to strangers wait for approval first: then `asset` is null, and the task keeps
    the text once it is approved.
    """
    task = await tasks.in_move(db.reader(user), move_id, task_id)
    asked = task_drafts.request_for(task, {**task, "id": move_id}, wish or DraftWish())
    run_id = await admit(desk, db, user, "muse", asked)
    run = await desk.wait(user, run_id, request.app.state.settings.run_wait_seconds)
    if run["status"] == "waiting_approval":
        held = {"requires_approval": True, "approval_gate_id": run["gate_id"]}
        return Drafted.model_validate({"task": task, "asset": None, "run_id": run_id, **held})
    written = runs.outcome(run)
    kept = await tasks.in_move(db.reader(user), move_id, task_id)
    told = {name: written[name] for name in ("asset", "missing", "engine")}
    return Drafted.model_validate({"task": kept, "run_id": run_id, **told})


@router.put("/{move_id}/tasks/{task_id}")
async def update_task(
    move_id: UUID, task_id: UUID, changes: TaskUpdate, db: WorkspaceDB
) -> TaskEnvelope:
    """Change a task; the move's progress follows."""
    return TaskEnvelope.model_validate({"task": await tasks.update(db, move_id, task_id, changes)})
