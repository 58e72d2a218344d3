"""Payments: from a press of the button to money that came, or did not (ADR 0074).

pending (the gateway has not answered yet) -> processing (there is a page to pay on) -> completed | failed;
completed -> refunded. Only money that came turns `failed` into `completed`; nothing leaves `completed` but
a refund.
"""

from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from psycopg.rows import DictRow
from psycopg.sql import SQL
from pydantic import BaseModel

from backend.core import keyset
from backend.core.database import Reads, Tx
from backend.core.errors import NotFound
from backend.domain.values import Timestamp

Kind = Literal["subscription", "renewal", "upgrade", "topup"]
Status = Literal["pending", "processing", "completed", "failed", "refunded"]

LIFE_SECONDS = 1200
"""How long a pay page waits."""
FIRST_CHECK_SECONDS = 22
STEPS = ((30, 3), (60, 6), (60, 10), (60, 30))
"""(for so many seconds, ask every so many), after the first check; then once a minute. PhonePe's schedule."""
LAST_STEP_SECONDS = 60
LATE_MINUTES = 15
"""How long after a page's end its order may still turn out paid."""


class Payment(BaseModel):
    """Amounts are paise. `credit_paise` was unused of the term before and taken off the price."""

    id: UUID
    kind: Kind
    status: Status
    plan: str | None
    billing_cycle: str | None
    topup_usd: int | None
    amount_paise: int
    gst_paise: int
    total_paise: int
    credit_paise: int
    payment_url: str | None
    expires_at: Timestamp | None
    payment_method: str | None
    failure_code: str | None
    created_at: Timestamp
    completed_at: Timestamp | None
    invoice_id: UUID | None = None
    refund_status: str | None = None


# A page to pay on is of use as long as it waits.
_COLUMNS = SQL("""
t.id, t.kind, t.status, t.plan, t.billing_cycle, t.topup_usd, t.amount_paise, t.gst_paise,
  t.total_paise, t.credit_paise, t.expires_at,
  case when t.status = 'processing' and t.expires_at > now() then t.payment_url end as payment_url,
  t.payment_method, t.failure_code, t.created_at, t.completed_at,
  (select i.id from public.invoices i where i.user_id = t.user_id and i.payment_id = t.id) as invoice_id,
  (select r.status from public.refunds r where r.user_id = t.user_id and r.payment_id = t.id
    order by r.created_at desc limit 1) as refund_status""")
_OWN = SQL("t.user_id = %(user_id)s")
_SHOWN = SQL("select {} from public.payments t where {}").format(_COLUMNS, _OWN)
GET = SQL("{} and t.id = %(id)s").format(_SHOWN)
LIST = keyset.statement(_COLUMNS, SQL("public.payments"), _OWN)
OPEN = SQL("""{} and t.status = 'processing' and t.expires_at > now()
  order by t.created_at desc limit 1""").format(_SHOWN)

# Asked about even if the process dies before the gateway has answered.
INSERT = """
insert into public.payments (id, user_id, subscription_id, amount_inr, gst_amount, total_amount,
  phonepe_merchant_transaction_id, kind, plan, billing_cycle, topup_usd, term, credit_paise, buyer, metadata,
  next_check_at)
select %(id)s, %(user_id)s, s.id, %(net)s / 100.0, %(gst)s / 100.0, %(total)s / 100.0, %(order_id)s, %(kind)s,
  %(plan)s, %(cycle)s, %(topup_usd)s, %(term)s, %(credit)s, %(buyer)s, %(metadata)s,
  now() + interval '2 minutes'
from public.subscriptions s where s.user_id = %(user_id)s
"""
# The same purchase, begun already: a page that waits, or one that is being made this moment.
SAME = """
select id, payment_url, expires_at, created_at from public.payments
where user_id = %(user_id)s and term = %(term)s and kind = %(kind)s
  and plan is not distinct from %(plan)s and billing_cycle is not distinct from %(cycle)s
  and topup_usd is not distinct from %(topup_usd)s and buyer = %(buyer)s
  and (metadata ->> 'mandate' is not null) = %(autopay)s
  and metadata ->> 'by_mandate' is not distinct from %(by_mandate)s
  and (%(kind)s = 'upgrade' or (total_amount * 100)::bigint = %(total)s)
  and ((status = 'processing' and expires_at > now() + interval '2 minutes')
    or (status = 'pending' and created_at > now() - interval '30 seconds'))
order by created_at desc limit 1
"""
BEGUN = """
update public.payments set status = 'processing', payment_url = %(url)s, expires_at = %(expires_at)s,
  next_check_at = now() + make_interval(secs => %(first)s)
where id = %(id)s and status = 'pending'
"""
# What was never begun may still come true where the answer was lost, so it is asked about once more.
NOT_BEGUN = """
update public.payments set status = 'failed', failure_code = %(code)s, expires_at = now(),
  next_check_at = case when %(ask)s then now() + make_interval(secs => %(first)s) end
where id = %(id)s and status = 'pending'
"""
ORDER = """
select id, user_id, phonepe_merchant_transaction_id as order_id, status, kind,
  metadata ->> 'by_mandate' is not null as by_mandate
from public.payments
where id = %(id)s or phonepe_merchant_transaction_id = %(order_id)s
"""
LOCK = "select * from public.payments where id = %(id)s for update"
COMPLETE = """
update public.payments set status = 'completed', completed_at = %(at)s,
  phonepe_transaction_id = %(transaction)s, payment_method = %(method)s, payment_instrument = %(instrument)s,
  before = %(before)s, failure_code = null,
  next_check_at = null
where id = %(id)s
"""
FAIL = """
update public.payments set status = 'failed', failure_code = %(code)s, next_check_at = null where id = %(id)s
"""
ASK_AGAIN = """
update public.payments set next_check_at = %(at)s, checks = checks + 1 where id = %(id)s
"""
# A minute's lease: whoever takes one and dies leaves it to the next.
DUE = """
update public.payments set next_check_at = now() + interval '60 seconds'
where id in (select id from public.payments where next_check_at <= now()
  order by next_check_at limit %(limit)s for update skip locked)
returning id
"""


async def get(db: Reads, id: UUID) -> Payment:
    """The user's own payment. Raises NotFound."""
    row = await db.one(GET, {"id": id})
    if row is None:
        raise NotFound("Payment not found", code="payment_not_found")
    return Payment.model_validate(row)


async def page(
    db: Reads, *, limit: int, offset: int, after: tuple[str, UUID] | None
) -> tuple[list[DictRow], int]:
    """The user's own payments, newest first, and how many there are."""
    return await keyset.page(db, LIST, {}, limit=limit, offset=offset, after=after)


async def waiting(db: Reads) -> Payment | None:
    """The newest page that waits to be paid."""
    row = await db.one(OPEN)
    return Payment.model_validate(row) if row else None


async def lock(tx: Tx, id: UUID) -> DictRow:
    """The whole row, until the transaction ends. Raises NotFound."""
    row = await tx.one(LOCK, {"id": id})
    if row is None:
        raise NotFound("Payment not found", code="payment_not_found")
    return row


async def find(tx: Tx, *, id: UUID | None = None, order_id: str | None = None) -> DictRow | None:
    return await tx.one(ORDER, {"id": id, "order_id": order_id})


async def fail(tx: Tx, id: UUID, code: str) -> None:
    await tx.run(FAIL, {"id": id, "code": code[:80]})


async def ask_again(tx: Tx, row: DictRow, at: datetime) -> None:
    """Set when the gateway is asked next; never once it is too late to matter."""
    await tx.run(ASK_AGAIN, {"id": row["id"], "at": next_check(row, at)})


def next_check(row: dict[str, Any], at: datetime) -> datetime | None:
    """By the age of the payment; None when its page has been closed for long."""
    ends = row["expires_at"] or row["created_at"]
    if at > ends + timedelta(minutes=LATE_MINUTES):
        return None
    age = (at - row["created_at"]).total_seconds() - FIRST_CHECK_SECONDS
    for lasts, every in STEPS:
        if age < lasts:
            return at + timedelta(seconds=every)
        age -= lasts
    return at + timedelta(seconds=LAST_STEP_SECONDS)


async def due(tx: Tx, limit: int) -> list[UUID]:
    """Payments to ask the gateway about, taken for a minute."""
    return [row["id"] for row in await tx.all(DUE, {"limit": limit})]
