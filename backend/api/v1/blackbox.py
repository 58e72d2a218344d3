"""The black box: risky plays, held for approval from risk 7 on, accepted into moves."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from backend.agents.wishes.blackbox import BlackboxRequest, Outcome
from backend.api.admission import Desk, admit
from backend.api.deps import CurrentUser, Db, Deleted, WorkspaceDB, WorkspaceReader
from backend.api.paging import PageQuery, SortedPageRoute, json_page
from backend.domain import blackbox, runs
from backend.domain.blackbox import FocusArea, RiskLevel, Strategy, StrategyPage
from backend.domain.moves import Move
from backend.domain.values import INPUT

router = APIRouter()


class StrategyEnvelope(BaseModel):
    strategy: Strategy


class Accepted(BaseModel):
    """The strategy and the draft it has become."""

    strategy: Strategy
    move: Move


class StrategyWish(BaseModel):
    model_config = INPUT

    focus_area: FocusArea = "acquisition"
    outcome: Outcome | None = None
    risk_level: RiskLevel = 5
    icp_id: UUID | None = None


class Generated(BaseModel):
    """From risk 7 on a strategy waits for approval: then `strategy` is null."""

    strategy: Strategy | None
    missing: list[dict[str, Any]] = []
    engine: str | None = None
    requires_approval: bool = False
    approval_gate_id: UUID | None = None
    run_id: UUID


@router.post("/generate")
async def generate_strategy(
    wish: StrategyWish, user: CurrentUser, db: Db, desk: Desk, request: Request
) -> Generated:
    """Plan a play as a run of the engine, and wait for it."""
    asked = BlackboxRequest.model_validate({"focus_area": wish.focus_area, **wish.model_dump()})
    run_id = await admit(desk, db, user, "blackbox", asked)
    run = await desk.wait(user, run_id, request.app.state.settings.run_wait_seconds)
    if run["status"] == "waiting_approval":
        gate = run["gate_id"]
        return Generated(
            strategy=None, requires_approval=True, approval_gate_id=gate, run_id=run_id
        )
    return Generated.model_validate({**runs.outcome(run), "run_id": run_id})


class StrategyQuery(PageQuery):
    focus_area: FocusArea | None = Field(None, description="Only this area.")
    status: blackbox.Status | None = Field(None, description="Only strategies in this state.")


async def list_strategies(
    db: WorkspaceReader, query: Annotated[StrategyQuery, Query()]
) -> Response:
    """Strategies of the workspace, newest first."""
    page = await blackbox.page(
        db,
        area=query.focus_area,
        status=query.status,
        limit=query.limit,
        offset=query.offset,
        after=query.after(),
    )
    return json_page(page)


router.add_api_route(
    "/strategies",
    list_strategies,
    response_model=StrategyPage,
    route_class_override=SortedPageRoute,
)


@router.get("/strategies/{strategy_id}")
async def get_strategy(strategy_id: UUID, db: WorkspaceReader) -> StrategyEnvelope:
    """One strategy with its phases, its claims and when to stop."""
    return StrategyEnvelope.model_validate({"strategy": await blackbox.table.get(db, strategy_id)})


@router.post("/strategies/{strategy_id}/accept")
async def accept_strategy(strategy_id: UUID, db: WorkspaceDB) -> Accepted:
    """Make a move of it, once: a second acceptance is 409."""
    strategy, move = await blackbox.accept(db, strategy_id)
    return Accepted.model_validate({"strategy": strategy, "move": move})


@router.post("/strategies/{strategy_id}/discard")
async def discard_strategy(strategy_id: UUID, db: WorkspaceDB) -> StrategyEnvelope:
    """Put a strategy aside for good."""
    return StrategyEnvelope.model_validate({"strategy": await blackbox.discard(db, strategy_id)})


@router.delete("/strategies/{strategy_id}")
async def delete_strategy(strategy_id: UUID, db: WorkspaceDB) -> Deleted:
    """Delete a strategy; the move it became stays."""
    await blackbox.table.delete(db, strategy_id)
    return Deleted()
