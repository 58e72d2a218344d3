"""The foundation: one row a workspace, the checked picture of the business (PRODUCT 1, 3)."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field, HttpUrl, field_serializer, model_validator

from backend.core.database import Reader, Reads, Tx
from backend.core.errors import NotFound
from backend.core.records import WorkspaceTable
from backend.domain.values import INPUT, Document, LongText, Name, Timestamp, without_protected

Stage = Literal["idea", "mvp", "growth", "scale", "enterprise"]


class Foundation(BaseModel):
    """The foundation as it leaves the API. `provenance` maps a field to where its value came from.

    `summary_stale` says that something the summary was written from has changed since.
    """

    id: UUID
    workspace_id: UUID
    company_name: str | None
    industry: str | None
    company_stage: Stage | None
    website_url: str | None
    offers: list[Any]
    truth_sheet: dict[str, Any]
    market_research: dict[str, Any]
    competitors: list[Any]
    positioning: dict[str, Any]
    brand_voice: str | None
    brand_voice_examples: list[Any]
    messaging_guardrails: list[Any]
    soundbite_library: dict[str, Any]
    message_hierarchy: dict[str, Any]
    summary: str | None
    summary_stale: bool
    onboarding_completed: bool
    provenance: dict[str, Any]
    last_updated_by: str | None
    created_at: Timestamp
    updated_at: Timestamp


PARTED = ("positioning", "market_research")
"""Documents of named parts: a part that is not sent stays; null takes one away."""


class FoundationUpdate(BaseModel):
    """What a founder edits by hand; only what is sent is changed, also within PARTED.

    The truth sheet changes through step 4 of the onboarding, the summary through the engine.
    """

    model_config = INPUT

    company_name: Name | None = None
    industry: Name | None = None
    company_stage: Stage | None = None
    website_url: Annotated[HttpUrl, Field(max_length=2000)] | None = None
    offers: Annotated[list[Document], Field(max_length=100)] = []
    market_research: Document = {}
    competitors: Annotated[list[Document], Field(max_length=50)] = []
    positioning: Document = {}
    brand_voice: LongText = ""
    brand_voice_examples: Annotated[list[LongText], Field(max_length=50)] = []
    messaging_guardrails: Annotated[list[LongText], Field(max_length=100)] = []
    soundbite_library: Document = {}
    message_hierarchy: Document = {}

    _drop = model_validator(mode="before")(without_protected)

    @field_serializer("website_url")
    def _as_text(self, url: HttpUrl | None) -> str | None:
        return str(url) if url else None


class FoundationChange(BaseModel):
    """One field, before and after. `source` is what the new value rests on, as in `provenance`.

    `api_key_id` and `run_id` say what acted for the user; null for a person, and for changes from before they
    were noted.
    """

    id: UUID
    field: str
    before: Any
    after: Any
    changed_by: Literal["user", "onboarding", "engine"]
    user_id: UUID | None
    api_key_id: UUID | None
    run_id: UUID | None
    source: dict[str, Any]
    created_at: Timestamp


class FoundationChangePage(BaseModel):
    changes: list[FoundationChange]
    total: int
    limit: int
    offset: int
    next_cursor: str | None = None


table = WorkspaceTable("foundations", Foundation, "Foundation")
changes = WorkspaceTable("foundation_changes", FoundationChange, "Foundation change")

GET = "select * from public.foundations where workspace_id = %(workspace_id)s"
LOCK = f"{GET} for update"
HISTORY = """
select api.list_foundation_changes(%(claims)s, %(field)s, %(limit)s, %(offset)s, %(after_at)s, %(after_id)s)
"""
SET_SUMMARY = """
update public.foundations set summary = %(summary)s, summary_embedding = %(embedding)s::extensions.vector,
  embedder = %(embedder)s, summary_stale = false
where workspace_id = %(workspace_id)s
"""


async def get(db: Reads) -> dict[str, Any]:
    return the_one(await db.all(GET))


def the_one(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The foundation that was read. Raises NotFound."""
    if not rows:
        raise NotFound("Foundation not found", code="foundation_not_found")
    return rows[0]


async def update(tx: Tx, changed: FoundationUpdate) -> dict[str, Any]:
    """Change what was sent, note that it is the founder's own now, and keep what it rested on before.

    What is sent as it is already stays what it was, its source too.
    """
    known = await _locked(tx)
    said = changed.model_dump(exclude_unset=True)
    for field in said.keys() & set(PARTED):
        said[field] = {**known[field], **said[field]}
    sent = {field: value for field, value in said.items() if value != known[field]}
    now = datetime.now(UTC).isoformat()
    noted = known["provenance"]
    notes = {field: {"source": "user", "at": now, **_before(noted.get(field))} for field in sent}
    return await write(tx, sent, notes, by="user")


def _before(noted: dict[str, Any] | None) -> dict[str, Any]:
    """The last source that was not the founder's own hand."""
    if noted is None:
        return {}
    before = noted if noted.get("source") != "user" else noted.get("before")
    return {"before": before} if before else {}


async def write(
    tx: Tx, values: dict[str, Any], provenance: dict[str, Any], *, by: Literal["user", "onboarding"]
) -> dict[str, Any]:
    """Set columns and say where each value came from, at once: the history is written from the new row."""
    row = await _locked(tx)
    if not values:
        return row
    noted = {"provenance": {**row["provenance"], **provenance}, "last_updated_by": by}
    await table.update(tx, row["id"], {**values, **noted})
    return await get(tx)


async def _locked(tx: Tx) -> dict[str, Any]:
    """The row, which nobody else changes any more until this transaction ends."""
    row = await tx.one(LOCK)
    return row if row is not None else await get(tx)


async def history(
    db: Reader, *, field: str | None, limit: int, offset: int, after: tuple[str, UUID] | None
) -> bytes | None:
    """The JSON of a `FoundationChangePage`, rendered by Postgres, newest first."""
    after_at, after_id = after or (None, None)
    return await db.json(
        HISTORY,
        {
            "field": field,
            "limit": limit,
            "offset": offset,
            "after_at": after_at,
            "after_id": after_id,
        },
    )


async def set_summary(tx: Tx, summary: str, embedding: list[float], embedder: str) -> None:
    """The compressed picture that prompts carry, with the vector of it and who made the vector."""
    await tx.run(
        SET_SUMMARY, {"summary": summary, "embedding": str(embedding), "embedder": embedder}
    )
