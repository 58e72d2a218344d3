"""Refunds: money on its way back, one at a time for a payment (ADR 0076).

requested (written down) -> pending (the gateway has it) -> completed | failed.
"""

from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID, uuid4

from psycopg.rows import DictRow
from pydantic import BaseModel

from backend.core.database import Tx
from backend.domain.values import Timestamp

Reason = Literal["requested_by_customer", "superseded", "amount_mismatch"]
MIN_PAISE = 100
FIRST_SECONDS, LONGEST_SECONDS = 5, 3600


class Refund(BaseModel):
    """`amount_paise` includes GST."""

    id: UUID
    payment_id: UUID
    amount_paise: int
    reason: Reason
    status: Literal["requested", "pending", "completed", "failed"]
    failure_code: str | None
    created_at: Timestamp
    completed_at: Timestamp | None


REQUEST = """
insert into public.refunds (id, user_id, payment_id, merchant_refund_id, amount_paise, reason)
values (%(id)s, %(user_id)s, %(payment_id)s, %(merchant_refund_id)s, %(amount)s, %(reason)s)
returning *
"""
FIND = """
select id from public.refunds where id = %(id)s or merchant_refund_id = %(merchant_refund_id)s
"""
LOCK = """
select r.*, p.phonepe_merchant_transaction_id as order_id, p.kind
from public.refunds r
join public.payments p on p.user_id = r.user_id and p.id = r.payment_id
where r.id = %(id)s for update
"""
# Longer each time: a bank may take days.
SENT = """
update public.refunds set status = 'pending', phonepe_refund_id = coalesce(%(gateway_id)s, phonepe_refund_id),
  checks = checks + 1, next_check_at = %(at)s
where id = %(id)s and status in ('requested', 'pending')
"""
DONE = """
update public.refunds set status = %(status)s, failure_code = %(code)s, next_check_at = null,
  completed_at = case when %(status)s = 'completed' then %(at)s::timestamptz end
where id = %(id)s
"""
PAYMENT_REFUNDED = "update public.payments set status = 'refunded' where id = %(payment_id)s"
DUE = """
update public.refunds set next_check_at = now() + interval '60 seconds'
where id in (select id from public.refunds where next_check_at <= now()
  order by next_check_at limit %(limit)s for update skip locked)
returning id
"""
FAILED_BEFORE = """
select count(*)::int as n from public.refunds where payment_id = %(payment_id)s and status = 'failed'
"""


async def request(tx: Tx, payment: dict[str, Any], amount_paise: int, reason: Reason) -> Refund:
    """Write down that money goes back; the rounds send it to the gateway."""
    id = uuid4()
    values = {"id": id, "user_id": payment["user_id"], "payment_id": payment["id"]}
    row = await tx.one(
        REQUEST,
        {
            **values,
            "merchant_refund_id": f"RR_{id.hex}",
            "amount": amount_paise,
            "reason": reason,
        },
    )
    return Refund.model_validate(row)


async def find(tx: Tx, merchant_refund_id: str) -> UUID | None:
    row = await tx.one(FIND, {"id": None, "merchant_refund_id": merchant_refund_id})
    return row["id"] if row else None


async def lock(tx: Tx, id: UUID) -> DictRow:
    row = await tx.one(LOCK, {"id": id})
    assert row is not None, "refunds are never deleted"
    return row


async def sent(tx: Tx, row: dict[str, Any], gateway_id: str | None, at: datetime) -> None:
    """The gateway has it; ask again later, each time after a longer pause."""
    pause = min(FIRST_SECONDS * 2 ** min(row["checks"], 12), LONGEST_SECONDS)
    values = {"id": row["id"], "gateway_id": gateway_id, "at": at + timedelta(seconds=pause)}
    await tx.run(SENT, values)


async def done(tx: Tx, row: dict[str, Any], status: str, code: str | None, at: datetime) -> None:
    await tx.run(DONE, {"id": row["id"], "status": status, "code": code, "at": at})
    if status == "completed":
        await tx.run(PAYMENT_REFUNDED, row)


async def failed_before(tx: Tx, payment_id: UUID) -> int:
    """How often a refund of this payment has failed."""
    row = await tx.one(FAILED_BEFORE, {"payment_id": payment_id})
    return row["n"] if row else 0


async def due(tx: Tx, limit: int) -> list[UUID]:
    """Refunds to send or to ask about, taken for a minute."""
    return [row["id"] for row in await tx.all(DUE, {"limit": limit})]
