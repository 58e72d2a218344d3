"""Muse: copy generated, kept, edited, with every version and every claim."""

from typing import Annotated, Any, Self
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field, model_validator

from backend.agents.specialists import copy_writing, grounding
from backend.agents.specialists.muse import Language, MuseRequest, Platform, Topic, check_place
from backend.api.admission import Desk, admit
from backend.api.deps import CurrentUser, Db, WorkspaceDB, WorkspaceReader
from backend.api.paging import PageQuery, PageRoute, json_page
from backend.domain import foundation, muse, runs
from backend.domain.muse import Asset, AssetPage, AssetUpdate, Type
from backend.domain.values import INPUT
from backend.skills import copy_rules
from backend.skills.composers.copybook import Tone

router = APIRouter()


class AssetEnvelope(BaseModel):
    asset: Asset


class Deleted(BaseModel):
    deleted: bool = True


class CopyWish(BaseModel):
    """What to write. The place (`platform`) must be one that the type goes to."""

    model_config = INPUT

    content_type: Type
    topic: Topic
    platform: Platform | None = None
    tone: Tone | None = None
    language: Language = "en-IN"
    variants: int = Field(default=1, ge=1, le=3)
    icp_id: UUID | None = None
    move_id: UUID | None = None
    campaign_id: UUID | None = None
    cold_outreach: bool = Field(
        default=False, description="An email to people who did not ask for it: held for approval."
    )

    @model_validator(mode="after")
    def _goes_there(self) -> Self:
        if self.platform:
            check_place(self.content_type, self.platform)
        return self


class Written(BaseModel):
    """What a run has written. Advertisements and cold emails wait for approval: then `asset` is null."""

    asset: Asset | None
    variants: list[Asset] = []
    missing: list[dict[str, Any]] = Field(
        default=[], description="What the evidence lacks, with the question that would fill it."
    )
    engine: str | None = None
    requires_approval: bool = False
    approval_gate_id: UUID | None = None
    run_id: UUID


@router.post("/generate")
async def generate_copy(
    wish: CopyWish, user: CurrentUser, db: Db, desk: Desk, request: Request
) -> Written:
    """Write copy as a run of the engine, and wait for it. Every claim comes with its source, or flagged."""
    asked = MuseRequest.model_validate(wish.model_dump(exclude_unset=True))
    run_id = await admit(desk, db, user, "muse", asked)
    run = await desk.wait(user, run_id, request.app.state.settings.run_wait_seconds)
    return _written(run)


def _written(run: dict[str, Any]) -> Written:
    if run["status"] == "waiting_approval":
        return Written(
            asset=None, requires_approval=True, approval_gate_id=run["gate_id"], run_id=run["id"]
        )
    if run["status"] != "completed":
        raise runs.as_error(run)
    return Written.model_validate({**run["output"], "run_id": run["id"]})


class AssetQuery(PageQuery):
    type: Type | None = Field(None, description="Only this type.")
    status: muse.Status | None = Field(None, description="Only assets in this state.")


async def list_assets(db: WorkspaceReader, query: Annotated[AssetQuery, Query()]) -> Response:
    """Assets of the workspace, newest first."""
    page = await muse.page(
        db,
        type=query.type,
        status=query.status,
        limit=query.limit,
        offset=query.offset,
        after=query.after(),
    )
    return json_page(page)


router.add_api_route(
    "/assets", list_assets, response_model=AssetPage, route_class_override=PageRoute
)


@router.get("/assets/{asset_id}")
async def get_asset(asset_id: UUID, db: WorkspaceReader) -> AssetEnvelope:
    """One asset with its lines, its claims and their sources."""
    return AssetEnvelope.model_validate({"asset": await muse.table.get(db, asset_id)})


@router.put("/assets/{asset_id}")
async def update_asset(asset_id: UUID, changes: AssetUpdate, db: WorkspaceDB) -> AssetEnvelope:
    """Change the fields that are sent. New content is a new version, and its claims are checked anew."""
    sent = changes.model_dump(exclude_unset=True)
    content = sent.pop("content", None)
    asset = await muse.table.get(db, asset_id)
    if content is not None and content != asset["content"]:
        writing = await _checked(db, asset, content)
        title = sent.pop("title", None)
        await muse.write(
            db, asset_id, writing, reason="edited", parent_version=asset["version"], title=title
        )
    return AssetEnvelope.model_validate({"asset": await muse.table.update(db, asset_id, sent)})


async def _checked(db: WorkspaceDB, asset: dict[str, Any], content: str) -> muse.Writing:
    """The founder's own text against the founder's own evidence."""
    known = await grounding.of_workspace(db)
    rules = (await foundation.get(db))["messaging_guardrails"]
    checker = known.checker(topic=asset["title"], guardrails=[str(rule) for rule in rules])
    return await copy_writing.write_up(
        asset["type"],
        asset["platform"],
        copy_rules.lines_of(content),
        asset["hashtags"],
        checker,
        tone=asset["tone"],
        structure=None,
        language=asset["language"],
        content=content,
    )


@router.delete("/assets/{asset_id}")
async def delete_asset(asset_id: UUID, db: WorkspaceDB) -> Deleted:
    """Delete an asset with all its versions."""
    await muse.table.delete(db, asset_id)
    return Deleted()
