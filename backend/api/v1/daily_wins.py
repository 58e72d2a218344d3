"""Daily wins: ideas of a day, kept, skipped, posted, or written out as copy."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field

from backend.agents.wishes.daily_wins import DailyWinsRequest
from backend.agents.wishes.muse import MuseRequest, Platform
from backend.api import own_words
from backend.api.admission import Desk, admit
from backend.api.deps import CurrentUser, Db, WorkspaceDB, WorkspaceReader
from backend.api.paging import PageQuery, paged
from backend.core.database import Tx
from backend.domain import daily_wins, mornings, muse, runs
from backend.domain.daily_wins import Posted, Win, WinPage
from backend.domain.mornings import Morning, MorningUpdate
from backend.domain.muse import Asset
from backend.domain.values import INPUT, Day

router = APIRouter()


class WinEnvelope(BaseModel):
    win: Win


class WinsWish(BaseModel):
    model_config = INPUT

    platform: Platform | None = None


class WinQuery(PageQuery):
    day: Day | None = Field(None, description="Of this date; today, if not said.")
    status: daily_wins.Status | None = Field(None, description="Only ideas in this state.")


class MorningEnvelope(BaseModel):
    morning: Morning


class Found(BaseModel):
    """At most three ideas; fewer when less is at hand that was not used in thirty days."""

    wins: list[Win]
    missing: list[dict[str, Any]] = []
    engine: str | None = None
    run_id: UUID


class Expanded(BaseModel):
    win: Win
    asset: Asset


@router.post("/generate")
async def generate_wins(
    user: CurrentUser, db: Db, desk: Desk, request: Request, wish: WinsWish | None = None
) -> Found:
    """Find ideas as a run of the engine, and wait for it."""
    asked = DailyWinsRequest(platform=wish.platform if wish else None)
    run_id = await admit(desk, db, user, "daily_wins", asked)
    run = await desk.wait(user, run_id, request.app.state.settings.run_wait_seconds)
    return Found.model_validate({**runs.outcome(run), "run_id": run_id})


@router.get("")
async def list_wins(db: WorkspaceReader, query: Annotated[WinQuery, Query()]) -> WinPage:
    """The ideas of a day in the workspace's time zone, newest run first."""
    position = query.after()
    rows, total = await daily_wins.of_day(
        db,
        day=query.day,
        status=query.status,
        limit=query.limit,
        offset=query.offset,
        after=position[1] if position else None,
    )
    return WinPage.model_validate(paged("wins", rows, total, query, at="generated_at"))


@router.get("/morning")
async def get_morning(db: WorkspaceReader) -> MorningEnvelope:
    """When ideas are found by themselves, and what became of it the last time."""
    return MorningEnvelope.model_validate({"morning": await mornings.get(db)})


@router.put("/morning")
async def set_morning(changes: MorningUpdate, db: WorkspaceDB) -> MorningEnvelope:
    """Have ideas each morning at an hour of the workspace's own clock, or not."""
    return MorningEnvelope.model_validate({"morning": await mornings.set(db, changes)})


@router.post("/{win_id}/mark-posted")
async def mark_win_posted(
    win_id: UUID, db: WorkspaceDB, posted: Posted | None = None
) -> WinEnvelope:
    """It went out, perhaps with an address; once."""
    url = posted.posted_url if posted else None
    return WinEnvelope.model_validate({"win": await daily_wins.mark_posted(db, win_id, url)})


@router.post("/{win_id}/save")
async def save_win(win_id: UUID, db: WorkspaceDB) -> WinEnvelope:
    """Keep it for later."""
    return WinEnvelope.model_validate({"win": await daily_wins.set_status(db, win_id, "saved")})


@router.post("/{win_id}/skip")
async def skip_win(win_id: UUID, db: WorkspaceDB) -> WinEnvelope:
    """Not this one."""
    return WinEnvelope.model_validate({"win": await daily_wins.set_status(db, win_id, "skipped")})


@router.post("/{win_id}/expand")
async def expand_win(
    win_id: UUID, user: CurrentUser, db: Db, desk: Desk, request: Request
) -> Expanded:
    """Write the idea out as a post, by the copywriter; the idea keeps the asset's id."""
    win = await daily_wins.table.get(db.reader(user), win_id)
    of_strangers = win["source_kind"] in ("feed", "search")
    said = win["topic"] if of_strangers else f"{win['topic']}: {win['hook']}"
    asked = MuseRequest(content_type="social", topic=said[:500])
    run_id = await admit(desk, db, user, "muse", asked)
    run = await desk.wait(user, run_id, request.app.state.settings.run_wait_seconds)
    asset = runs.outcome(run)["asset"]
    async with db.workspace(user) as tx:
        linked = await daily_wins.link(tx, win_id, UUID(asset["id"]))
        if of_strangers:
            asset = await _opened(tx, win, asset)
    return Expanded.model_validate({"win": linked, "asset": asset})


async def _opened(tx: Tx, win: dict[str, Any], asset: dict[str, Any]) -> dict[str, Any]:
    """The post with the news in place of its own opening; no evidence says that, so it is flagged."""
    _, _, body = asset["content"].partition("\n\n")
    content = "\n\n".join(filter(None, (win["hook"], win["trend_url"], body)))
    writing = await own_words.checked(tx, asset, content)
    id, version = UUID(asset["id"]), asset["version"]
    return await muse.write(tx, id, writing, reason="edited", parent_version=version)


@router.get("/{win_id}")
async def get_win(win_id: UUID, db: WorkspaceReader) -> WinEnvelope:
    """One idea with the facts it rests on."""
    return WinEnvelope.model_validate({"win": await daily_wins.table.get(db, win_id)})
