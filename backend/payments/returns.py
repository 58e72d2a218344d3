"""A customer takes a payment back (ADR 0076). What was given for it goes at once; the money follows."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from psycopg.rows import DictRow

from backend.core.auth import AuthenticatedUser
from backend.core.database import Tx
from backend.core.errors import Conflict, NotFound
from backend.domain import payments, refunds, subscriptions
from backend.domain.billing import PLANS
from backend.domain.refunds import Refund
from backend.payments.till import Till

MOST_USED_PERCENT = 20
"""How much of a plan's monthly budget may have been spent before a refund is out of the question."""

OPEN = """
select * from public.refunds where payment_id = %(payment_id)s and status <> 'failed'
"""
SPENT_SINCE = """
select coalesce(sum(cost_usd), 0)::float8 as usd from public.usage_records
where user_id = %(user_id)s and date >= (%(since)s::timestamptz at time zone 'Asia/Kolkata')::date
"""
LOCK_MONTH = """
select 1 from public.budget_months
where user_id = %(user_id)s and month = public.budget_month(%(user_id)s) for update
"""
TAKE_BACK = """
delete from public.budget_topups t where t.payment_id = %(payment_id)s and t.user_id = %(user_id)s
  and t.amount_micro_usd <= public.budget_micro_usd(t.user_id, public.budget_month(t.user_id))
    - coalesce((select b.spent_micro_usd + b.reserved_micro_usd from public.budget_months b
      where b.user_id = t.user_id and b.month = public.budget_month(t.user_id)), 0)
  and t.amount_micro_usd <= public.topup_micro_usd(t.user_id, public.budget_month(t.user_id))
"""


async def take_back(till: Till, user: AuthenticatedUser, payment_id: UUID) -> Refund:
    """Ask for the whole of a payment back; asked twice, the same refund.

    Raises NotFound, and Conflict `payment_not_refundable`, `refund_too_late`, `refund_superseded` (something
    was bought after it), `refund_used` (too much of it was spent).
    """
    at = datetime.now(UTC)
    till.phonepe  # noqa: B018  # refuse before anything is written
    async with till.database.service("refund") as tx:
        row = await payments.lock(tx, payment_id)
        if row["user_id"] != user.id:
            raise NotFound("Payment not found", code="payment_not_found")
        known = await tx.one(OPEN, {"payment_id": payment_id})
        if known:
            return Refund.model_validate(known)
        _must_be_fresh(till, row, at)
        if row["kind"] == "topup":
            await _take_top_up(tx, row)
        else:
            await _take_plan(tx, row, at)
        return await refunds.request(tx, row, row["total_paise"], "requested_by_customer")


def _must_be_fresh(till: Till, row: DictRow, at: datetime) -> None:
    if row["status"] != "completed":
        raise Conflict("Only a payment that came can go back.", code="payment_not_refundable")
    days = till.settings.refund_days
    if at > row["completed_at"] + timedelta(days=days):
        raise Conflict(
            f"A payment can be taken back for {days} days. Write to us.", code="refund_too_late"
        )


async def _take_top_up(tx: Tx, row: DictRow) -> None:
    """Under the month's lock, so that no run spends what goes back."""
    values: dict[str, Any] = {"user_id": row["user_id"], "payment_id": row["id"]}
    await tx.one(LOCK_MONTH, values)
    if not await tx.run(TAKE_BACK, values):
        raise _used("This budget is spent or promised to runs already.")


async def _take_plan(tx: Tx, row: DictRow, at: datetime) -> None:
    """Back to the subscription as it was before this payment."""
    now = await subscriptions.lock(tx, row["user_id"])
    if now.term != row["term"] + 1 or now.plan == "free":
        raise Conflict(
            "Something was bought or ended after this payment.", code="refund_superseded"
        )
    spent = await tx.one(SPENT_SINCE, {"user_id": row["user_id"], "since": row["completed_at"]})
    most = PLANS[row["plan"]].budget_usd * MOST_USED_PERCENT / 100
    if spent and spent["usd"] > most:
        raise _used(f"More than {MOST_USED_PERCENT}% of the plan's model budget is spent.")
    after = now.restored(row["before"])
    after = after.but(term=now.term + 1)
    if after.current_period_end and after.current_period_end <= at and after.status == "active":
        after = after.freed(at).but(term=now.term + 1)
    await subscriptions.write(tx, now, after, "refunded", {"payment_id": str(row["id"])})


def _used(detail: str) -> Conflict:
    return Conflict(detail, code="refund_used")
