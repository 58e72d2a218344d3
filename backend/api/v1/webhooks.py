"""PhonePe's webhook: verified, stored, answered; a worker does the rest (ADR 0075)."""

from typing import Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel

from backend.api.deps import Db
from backend.api.raw_body import raw_body
from backend.core.errors import NotFound
from backend.payments import inbox, webhook_auth

router = APIRouter()


class Received(BaseModel):
    status: Literal["ok"] = "ok"


class GatewayEvent(BaseModel):
    """What is read of it; the body may hold more."""

    event: str
    payload: dict[str, object]


@router.post(
    "/phonepe",
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": GatewayEvent.model_json_schema()}},
        }
    },
)
async def receive_payment_event(request: Request, db: Db) -> Received:
    """News of a payment, a refund or a mandate. What it says is asked of PhonePe before it counts."""
    known = request.app.state.webhook_verifiers
    if not known:
        raise NotFound("Not Found", code="route_not_found")
    body = await raw_body(request)
    webhook_auth.check(known, request.headers, body)
    await inbox.store(db, inbox.read(body))
    return Received()
