"""Muse: copy generated, kept, edited, with every version and every claim."""

import asyncio
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, Field, model_validator

from backend.agents.wishes.muse import MuseRequest, Platform, Topic, check_place
from backend.api import opinions, own_words
from backend.api.admission import Desk, admit
from backend.api.deps import CurrentUser, Db, Deleted, WorkspaceDB, WorkspaceReader
from backend.api.paging import PageQuery, SortedPageRoute, json_page, paged
from backend.domain import muse, runs
from backend.domain.muse import Asset, AssetPage, AssetUpdate, ListedVersion, Type, Version
from backend.domain.values import INPUT
from backend.domain.workspaces import Language
from backend.services import markup
from backend.skills.composers.copybook import How, Tone

router = APIRouter()


class AssetEnvelope(BaseModel):
    asset: Asset


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
    return Written.model_validate({**runs.outcome(run), "run_id": run["id"]})


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
    "/assets", list_assets, response_model=AssetPage, route_class_override=SortedPageRoute
)


@router.get("/assets/{asset_id}")
async def get_asset(asset_id: UUID, db: WorkspaceReader) -> AssetEnvelope:
    """One asset with its lines, its claims and their sources."""
    return AssetEnvelope.model_validate({"asset": await muse.table.get(db, asset_id)})


@router.put("/assets/{asset_id}")
async def update_asset(
    asset_id: UUID, changes: AssetUpdate, user: CurrentUser, db: WorkspaceDB, request: Request
) -> AssetEnvelope:
    """Change the fields that are sent. New content is a new version, and its claims are checked anew.

    A rating is feedback too: the next pieces follow the tone of those that were liked.
    """
    sent = changes.model_dump(exclude_unset=True)
    content = sent.pop("content", None)
    asset = await muse.table.get(db, asset_id)
    if content is not None and content != asset["content"]:
        writing = await own_words.checked(db, asset, content)
        title = sent.pop("title", None)
        await muse.write(
            db, asset_id, writing, reason="edited", parent_version=asset["version"], title=title
        )
    if sent.get("rating") and sent["rating"] != asset["rating"]:
        await opinions.keep(muse.opinion(asset, sent["rating"]), user, db, request)
    return AssetEnvelope.model_validate({"asset": await muse.table.update(db, asset_id, sent)})


class RewriteWish(BaseModel):
    """How to write it anew; with `how` = tone, the tone."""

    model_config = INPUT

    how: How
    tone: Tone | None = None

    @model_validator(mode="after")
    def _names_the_tone(self) -> Self:
        if self.how == "tone" and self.tone is None:
            raise ValueError("tone: say which tone")
        return self


@router.post("/assets/{asset_id}/rewrite")
async def rewrite_asset(
    asset_id: UUID, wish: RewriteWish, user: CurrentUser, db: Db, desk: Desk, request: Request
) -> Written:
    """Write an asset anew as a run, and wait for it; what comes is a new version of it."""
    asked = MuseRequest(asset_id=asset_id, how=wish.how, tone=wish.tone)
    run_id = await admit(desk, db, user, "muse", asked)
    return _written(await desk.wait(user, run_id, request.app.state.settings.run_wait_seconds))


class VersionQuery(PageQuery):
    limit: int = Field(100, ge=1, le=100, description="Rows on a page.")


class VersionPage(BaseModel):
    versions: list[ListedVersion]
    total: int
    limit: int
    offset: int
    next_cursor: str | None = None


class VersionEnvelope(BaseModel):
    version: Version


class DiffLine(BaseModel):
    op: Literal["same", "added", "removed"]
    text: str


class Diff(BaseModel):
    """From one version to another, line by line."""

    from_version: int
    to_version: int
    lines: list[DiffLine]


VersionNumber = Annotated[int, Path(ge=1, le=1_000_000)]


@router.get("/assets/{asset_id}/versions")
async def list_versions(
    asset_id: UUID, db: WorkspaceReader, query: Annotated[VersionQuery, Query()]
) -> VersionPage:
    """The versions of an asset, newest first."""
    after = query.after()
    rows, total = await muse.versions(
        db,
        asset_id,
        limit=query.limit,
        offset=query.offset,
        before=after[1].int if after else None,
    )
    # Versions have numbers where other rows have ids.
    rows = [{**row, "id": UUID(int=row["version"])} for row in rows]
    return VersionPage.model_validate(paged("versions", rows, total, query))


@router.get("/assets/{asset_id}/versions/{version}")
async def get_version(
    asset_id: UUID, version: VersionNumber, db: WorkspaceReader
) -> VersionEnvelope:
    """One version, word for word."""
    return VersionEnvelope.model_validate({"version": await muse.version(db, asset_id, version)})


@router.get("/assets/{asset_id}/versions/{version}/diff")
async def diff_versions(
    asset_id: UUID,
    version: VersionNumber,
    db: WorkspaceReader,
    against: Annotated[
        int | None, Query(ge=1, le=1_000_000, description="Its parent, if not said.")
    ] = None,
) -> Diff:
    """What a version changed of another one; the first version against nothing."""
    newer = await muse.version(db, asset_id, version)
    number = against or newer["parent_version"]
    older = await muse.version(db, asset_id, number) if number else {"content": ""}
    lines = await asyncio.to_thread(muse.diff, older["content"], newer["content"])
    return Diff.model_validate({"from_version": number or 0, "to_version": version, "lines": lines})


@router.post("/assets/{asset_id}/versions/{version}/restore")
async def restore_version(asset_id: UUID, version: VersionNumber, db: WorkspaceDB) -> AssetEnvelope:
    """Make an old version the newest, as a version of its own; its claims are checked anew."""
    asset = await muse.table.get(db, asset_id)
    old = await muse.version(db, asset_id, version)
    writing = await own_words.checked(db, {**asset, **old}, old["content"], old["blocks"])
    row = await muse.write(
        db,
        asset_id,
        writing,
        reason="restored",
        parent_version=version,
        title=old["title"],
    )
    return AssetEnvelope.model_validate({"asset": row})


class ExportQuery(BaseModel):
    format: Literal["markdown", "html"] = "markdown"


@router.get("/assets/{asset_id}/export", response_class=Response)
async def export_asset(
    asset_id: UUID, db: WorkspaceReader, query: Annotated[ExportQuery, Query()]
) -> Response:
    """The asset as a file: Markdown, or a whole HTML page without anything that runs."""
    asset = await muse.table.get(db, asset_id)
    if query.format == "html":
        written = await asyncio.to_thread(markup.to_html, asset["content"])
        body = markup.page(asset["title"], written, asset["language"])
        return _file(body, "text/html; charset=utf-8", f"{asset_id}.html")
    return _file(asset["content"] + "\n", "text/markdown; charset=utf-8", f"{asset_id}.md")


def _file(body: str, media_type: str, name: str) -> Response:
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Content-Security-Policy": "default-src 'none'",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(body, media_type=media_type, headers=headers)


@router.delete("/assets/{asset_id}")
async def delete_asset(asset_id: UUID, db: WorkspaceDB) -> Deleted:
    """Delete an asset with all its versions."""
    await muse.table.delete(db, asset_id)
    return Deleted()
