"""Copy: assets and their versions (PRODUCT 1, 2.1, 3).

An asset is its newest version. Whatever changes its words writes a version beside it, in the same
transaction; versions are never changed, so any of them can be read, compared and restored.
"""

import difflib
from typing import Annotated, Any, Literal
from uuid import UUID, uuid4, uuid5

from psycopg.types.json import Jsonb
from pydantic import AfterValidator, BaseModel, Field, StringConstraints, model_validator

from backend.core.database import Reader, Reads, Tx
from backend.core.errors import NotFound
from backend.core.records import TextArray, WorkspaceTable
from backend.domain.feedback import FeedbackCreate
from backend.domain.values import (
    INPUT,
    Claim,
    Document,
    Name,
    Timestamp,
    storable,
    without_protected,
)

Type = Literal["email", "social", "blog", "ad", "script", "carousel", "landing", "other"]
Status = Literal["draft", "approved", "published", "archived"]
Source = Literal["muse", "template", "import", "move"]
Reason = Literal["generated", "edited", "rewritten", "restored"]
LONGEST_CONTENT = 50_000
LONGEST_VALUE = 1000
"""Characters of what is filled into a template's variable."""
Content = Annotated[
    str,
    StringConstraints(min_length=1, max_length=LONGEST_CONTENT, strip_whitespace=True),
    AfterValidator(storable),
]
Tag = Annotated[
    str,
    StringConstraints(min_length=1, max_length=60, strip_whitespace=True),
    AfterValidator(storable),
]


class Block(BaseModel):
    """One line of a piece. `sources` are ids of the facts that it is made of."""

    slot: str
    style: str
    text: str
    sources: list[str]


class ListedAsset(BaseModel):
    """An asset in a list. `unsupported` counts the claims that no evidence carries; `problems` are what its
    place does not allow."""

    id: UUID
    workspace_id: UUID
    title: str
    type: Type
    content: str
    tone: str | None
    word_count: int | None
    platform: str | None
    language: str
    tags: TextArray
    hashtags: TextArray
    version: int
    parent_id: UUID | None
    move_id: UUID | None
    campaign_id: UUID | None
    icp_id: UUID | None
    source: Source
    status: Status
    rating: int | None
    unsupported: int
    problems: TextArray
    created_at: Timestamp
    updated_at: Timestamp


class Asset(ListedAsset):
    content_html: str | None
    structure: str | None
    blocks: list[Block]
    claims: list[Claim]
    feedback: dict[str, Any] | None
    run_id: UUID | None


class AssetPage(BaseModel):
    assets: list[ListedAsset]
    total: int
    limit: int
    offset: int
    next_cursor: str | None = None


class AssetUpdate(BaseModel):
    """Only what is sent is changed. Changed `content` is a new version and is checked anew."""

    model_config = INPUT

    title: Name = ""
    content: Content = ""
    tags: Annotated[list[Tag], Field(max_length=30)] = []
    status: Status = "draft"
    rating: Annotated[int, Field(ge=1, le=5)] | None = None
    feedback: Document | None = None
    move_id: UUID | None = None
    campaign_id: UUID | None = None
    icp_id: UUID | None = None

    _drop = model_validator(mode="before")(without_protected)


class ListedVersion(BaseModel):
    """`parent_version` is the one it was made from: after a restore not the one before it."""

    version: int
    parent_version: int | None
    reason: Reason
    title: str
    tone: str | None
    created_at: Timestamp


class Version(ListedVersion):
    content: str
    structure: str | None
    blocks: list[Block]
    hashtags: list[str]
    claims: list[Claim]


class Writing(BaseModel):
    """The words of an asset and what follows from them: all that a version holds, and what is derived."""

    content: str
    content_html: str
    word_count: int
    tone: str | None
    structure: str | None
    blocks: list[dict[str, Any]]
    hashtags: list[str]
    claims: list[dict[str, Any]]
    unsupported: int
    problems: list[str]


table = WorkspaceTable("muse_assets", Asset, "Asset")

LIST = """
select api.list_muse_assets(%(claims)s, %(type)s, %(status)s, %(limit)s, %(offset)s, %(after_at)s,
  %(after_id)s)
"""
CREATE = """
insert into public.muse_assets (id, workspace_id, run_id, title, type, platform, language, icp_id, move_id,
  campaign_id, parent_id, source, prompt_used, content, content_html, word_count, tone, structure, blocks,
  hashtags, claims, unsupported, problems)
values (%(id)s, %(workspace_id)s, %(run_id)s, %(title)s, %(type)s, %(platform)s, %(language)s, %(icp_id)s,
  %(move_id)s, %(campaign_id)s, %(parent_id)s, %(source)s, %(prompt_used)s, %(content)s, %(content_html)s,
  %(word_count)s, %(tone)s, %(structure)s, %(blocks)s, %(hashtags)s, %(claims)s, %(unsupported)s,
  %(problems)s)
on conflict (id) do nothing
"""
REWRITE = """
update public.muse_assets set version = version + 1, title = coalesce(%(title)s, title),
  content = %(content)s, content_html = %(content_html)s, word_count = %(word_count)s, tone = %(tone)s,
  structure = %(structure)s, blocks = %(blocks)s, hashtags = %(hashtags)s, claims = %(claims)s,
  unsupported = %(unsupported)s, problems = %(problems)s,
  status = case when status = 'archived' then status else 'draft' end
where workspace_id = %(workspace_id)s and id = %(id)s
"""
KEEP_VERSION = """
insert into public.muse_versions (workspace_id, asset_id, version, parent_version, reason, title, content,
  tone, structure, blocks, hashtags, claims, run_id)
select workspace_id, id, version, %(parent_version)s, %(reason)s, title, content, tone, structure, blocks,
  hashtags, claims, %(run_id)s
from public.muse_assets where workspace_id = %(workspace_id)s and id = %(id)s
on conflict do nothing
"""
NO_VERSION = 2**31 - 1
"""What a column of versions can hold."""
VERSIONS = """
select counted.total, v.* from (
  select count(*)::int as total from public.muse_versions
  where workspace_id = %(workspace_id)s and asset_id = %(id)s
) as counted left join lateral (
  select version, parent_version, reason, title, tone, created_at from public.muse_versions
  where workspace_id = %(workspace_id)s and asset_id = %(id)s and version < %(before)s
  order by version desc limit %(limit)s offset %(offset)s
) as v on true order by v.version desc
"""
VERSION = """
select version, parent_version, reason, title, tone, created_at, content, structure, blocks, hashtags, claims
from public.muse_versions
where workspace_id = %(workspace_id)s and asset_id = %(id)s and version = %(version)s
"""
TOPIC = """
select coalesce(prompt_used, title) as topic from public.muse_assets
where workspace_id = %(workspace_id)s and id = %(id)s
"""
WRITTEN_BY = """
select 1 from public.muse_versions where workspace_id = %(workspace_id)s and run_id = %(run_id)s
"""
RECENT = """
select structure from public.muse_assets
where workspace_id = %(workspace_id)s and type = %(type)s and structure is not null
order by created_at desc, id desc limit 4
"""
OF_CAMPAIGN = """
select 1 from public.campaigns where workspace_id = %(workspace_id)s and id = %(id)s
"""


LIKED = 4
"""Of five: from here on a rating speaks for the tone too."""


def opinion(asset: dict[str, Any], rating: int) -> FeedbackCreate:
    """What a rating of an asset says as feedback."""
    liked = rating >= LIKED and asset["tone"]
    return FeedbackCreate(
        output_type="muse",
        output_id=asset["id"],
        rating=rating,
        tone_preference=asset["tone"] if liked else None,
    )


async def page(
    db: Reader,
    *,
    type: Type | None,
    status: Status | None,
    limit: int,
    offset: int,
    after: tuple[str, UUID] | None,
) -> bytes | None:
    """The JSON of an `AssetPage`, rendered by Postgres."""
    after_at, after_id = after or (None, None)
    values = {"type": type, "status": status, "limit": limit, "offset": offset}
    return await db.json(LIST, {**values, "after_at": after_at, "after_id": after_id})


async def create_written(
    tx: Tx, run_id: UUID, number: int, about: dict[str, Any], writing: Writing
) -> dict[str, Any]:
    """The asset that a run has written. Its id follows from the run, so a repeated call changes nothing.

    `about`: title, type, platform, language, icp_id, move_id, campaign_id, prompt_used.
    """
    id = uuid5(run_id, f"asset:{number}")
    values = {"parent_id": None, "source": "muse", **about, **_adapted(writing)}
    if await tx.run(CREATE, {"id": id, "run_id": run_id, **values}):
        await tx.run(
            KEEP_VERSION, {"id": id, "parent_version": None, "reason": "generated", "run_id": None}
        )
    return await table.get(tx, id)


async def create_filled(tx: Tx, about: dict[str, Any], writing: Writing) -> dict[str, Any]:
    """An asset made of a template."""
    id = uuid4()
    values = {"parent_id": None, "source": "template", "prompt_used": None, "run_id": None}
    await tx.run(CREATE, {"id": id, **values, **about, **_adapted(writing)})
    first = {"id": id, "parent_version": None, "reason": "generated", "run_id": None}
    await tx.run(KEEP_VERSION, first)
    return await table.get(tx, id)


async def write(
    tx: Tx,
    id: UUID,
    writing: Writing,
    *,
    reason: Reason,
    parent_version: int,
    title: str | None = None,
    run_id: UUID | None = None,
) -> dict[str, Any]:
    """Put new words in the place of the old ones, as a new version; once for each run. Raises NotFound."""
    if run_id and await tx.one(WRITTEN_BY, {"run_id": run_id}):
        return await table.get(tx, id)
    if not await tx.run(REWRITE, {"id": id, "title": title, **_adapted(writing)}):
        raise table.missing()
    await tx.run(
        KEEP_VERSION,
        {"id": id, "parent_version": parent_version, "reason": reason, "run_id": run_id},
    )
    return await table.get(tx, id)


def diff(older: str, newer: str) -> list[dict[str, str]]:
    """Both texts line by line: what stayed (`same`), was `removed` and was `added`. Use a thread."""
    old, new = older.splitlines(), newer.splitlines()
    found: list[dict[str, str]] = []
    for op, a, b, c, d in difflib.SequenceMatcher(a=old, b=new).get_opcodes():
        if op == "equal":
            found += [{"op": "same", "text": text} for text in old[a:b]]
            continue
        found += [{"op": "removed", "text": text} for text in old[a:b]]
        found += [{"op": "added", "text": text} for text in new[c:d]]
    return found


def _adapted(writing: Writing) -> dict[str, Any]:
    values = writing.model_dump()
    return {**values, "blocks": Jsonb(values["blocks"]), "claims": Jsonb(values["claims"])}


async def versions(
    db: Reads, id: UUID, *, limit: int, offset: int, before: int | None
) -> tuple[list[dict[str, Any]], int]:
    """Those older than `before`, newest first, and how many there are.

    Raises NotFound for an asset that is not the workspace's own.
    """
    place = {"limit": limit, "offset": offset, "before": min(before or NO_VERSION, NO_VERSION)}
    rows = await db.all(VERSIONS, {"id": id, **place})
    total: int = rows[0]["total"]
    if not total:
        await table.get(db, id)
    return [row for row in rows if row["version"] is not None], total


async def version(db: Reads, id: UUID, number: int) -> dict[str, Any]:
    row = await db.one(VERSION, {"id": id, "version": number})
    if row is None:
        await table.get(db, id)
        raise NotFound("Version not found", code="version_not_found")
    return row


async def topic_of(db: Reads, id: UUID) -> str:
    """What an asset was written about. Raises NotFound."""
    row = await db.one(TOPIC, {"id": id})
    if row is None:
        raise table.missing()
    topic: str = row["topic"]
    return topic


async def recent_structures(db: Reads, type: Type) -> list[str]:
    """How the last pieces of this type were built, so that the next one is built otherwise."""
    return [row["structure"] for row in await db.all(RECENT, {"type": type})]


async def check_campaign(db: Reads, id: UUID) -> None:
    """Raise NotFound unless the campaign is the workspace's own."""
    if not await db.one(OF_CAMPAIGN, {"id": id}):
        raise NotFound("Campaign not found", code="campaign_not_found")
