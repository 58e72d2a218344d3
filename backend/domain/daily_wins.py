"""Daily wins: post ideas of a day, kept, skipped or posted (PRODUCT 1, 2.1)."""

import datetime
from typing import Annotated, Any, Literal
from uuid import UUID, uuid5

from psycopg.types.json import Jsonb
from pydantic import AfterValidator, AnyHttpUrl, BaseModel, Field, TypeAdapter

from backend.core.database import Reads, Tx
from backend.core.errors import Conflict
from backend.core.records import TextArray, WorkspaceTable
from backend.domain.values import INPUT, Timestamp

Status = Literal["generated", "saved", "posted", "skipped"]
SourceKind = Literal["holiday", "evidence", "past_post", "feed", "search"]
QUIET_DAYS = 30
"""What was used once is not offered again for so long."""
_URL = TypeAdapter(AnyHttpUrl)


def _web_address(value: str) -> str:
    return str(_URL.validate_python(value))


class Win(BaseModel):
    """An idea of a day (`won_on`, in the workspace's zone). `relevance_score` is a formula."""

    id: UUID
    topic: str
    angle: str | None
    hook: str
    outline: TextArray
    platform: str | None
    estimated_time: str | None
    minutes: int | None
    relevance_score: float | None
    reason: str | None
    source_kind: SourceKind | None
    trend_source: str | None
    trend_url: str | None
    sources: list[dict[str, Any]]
    status: Status
    posted_at: Timestamp | None
    posted_url: str | None
    muse_asset_id: UUID | None
    won_on: datetime.date | None
    generated_at: Timestamp


class WinPage(BaseModel):
    """`next_cursor` goes into `cursor` to read on from here."""

    wins: list[Win]
    total: int
    limit: int
    offset: int
    next_cursor: str | None = None


class Posted(BaseModel):
    """Where it was posted, if it has an address."""

    model_config = INPUT

    posted_url: Annotated[str, Field(max_length=2000), AfterValidator(_web_address)] | None = None


table = WorkspaceTable("daily_wins", Win, "Win")

TODAY = """
select public.workspace_today(%(workspace_id)s) as today
"""
# A day is asked for once, in a select of its own: as a plain function it would be called for each row.
OF_DAY = """
with wanted as materialized (
  select id, generated_at, coalesce(relevance_score, 0) as rank from public.daily_wins
  where workspace_id = %(workspace_id)s
    and won_on = coalesce(%(day)s::date, (select public.workspace_today(%(workspace_id)s)))
    and (%(status)s::text is null or status = %(status)s)
)
select counted.total, win.* from (select count(*) as total from wanted) as counted
left join (
  public.daily_wins as win join (
  select * from wanted
  where %(after_id)s::uuid is null or (generated_at, rank, id) < (
    select x.generated_at, coalesce(x.relevance_score, 0), x.id from public.daily_wins x
    where x.workspace_id = %(workspace_id)s and x.id = %(after_id)s)
  order by generated_at desc, rank desc, id desc limit %(limit)s offset %(offset)s
  ) as page on win.workspace_id = %(workspace_id)s and win.id = page.id
) on true
order by page.generated_at desc, page.rank desc, page.id desc
"""
USED = """
select distinct source_key from public.daily_wins
where workspace_id = %(workspace_id)s and source_key is not null
  and won_on > (select public.workspace_today(%(workspace_id)s)) - %(days)s
"""
PAST_POSTS = """
select id::text, title, split_part(content, E'\\n', 1) as opening, rating from public.muse_assets
where workspace_id = %(workspace_id)s and status = 'published' and type = 'social'
  and coalesce(rating, 3) >= 3 and updated_at < now() - interval '7 days' and unsupported = 0
order by rating desc nulls last, updated_at desc limit 10
"""
CREATE = """
insert into public.daily_wins (id, workspace_id, run_id, topic, angle, hook, outline, platform,
  estimated_time, minutes, relevance_score, reason, source_kind, source_key, trend_source,
  trend_url, sources, won_on)
values (%(id)s, %(workspace_id)s, %(run_id)s, %(topic)s, %(angle)s, %(hook)s, %(outline)s, %(platform)s,
  %(estimated_time)s, %(minutes)s, %(relevance_score)s, %(reason)s, %(source_kind)s, %(source_key)s,
  %(trend_source)s, %(trend_url)s, %(sources)s, public.workspace_today(%(workspace_id)s))
on conflict (id) do nothing
"""
# The state machine is the WHERE clause.
POST = """
update public.daily_wins set status = 'posted', posted_at = now(), posted_url = %(url)s
where workspace_id = %(workspace_id)s and id = %(id)s and status <> 'posted' returning 1
"""
SET = """
update public.daily_wins set status = %(status)s
where workspace_id = %(workspace_id)s and id = %(id)s and status in ('generated', 'saved', 'skipped')
returning 1
"""
LINK = """
update public.daily_wins set muse_asset_id = %(asset_id)s
where workspace_id = %(workspace_id)s and id = %(id)s
"""


async def of_day(
    db: Reads,
    *,
    day: datetime.date | None,
    status: Status | None,
    limit: int,
    offset: int,
    after: UUID | None,
) -> tuple[list[dict[str, Any]], int]:
    """The ideas of a day, of today if not said, newest run first, and how many there are in all.

    `after` is the last idea of the page before.
    """
    values = {"day": day, "status": status, "limit": limit, "offset": offset, "after_id": after}
    rows = await db.all(OF_DAY, values)
    return [row for row in rows if row["id"] is not None], rows[0]["total"]


async def today(db: Reads) -> datetime.date:
    """The date where the founder is."""
    row = await db.one(TODAY)
    assert row is not None, "a function gives a row"
    day: datetime.date = row["today"]
    return day


async def used(db: Reads) -> list[str]:
    """What the last thirty days' ideas came from."""
    return [row["source_key"] for row in await db.all(USED, {"days": QUIET_DAYS})]


async def past_posts(db: Reads) -> list[dict[str, Any]]:
    """Published posts, older than a week and not rated badly."""
    return await db.all(PAST_POSTS)


async def create_found(tx: Tx, run_id: UUID, wins: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The ideas that a run has found. Their ids follow from the run: a repeated call changes nothing."""
    found = []
    for number, win in enumerate(wins, start=1):
        id = uuid5(run_id, f"win:{number}")
        await tx.run(CREATE, {**win, "id": id, "run_id": run_id, "sources": Jsonb(win["sources"])})
        found.append(await table.get(tx, id))
    return found


async def mark_posted(tx: Tx, id: UUID, url: str | None) -> dict[str, Any]:
    """Raises NotFound, and Conflict `win_already_posted`."""
    if not await tx.one(POST, {"id": id, "url": url}):
        raise await _posted(tx, id)
    return await table.get(tx, id)


async def set_status(tx: Tx, id: UUID, status: Literal["saved", "skipped"]) -> dict[str, Any]:
    """Keep an idea for later, or skip it. Raises NotFound, and Conflict once it is posted."""
    if not await tx.one(SET, {"id": id, "status": status}):
        raise await _posted(tx, id)
    return await table.get(tx, id)


async def link(tx: Tx, id: UUID, asset_id: UUID) -> dict[str, Any]:
    """Note the asset that an idea was written out as."""
    await tx.run(LINK, {"id": id, "asset_id": asset_id})
    return await table.get(tx, id)


async def _posted(tx: Tx, id: UUID) -> Conflict:
    win = await table.get(tx, id)
    return Conflict(
        f"This idea is {win['status']} already.",
        code="win_already_posted",
        status_is=win["status"],
    )
