"""Webhooks: stored once, answered at once, believed only after the gateway was asked (ADR 0075)."""

import hashlib
import json
from dataclasses import dataclass
from typing import Any

import structlog
from psycopg.types.json import Jsonb

from backend.core.database import Database, Tx
from backend.core.errors import Unprocessable
from backend.domain import refunds
from backend.payments import mandates
from backend.payments.refunding import pursue
from backend.payments.settlement import settle
from backend.payments.till import Till

log = structlog.get_logger(__name__)

PROVIDER = "phonepe"
MOST_ATTEMPTS = 12
LONGEST_PART = 80
SECRET = frozenset(
    {
        "vpa",
        "accountNumber",
        "maskedAccountNumber",
        "maskedCardNumber",
        "accountHolderName",
        "ifsc",
        "phoneNumber",
        "mobileNumber",
        "email",
    }
)
"""Members that identify a payer's account; they are not kept."""

STORE = """
insert into public.webhook_events (provider, event_id, event_type, payload, body_sha256)
values (%(provider)s, %(event_id)s, %(event_type)s, %(payload)s, %(body_sha256)s)
on conflict (provider, event_id) do nothing
"""
# Whoever takes an event and dies leaves it to the next, each time after a longer pause.
TAKE = """
update public.webhook_events set attempts = attempts + 1,
  next_try_at = now() + make_interval(secs => least(3600, 15 * power(2, least(attempts, 10))))
where id in (select id from public.webhook_events
  where processed_at is null and next_try_at <= now() and provider = %(provider)s
  order by next_try_at limit %(limit)s for update skip locked)
returning id, event_type, payload, attempts
"""
PROCESSED = """
update public.webhook_events set processed_at = now(), error = %(error)s where id = %(id)s
"""


@dataclass(frozen=True, slots=True)
class Event:
    """`id` is the same for every delivery of the same news."""

    id: str
    type: str
    payload: dict[str, Any]
    sha256: str


def read(body: bytes) -> Event:
    """The event in a genuine body. Raises Unprocessable `webhook_malformed`."""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise _malformed() from error
    if not isinstance(document, dict) or not isinstance(document.get("payload"), dict):
        raise _malformed()
    payload, digest = document["payload"], hashlib.sha256(body).hexdigest()
    name = document.get("event") or document.get("type") or "unknown"
    subject = (
        payload.get("merchantRefundId")
        or payload.get("merchantOrderId")
        or payload.get("merchantSubscriptionId")
        or digest
    )
    parts = [subject, name, payload.get("state"), _transaction(payload)]
    id = ":".join(str(part or "")[:LONGEST_PART] for part in parts)
    return Event(id, str(name)[:LONGEST_PART], _blanked(payload), digest)


def _malformed() -> Unprocessable:
    return Unprocessable("This is not an event of PhonePe.", code="webhook_malformed")


def _transaction(payload: dict[str, Any]) -> str:
    attempts = payload.get("paymentDetails")
    last = attempts[-1] if isinstance(attempts, list) and attempts else {}
    return str(last.get("transactionId", "")) if isinstance(last, dict) else ""


def _blanked(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: "[blanked]" if k in SECRET else _blanked(v) for k, v in value.items()}
    return [_blanked(item) for item in value] if isinstance(value, list) else value


async def store(database: Database, event: Event) -> None:
    """One statement in one round trip, and nothing else before the answer."""
    values = {
        "provider": PROVIDER,
        "event_id": event.id,
        "event_type": event.type,
        "payload": Jsonb(event.payload),
        "body_sha256": event.sha256,
    }
    await database.service_trip("phonepe_webhook", (STORE, values))


async def take(tx: Tx, limit: int) -> list[dict[str, Any]]:
    """Events that wait, taken for a while."""
    return list(await tx.all(TAKE, {"provider": PROVIDER, "limit": limit}))


async def process(till: Till, event: dict[str, Any]) -> None:
    """Ask the gateway what became of it. Raises as `settle` and `pursue` do, to be tried again."""
    outcome = await _follow(till, event["payload"])
    error = None if outcome else "not ours"
    async with till.database.service("phonepe_webhook") as tx:
        await tx.run(PROCESSED, {"id": event["id"], "error": error})
    log.info("webhook_processed", type=event["event_type"], outcome=outcome)


async def give_up(till: Till, event: dict[str, Any], error: str) -> bool:
    """Note a failure; after a dozen the event is closed, and the reconciliation has the last word."""
    if event["attempts"] < MOST_ATTEMPTS:
        return False
    async with till.database.service("phonepe_webhook") as tx:
        await tx.run(PROCESSED, {"id": event["id"], "error": error})
    return True


async def _follow(till: Till, payload: dict[str, Any]) -> str | None:
    refund_id, order_id = payload.get("merchantRefundId"), payload.get("merchantOrderId")
    if isinstance(refund_id, str):
        async with till.database.service("refund") as tx:
            known = await refunds.find(tx, refund_id)
        return await pursue(till, known) if known else None
    if isinstance(order_id, str):
        return await settle(till, order_id=order_id)
    mandate = payload.get("merchantSubscriptionId")
    return await mandates.check(till, mandate) if isinstance(mandate, str) else None
