"""Sending events to other people's programs: signed, repeated for three days, through the egress guard.

A delivery's own row says whether it is due; the job queue carries its id. Events come into being with the
audit log's entries, in the same transaction (ADR 0096).
"""

import json
import random
import time
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any
from uuid import UUID, uuid4

import structlog
from psycopg.rows import DictRow
from psycopg.types.json import Jsonb
from standardwebhooks import Webhook

from backend.core.database import Database
from backend.core.errors import AppError, Conflict
from backend.domain import webhook_endpoints
from backend.services.egress import Egress

log = structlog.get_logger(__name__)

PAUSES_SECONDS = (5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 72_000)
"""Between attempts: ten of them within three days. The endpoint is switched off after the last."""
JITTER = 0.1
LEASE_SECONDS = 60
KEPT_DAYS = 30
TEST_EVENT = "webhook.test"

CLAIM = """
update public.webhook_deliveries d set next_attempt_at = now() + make_interval(secs => %(lease)s),
  attempts = d.attempts + 1
from public.webhook_endpoints e
where d.id = %(id)s and d.status = 'pending' and d.next_attempt_at <= now()
  and e.workspace_id = d.workspace_id and e.id = d.endpoint_id
returning d.id, d.workspace_id, d.endpoint_id, d.message_id, d.payload, d.attempts, e.url, e.secret,
  e.is_active, case when e.previous_until > now() then e.previous_secret end as previous_secret
"""
DUE = """
select d.id from public.webhook_deliveries d
where d.status = 'pending' and d.next_attempt_at <= now()
  and not exists (select 1 from jobs.procrastinate_jobs j
    where j.status in ('todo', 'doing') and j.args ->> 'delivery_id' = d.id::text)
order by d.next_attempt_at limit 100
"""
CLOSE = """
update public.webhook_deliveries set status = %(status)s, log = log || %(attempt)s,
  next_attempt_at = now() + make_interval(secs => %(pause)s)
where id = %(id)s
"""
SWITCH_OFF = """
update public.webhook_endpoints set is_active = false, disabled_reason = %(reason)s where id = %(id)s
"""
GIVE_UP = """
update public.webhook_deliveries set status = 'failed', next_attempt_at = null
where endpoint_id = %(id)s and status = 'pending'
"""
REPLAY = """
update public.webhook_deliveries set status = 'pending', attempts = 0, next_attempt_at = now()
where workspace_id = %(workspace)s and id = %(id)s
"""
ADD_TEST = """
insert into public.webhook_deliveries
  (workspace_id, endpoint_id, message_id, event, payload, next_attempt_at)
values (%(workspace)s, %(endpoint)s, %(message)s, %(event)s, %(payload)s, now())
returning id
"""
FORGET = """
delete from public.webhook_deliveries
where created_at < now() - make_interval(days => %(days)s) and status <> 'pending'
"""


class Webhooks:
    """Deliveries of all workspaces, behind the service door."""

    def __init__(self, database: Database, egress: Egress) -> None:
        self._database = database
        self._egress = egress

    async def due(self) -> list[UUID]:
        """Deliveries whose time has come and that no job carries."""
        async with self._database.service("webhooks") as tx:
            return [row["id"] for row in await tx.all(DUE)]

    async def deliver(self, id: UUID) -> None:
        """One attempt, if the delivery is due; what comes of it is in its row."""
        async with self._database.service("webhooks") as tx:
            row = await tx.one(CLAIM, {"id": id, "lease": LEASE_SECONDS})
        if row is None:
            return
        if not row["is_active"]:
            await self._close(row, "failed", _attempt(0, None, "The endpoint is switched off."))
            return
        began = time.perf_counter()
        status, error = await self._send(row)
        attempt = _attempt(time.perf_counter() - began, status, error)
        if status is not None and 200 <= status < 300:
            await self._close(row, "delivered", attempt)
        elif status == HTTPStatus.GONE:
            await self._close(row, "failed", attempt, "The address answered 410 Gone.")
        elif row["attempts"] > len(PAUSES_SECONDS):
            await self._close(row, "failed", attempt, "Nothing was taken for three days.")
        else:
            await self._close(row, "pending", attempt)

    async def _send(self, row: DictRow) -> tuple[int | None, str | None]:
        body = json.dumps(row["payload"], separators=(",", ":"), ensure_ascii=False)
        headers = signed(row["message_id"], body, [row["secret"], row["previous_secret"]])
        try:
            return await self._egress.post(row["url"], headers=headers, body=body.encode()), None
        except AppError as error:
            return None, error.detail

    async def _close(
        self, row: DictRow, status: str, attempt: dict[str, Any], switch_off: str | None = None
    ) -> None:
        pause = PAUSES_SECONDS[row["attempts"] - 1] if status == "pending" else None
        spread = pause * random.uniform(1, 1 + JITTER) if pause else None  # noqa: S311
        values = {"id": row["id"], "status": status, "attempt": Jsonb([attempt]), "pause": spread}
        async with self._database.service("webhooks") as tx:
            await tx.run(CLOSE, values)
            if switch_off:
                await tx.run(SWITCH_OFF, {"id": row["endpoint_id"], "reason": switch_off})
                await tx.run(GIVE_UP, {"id": row["endpoint_id"]})
                log.warning("webhook_endpoint_switched_off", endpoint=str(row["endpoint_id"]))

    async def replay(self, workspace_id: UUID, id: UUID) -> None:
        """Send it again, with attempts as at the first time, under the same message id."""
        async with self._database.service("webhooks") as tx:
            if not await tx.run(REPLAY, {"workspace": workspace_id, "id": id}):
                raise webhook_endpoints.deliveries.missing()

    async def test(self, workspace_id: UUID, endpoint_id: UUID) -> UUID:
        """Queue an event that says nothing; returns the delivery's id."""
        payload = {
            "type": TEST_EVENT,
            "timestamp": datetime.now(UTC).isoformat(),
            "data": {"id": str(endpoint_id), "workspace_id": str(workspace_id)},
        }
        values = {
            "workspace": workspace_id,
            "endpoint": endpoint_id,
            "message": uuid4(),
            "event": TEST_EVENT,
            "payload": Jsonb(payload),
        }
        async with self._database.service("webhooks") as tx:
            row = await tx.one(ADD_TEST, values)
        assert row is not None, "insert ... returning gives a row or raises"
        id: UUID = row["id"]
        return id

    async def rotate(self, workspace_id: UUID, id: UUID, grace_hours: int) -> str:
        """A new secret; for the grace, messages are signed with both."""
        secret = webhook_endpoints.new_secret()
        values = {
            "workspace_id": workspace_id,
            "id": id,
            "secret": secret,
            "hours": grace_hours,
        }
        async with self._database.service("webhooks") as tx:
            if not await tx.one(webhook_endpoints.ROTATE, values):
                raise Conflict("This endpoint is gone.", code="endpoint_gone")
        return secret

    async def forget_old(self) -> int:
        """Drop the log of deliveries after thirty days."""
        async with self._database.service("webhooks") as tx:
            return await tx.run(FORGET, {"days": KEPT_DAYS})


def signed(message_id: UUID, body: str, secrets: list[str | None]) -> dict[str, str]:
    """The headers of the standard; one signature for each secret that counts."""
    now = datetime.now(UTC)
    signatures = [Webhook(s).sign(str(message_id), now, body) for s in secrets if s]
    return {
        "content-type": "application/json",
        "webhook-id": str(message_id),
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(signatures),
    }


def _attempt(seconds: float, status: int | None, error: str | None) -> dict[str, Any]:
    return {
        "at": datetime.now(UTC).isoformat(),
        "status_code": status,
        "error": error,
        "milliseconds": round(seconds * 1000),
    }
