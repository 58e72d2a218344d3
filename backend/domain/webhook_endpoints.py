"""Addresses that hear what happens in a workspace, and what each was sent (Standard Webhooks)."""

import base64
import secrets
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from psycopg.sql import SQL
from pydantic import BaseModel, Field, model_validator

from backend.core import keyset
from backend.core.database import Reads, Tx
from backend.core.errors import Conflict
from backend.core.records import TextArray, WorkspaceTable
from backend.domain.values import INPUT, LongText, Phrase, Timestamp, without_protected

MOST_ENDPOINTS = 20
SECRET_PREFIX = "whsec_"  # noqa: S105  # what the standard writes before a secret
Url = Annotated[str, Field(min_length=8, max_length=2000, examples=["https://example.com/hook"])]
Event = Annotated[
    str, Field(pattern=r"^(\*|[a-z_]{1,60}\.[a-z_]{1,30})$", examples=["move.created", "*"])
]
Events = Annotated[list[Event], Field(min_length=1, max_length=100)]
Status = Literal["pending", "delivered", "failed"]


class Endpoint(BaseModel):
    """Where events go. `previous_until` is when the secret before the last rotation stops signing."""

    id: UUID
    workspace_id: UUID
    url: str
    description: str | None
    events: TextArray
    is_active: bool
    disabled_reason: str | None
    previous_until: Timestamp | None
    created_at: Timestamp
    updated_at: Timestamp


class EndpointPage(BaseModel):
    endpoints: list[Endpoint]
    total: int
    limit: int
    offset: int
    next_cursor: str | None = None


class EndpointCreate(BaseModel):
    """`events` may be `*`; the others are listed at `/webhook-endpoints/events`."""

    model_config = INPUT

    url: Url
    events: Events = ["*"]
    description: LongText | None = None
    is_active: bool = True


class EndpointUpdate(BaseModel):
    """Only what is sent is changed. Switching it on again forgets why it was off."""

    model_config = INPUT

    url: Url = ""
    events: Events = []
    description: LongText | None = None
    is_active: bool = True

    _drop = model_validator(mode="before")(without_protected)


class Rotation(BaseModel):
    model_config = INPUT

    grace_hours: Annotated[int, Field(ge=0, le=168)] = 24


class Attempt(BaseModel):
    """`status_code` is null when there was no answer; `error` says why."""

    at: datetime
    status_code: int | None
    error: Phrase | None
    milliseconds: int


class Delivery(BaseModel):
    """One event to one endpoint. `message_id` is the `webhook-id` of every attempt."""

    id: UUID
    workspace_id: UUID
    endpoint_id: UUID
    message_id: UUID
    event: str
    payload: dict[str, Any]
    status: Status
    attempts: int
    next_attempt_at: Timestamp | None
    log: list[Attempt]
    created_at: Timestamp
    updated_at: Timestamp


class DeliveryPage(BaseModel):
    deliveries: list[Delivery]
    total: int
    limit: int
    offset: int
    next_cursor: str | None = None


table = WorkspaceTable("webhook_endpoints", Endpoint, "Endpoint")
deliveries = WorkspaceTable("webhook_deliveries", Delivery, "Delivery")

LOCK = "select pg_advisory_xact_lock(hashtextextended('webhooks:' || %(workspace_id)s::text, 0))"
COUNT = (
    "select count(*) as made from public.webhook_endpoints where workspace_id = %(workspace_id)s"
)
ROTATE = """
update public.webhook_endpoints set previous_secret = secret, secret = %(secret)s,
  previous_until = now() + make_interval(hours => %(hours)s)
where workspace_id = %(workspace_id)s and id = %(id)s
returning id
"""
"""Reads the old secret, which users may not: it runs behind the service door."""
LIST_DELIVERIES = keyset.statement(
    deliveries.columns,
    deliveries.table,
    SQL("""t.workspace_id = %(workspace_id)s and t.endpoint_id = %(endpoint_id)s
      and (%(status)s::text is null or t.status = %(status)s)"""),
)


def new_secret() -> str:
    return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


async def create(tx: Tx, new: EndpointCreate) -> tuple[dict[str, Any], str]:
    """The row, and the secret, which nobody can read again. Raises Conflict `too_many_endpoints`."""
    await tx.run(LOCK)
    counted = await tx.one(COUNT)
    if counted and counted["made"] >= MOST_ENDPOINTS:
        raise Conflict(
            f"A workspace has up to {MOST_ENDPOINTS} webhook endpoints.", code="too_many_endpoints"
        )
    secret = new_secret()
    return await table.insert(tx, {**new.model_dump(), "secret": secret}), secret


async def update(tx: Tx, id: UUID, changes: EndpointUpdate) -> dict[str, Any]:
    sent = changes.model_dump(exclude_unset=True)
    if sent.get("is_active"):
        sent["disabled_reason"] = None
    return await table.update(tx, id, sent)


async def page_of_deliveries(
    db: Reads,
    endpoint_id: UUID,
    *,
    status: Status | None,
    limit: int,
    offset: int,
    after: tuple[str, UUID] | None,
) -> tuple[list[dict[str, Any]], int]:
    """What the endpoint was sent, newest first, and how many there are. An absent endpoint is 404."""
    values = {"endpoint_id": endpoint_id, "status": status}
    rows, total = await keyset.page(
        db, LIST_DELIVERIES, values, limit=limit, offset=offset, after=after
    )
    if not total:
        await table.get(db, endpoint_id)
    return rows, total
