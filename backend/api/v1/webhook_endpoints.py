"""Webhooks that we send: endpoints, their secrets, and what each was sent."""

from collections.abc import Iterator
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, FastAPI, Query, Request
from fastapi.routing import APIRoute, iter_route_contexts
from pydantic import BaseModel, Field

from backend.api.deps import CurrentUser, Deleted, WorkspaceDB, WorkspaceReader
from backend.api.paging import PageQuery, Plain, paged
from backend.core.errors import Unprocessable
from backend.domain import audit, webhook_endpoints
from backend.domain.webhook_endpoints import (
    Delivery,
    DeliveryPage,
    Endpoint,
    EndpointCreate,
    EndpointPage,
    EndpointUpdate,
    Rotation,
)
from backend.services.egress import not_allowed
from backend.services.webhooks import TEST_EVENT, Webhooks

router = APIRouter()


class EndpointEnvelope(BaseModel):
    endpoint: Endpoint


class EndpointMade(EndpointEnvelope):
    secret: str = Field(description="Signs the messages. It is shown this once.")


class DeliveryEnvelope(BaseModel):
    delivery: Delivery


class EventNames(BaseModel):
    events: list[str]


async def _webhooks(request: Request) -> Webhooks:
    webhooks: Webhooks = request.app.state.webhooks
    return webhooks


Sender = Annotated[Webhooks, Depends(_webhooks)]


def event_names(app: FastAPI) -> list[str]:
    """Everything that can be listened for: what each operation that writes says, and what runs say."""
    return sorted({*_events(app), *audit.RUN_EVENTS, TEST_EVENT})


def _events(app: FastAPI) -> Iterator[str]:
    for context in iter_route_contexts(app.routes):
        route = context.original_route
        if isinstance(route, APIRoute) and route.methods and "GET" not in route.methods:
            event = audit.event_of(route.name)
            if not event.startswith("webhook"):
                yield event


async def _check(request: Request, url: str | None, events: list[str] | None) -> None:
    """Refuse events that never happen and addresses that are not of the public web, before they are kept."""
    unknown = set(events or ()) - {"*", *event_names(request.app)}
    if unknown:
        raise Unprocessable(f"There is no event {min(unknown)}.", code="event_unknown")
    if url is None:
        return
    if request.app.state.settings.environment == "production" and not url.startswith("https://"):
        raise not_allowed("Webhooks go to https:// addresses.")
    await request.app.state.egress.check(url)


@router.get("/events")
async def list_webhook_events(user: CurrentUser, request: Request) -> EventNames:
    """What can be listened for."""
    return EventNames(events=event_names(request.app))


@router.get("")
async def list_webhook_endpoints(db: WorkspaceReader, query: Plain) -> EndpointPage:
    """Endpoints of the workspace, newest first."""
    rows, total = await webhook_endpoints.table.list(
        db, limit=query.limit, offset=query.offset, after=query.after()
    )
    return EndpointPage.model_validate(paged("endpoints", rows, total, query))


@router.post("")
async def create_webhook_endpoint(
    new: EndpointCreate, request: Request, user: CurrentUser, db: WorkspaceDB
) -> EndpointMade:
    """Listen for events; the secret is shown in this answer alone."""
    await _check(request, new.url, new.events)
    row, secret = await webhook_endpoints.create(db, new)
    return EndpointMade.model_validate({"endpoint": row, "secret": secret})


@router.get("/{endpoint_id}")
async def get_webhook_endpoint(endpoint_id: UUID, db: WorkspaceReader) -> EndpointEnvelope:
    row = await webhook_endpoints.table.get(db, endpoint_id)
    return EndpointEnvelope.model_validate({"endpoint": row})


@router.put("/{endpoint_id}")
async def update_webhook_endpoint(
    endpoint_id: UUID, changes: EndpointUpdate, request: Request, db: WorkspaceDB
) -> EndpointEnvelope:
    """Change the fields that are sent."""
    sent = changes.model_dump(exclude_unset=True)
    await _check(request, sent.get("url"), sent.get("events"))
    row = await webhook_endpoints.update(db, endpoint_id, changes)
    return EndpointEnvelope.model_validate({"endpoint": row})


@router.delete("/{endpoint_id}")
async def delete_webhook_endpoint(endpoint_id: UUID, db: WorkspaceDB) -> Deleted:
    """Stop listening; its log goes with it."""
    await webhook_endpoints.table.delete(db, endpoint_id)
    return Deleted()


@router.post("/{endpoint_id}/rotate-secret")
async def rotate_webhook_secret(
    endpoint_id: UUID, wish: Rotation, user: CurrentUser, db: WorkspaceReader, sender: Sender
) -> EndpointMade:
    """A new secret; for `grace_hours` messages carry a signature of the old one too."""
    await webhook_endpoints.table.get(db, endpoint_id)
    secret = await sender.rotate(user.workspace_id, endpoint_id, wish.grace_hours)
    row = await webhook_endpoints.table.get(db, endpoint_id)
    return EndpointMade.model_validate({"endpoint": row, "secret": secret})


@router.post("/{endpoint_id}/test")
async def test_webhook_endpoint(
    endpoint_id: UUID, user: CurrentUser, db: WorkspaceReader, sender: Sender
) -> DeliveryEnvelope:
    """Send it an event that says nothing."""
    await webhook_endpoints.table.get(db, endpoint_id)
    id = await sender.test(user.workspace_id, endpoint_id)
    row = await webhook_endpoints.deliveries.get(db, id)
    return DeliveryEnvelope.model_validate({"delivery": row})


class DeliveryQuery(PageQuery):
    status: webhook_endpoints.Status | None = None


@router.get("/{endpoint_id}/deliveries")
async def list_webhook_deliveries(
    endpoint_id: UUID,
    db: WorkspaceReader,
    query: Annotated[DeliveryQuery, Query()],
) -> DeliveryPage:
    """What it was sent, newest first, with every attempt; kept for thirty days."""
    rows, total = await webhook_endpoints.page_of_deliveries(
        db,
        endpoint_id,
        status=query.status,
        limit=query.limit,
        offset=query.offset,
        after=query.after(),
    )
    return DeliveryPage.model_validate(paged("deliveries", rows, total, query))


@router.post("/{endpoint_id}/deliveries/{delivery_id}/replay")
async def replay_webhook_delivery(
    endpoint_id: UUID, delivery_id: UUID, user: CurrentUser, db: WorkspaceReader, sender: Sender
) -> DeliveryEnvelope:
    """Send it once more, under the same `webhook-id`."""
    row = await webhook_endpoints.deliveries.get(db, delivery_id)
    if row["endpoint_id"] != endpoint_id:
        raise webhook_endpoints.deliveries.missing()
    await sender.replay(user.workspace_id, delivery_id)
    row = await webhook_endpoints.deliveries.get(db, delivery_id)
    return DeliveryEnvelope.model_validate({"delivery": row})
