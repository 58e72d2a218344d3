"""Campaigns: thirty to ninety days of moves in phases."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from backend.agents.wishes.campaigns import CampaignRequest
from backend.api.admission import Desk, admit
from backend.api.deps import CurrentUser, Db, Deleted, WorkspaceDB, WorkspaceReader
from backend.api.paging import PageQuery, Plain, SortedPageRoute, json_page
from backend.core.database import Reads
from backend.domain import campaign_plans, campaigns, runs
from backend.domain.campaign_plans import Warning
from backend.domain.campaigns import CampaignCreate, CampaignPage, CampaignUpdate, ListedCampaign
from backend.domain.facts import Missing
from backend.domain.moves import MovePage

router = APIRouter()


class CampaignDetail(ListedCampaign):
    warnings: list[Warning] = Field(description="What it has days in common with.")


class CampaignEnvelope(BaseModel):
    campaign: CampaignDetail


class PlannedCampaign(CampaignEnvelope):
    missing: list[Missing] = Field(description="What would make the plan better, as questions.")
    engine: str
    run_id: UUID


class CampaignQuery(PageQuery):
    status: campaigns.Status | None = Field(None, description="Only campaigns in this state.")


async def list_campaigns(db: WorkspaceReader, query: Annotated[CampaignQuery, Query()]) -> Response:
    """Campaigns of the workspace, newest first."""
    page = await campaigns.page(
        db, status=query.status, limit=query.limit, offset=query.offset, after=query.after()
    )
    return json_page(page)


router.add_api_route(
    "", list_campaigns, response_model=CampaignPage, route_class_override=SortedPageRoute
)


@router.post("")
async def create_campaign(new: CampaignCreate, db: WorkspaceDB) -> CampaignEnvelope:
    """Create a campaign without moves. `/campaigns/generate` plans one with them."""
    return await _shown(db, await campaigns.create(db, new))


@router.post("/generate")
async def generate_campaign(
    wish: CampaignRequest, user: CurrentUser, db: Db, desk: Desk, request: Request
) -> PlannedCampaign:
    """Plan a campaign as a run of the engine: phases, and every move with its days and tasks, all at once."""
    run_id = await admit(desk, db, user, "campaigns", wish)
    run = await desk.wait(user, run_id, request.app.state.settings.run_wait_seconds)
    output = runs.outcome(run)
    reader = db.reader(user)
    shown = await _shown(reader, await campaigns.detail(reader, UUID(output["campaign"]["id"])))
    return PlannedCampaign.model_validate(
        {
            **shown.model_dump(),
            "missing": output["missing"],
            "engine": output["engine"],
            "run_id": run_id,
        }
    )


@router.get("/{campaign_id}")
async def get_campaign(campaign_id: UUID, db: WorkspaceReader) -> CampaignEnvelope:
    """One campaign, with what it clashes with."""
    return await _shown(db, await campaigns.detail(db, campaign_id))


@router.put("/{campaign_id}")
async def update_campaign(
    campaign_id: UUID, changes: CampaignUpdate, db: WorkspaceDB
) -> CampaignEnvelope:
    """Change the fields that are sent; with a new start all dates shift together."""
    return await _shown(db, await campaigns.update(db, campaign_id, changes))


@router.delete("/{campaign_id}")
async def delete_campaign(campaign_id: UUID, db: WorkspaceDB) -> Deleted:
    """Delete a campaign with its moves that have not begun; those that have stay on their own."""
    await campaigns.delete(db, campaign_id)
    return Deleted()


async def list_campaign_moves(campaign_id: UUID, db: WorkspaceReader, query: Plain) -> Response:
    """Moves of the campaign in the order they were planned in."""
    page = await campaigns.moves_page(
        db, campaign_id, limit=query.limit, offset=query.offset, after=query.after()
    )
    return json_page(page)


router.add_api_route("/{campaign_id}/moves", list_campaign_moves, response_model=MovePage)


@router.post("/{campaign_id}/start")
async def start_campaign(campaign_id: UUID, db: WorkspaceDB) -> CampaignEnvelope:
    """Start it today or on its day; go on after a pause, with all dates shifted by the days it lay still."""
    return await _shown(db, await campaigns.start(db, campaign_id))


@router.post("/{campaign_id}/pause")
async def pause_campaign(campaign_id: UUID, db: WorkspaceDB) -> CampaignEnvelope:
    """Pause an active campaign and its active moves."""
    return await _shown(db, await campaigns.pause(db, campaign_id))


@router.post("/{campaign_id}/complete")
async def complete_campaign(campaign_id: UUID, db: WorkspaceDB) -> CampaignEnvelope:
    """Complete it; moves that never began are cancelled."""
    return await _shown(db, await campaigns.complete(db, campaign_id))


async def _shown(db: Reads, row: dict[str, Any]) -> CampaignEnvelope:
    found = await campaign_plans.warnings(db, row["id"])
    return CampaignEnvelope.model_validate({"campaign": {**row, "warnings": found}})
