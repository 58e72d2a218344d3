"""Runs of the engine: queue one, list them, look at one's whole trace, follow it, call it off."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, Query, Request, Response
from pydantic import BaseModel, Field

from backend.api.admission import Desk
from backend.api.deps import CurrentUser, Db, WorkspaceReader
from backend.api.paging import PageQuery, SortedPageRoute, json_page
from backend.api.run_lines import (
    AgentRequest,
    Lines,
    QueuedRun,
    RequestType,
    address,
    admit_request,
    stream,
)
from backend.core.errors import Unprocessable
from backend.domain import run_traces, runs
from backend.domain.run_traces import RunPage, Trace
from backend.services import recordings
from backend.services.recordings import Recording

router = APIRouter()


class RunEnvelope(BaseModel):
    run: Trace


class RunState(BaseModel):
    """`cancelled` at once, or still `running` or `queued` until its next step."""

    run_id: UUID
    status: runs.Status


class RunQuery(PageQuery):
    status: runs.Status | None = Field(None, description="Only runs in this state.")
    request_type: RequestType | None = Field(None, description="Only runs of this type.")


async def list_runs(db: WorkspaceReader, query: Annotated[RunQuery, Query()]) -> Response:
    """Runs of the workspace, newest first."""
    page = await run_traces.page(
        db,
        status=query.status,
        request_type=query.request_type,
        limit=query.limit,
        offset=query.offset,
        after=query.after(),
    )
    return json_page(page)


router.add_api_route(
    "/runs", list_runs, response_model=RunPage, route_class_override=SortedPageRoute
)


@router.post("/runs", status_code=202)
async def queue_run(
    body: AgentRequest, user: CurrentUser, db: Db, desk: Desk, response: Response
) -> QueuedRun:
    """Queue a request in the background: whoever waits for an answer goes first."""
    run_id = await admit_request(body, user, db, desk, background=True)
    response.headers["location"] = address(run_id)
    return QueuedRun(run_id=run_id)


@router.get("/runs/{run_id}")
async def get_run(run_id: UUID, db: WorkspaceReader) -> RunEnvelope:
    """One run with its execution trace."""
    return RunEnvelope(run=await run_traces.trace(db, run_id))


@router.get("/runs/{run_id}/recording")
async def record_run(run_id: UUID, db: WorkspaceReader) -> Recording:
    """What models and the web said in a run, to be replayed without a key (`MODEL_PROVIDER=replay:FILE`)."""
    recording = await recordings.of_run(db, run_id)
    if recording is None:
        raise runs.missing()
    return recording


@router.get("/runs/{run_id}/events", response_class=Lines)
async def follow_run(
    run_id: UUID,
    user: CurrentUser,
    db: Db,
    desk: Desk,
    request: Request,
    after: Annotated[int | None, Query(ge=0, le=2_000_000_000)] = None,
    last_event_id: Annotated[str | None, Header()] = None,
) -> Response:
    """The run's lines after number `after` (or `Last-Event-ID`), until it is at rest."""
    await runs.get(db.reader(user), run_id)
    return stream(desk, user, run_id, request, after if after is not None else _seq(last_event_id))


@router.delete("/runs/{run_id}")
async def cancel_run(run_id: UUID, user: CurrentUser, db: Db, desk: Desk) -> RunState:
    """Call a run off: one that waits ends at once, one at work at its next step."""
    await desk.cancel(user, run_id)
    run = await runs.get(db.reader(user), run_id)
    return RunState(run_id=run_id, status=run["status"])


def _seq(last_event_id: str | None) -> int:
    if last_event_id is None:
        return 0
    if not (last_event_id.isascii() and last_event_id.isdigit() and len(last_event_id) < 10):
        raise Unprocessable("Last-Event-ID is the `seq` of a line.", code="last_event_id_invalid")
    return int(last_event_id)
