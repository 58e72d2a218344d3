"""UPI AutoPay: the mandate a payer gave, the debits by it, and its end (ADR 0077).

notify (a day or more before the period ends) -> redeem (when it has ended) -> the order is settled as any.
"""

from collections.abc import Awaitable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import structlog
from psycopg.rows import DictRow

from backend.core.errors import AppError
from backend.domain import payments, subscriptions
from backend.domain.invoices import Buyer
from backend.domain.subscriptions import Standing
from backend.payments import checkout
from backend.payments.phonepe import GatewayRefused
from backend.payments.subscribing import renewal_quote
from backend.payments.till import Till

log = structlog.get_logger(__name__)

NOTIFY_DAYS = 2
"""How long before the end a debit is announced; a day is the least."""

TO_NOTIFY = """
select s.user_id from public.subscriptions s
where s.phonepe_subscription_id is not null and s.status = 'active' and s.plan <> 'free'
  and not s.cancel_at_period_end and s.current_period_end between %(at)s and %(until)s
  and not exists (select 1 from public.payments p where p.user_id = s.user_id and p.term = s.term
    and p.metadata ->> 'by_mandate' is not null and p.status <> 'failed')
  and (select count(*) from public.payments p where p.user_id = s.user_id and p.term = s.term
    and p.metadata ->> 'by_mandate' is not null) < 5
limit 200
"""
TO_REDEEM = """
select p.id, p.user_id, p.phonepe_merchant_transaction_id as order_id
from public.payments p join public.subscriptions s on s.user_id = p.user_id and s.term = p.term
where p.status = 'processing' and p.metadata ->> 'by_mandate' = s.phonepe_subscription_id
  and p.metadata ->> 'notified_at' is not null and p.metadata ->> 'redeemed_at' is null
  and s.current_period_end <= %(at)s and not s.cancel_at_period_end
limit 200
"""
TO_END = """
select user_id, phonepe_subscription_id as mandate from public.subscriptions
where phonepe_subscription_id is not null and (plan = 'free' or cancel_at_period_end) limit 200
"""
OWNER = "select user_id from public.subscriptions where phonepe_subscription_id = %(mandate)s"
SET = """
update public.payments set metadata = metadata || jsonb_build_object(%(key)s::text, %(at)s::text),
  status = 'processing', expires_at = coalesce(expires_at, %(expires_at)s),
  next_check_at = case when %(ask)s then now() + interval '5 seconds'
    else coalesce(expires_at, %(expires_at)s) end
where id = %(id)s and status in ('pending', 'processing')
"""


async def tend(till: Till, at: datetime | None = None) -> None:
    """Announce, debit and end what is due. What the gateway refuses today is tried again."""
    if till.gateway is None or till.settings.phonepe_autopay == "off":
        return
    at = at or datetime.now(UTC)
    until = at + timedelta(days=NOTIFY_DAYS)
    async with till.database.service("tend_subscriptions") as tx:
        to_notify = await tx.all(TO_NOTIFY, {"at": at, "until": until})
        to_redeem = await tx.all(TO_REDEEM, {"at": at})
        to_end = await tx.all(TO_END)
    for row in to_notify:
        await _try(_notify(till, row["user_id"], at), "mandate_notify_failed")
    for row in to_redeem:
        await _try(_redeem(till, row, at), "mandate_redeem_failed")
    for row in to_end:
        await _try(_end(till, row), "mandate_end_failed")


async def _try(act: Awaitable[None], event: str) -> None:
    try:
        await act
    except AppError as error:
        log.warning(event, code=error.code)


async def _notify(till: Till, user_id: UUID, at: datetime) -> None:
    async with till.database.service("tend_subscriptions") as tx:
        now = await subscriptions.lock(tx, user_id)
        mandate = now.phonepe_subscription_id
        if mandate is None or now.cancel_at_period_end or now.current_period_end is None:
            return
        quote = renewal_quote(till, now)
        buyer = Buyer(**(now.billing_details or {}))
        payment_id, new = await checkout.write_down(tx, now, quote, buyer, by_mandate=mandate)
        row = await payments.lock(tx, payment_id)
    if not new:
        return
    try:
        await till.phonepe.notify(
            row["phonepe_merchant_transaction_id"], mandate, quote.total_paise
        )
    except AppError as error:
        async with till.database.service("tend_subscriptions") as tx:
            await payments.fail(tx, payment_id, error.code)
        if isinstance(error, GatewayRefused):
            await check(till, mandate)
        raise
    ends = now.current_period_end + timedelta(days=subscriptions.GRACE_DAYS)
    await _set(till, payment_id, "notified_at", at, ends, ask=False)


async def _redeem(till: Till, row: DictRow, at: datetime) -> None:
    await till.phonepe.redeem(row["order_id"])
    ends = at + timedelta(days=subscriptions.GRACE_DAYS)
    await _set(till, row["id"], "redeemed_at", at, ends, ask=True)


async def _set(
    till: Till, payment_id: UUID, key: str, at: datetime, expires_at: datetime, *, ask: bool
) -> None:
    values = {"id": payment_id, "key": key, "at": at, "expires_at": expires_at, "ask": ask}
    async with till.database.service("tend_subscriptions") as tx:
        await tx.run(SET, values)


async def _end(till: Till, row: DictRow) -> None:
    try:
        await till.phonepe.cancel_mandate(row["mandate"])
    except GatewayRefused as error:
        if not error.is_about_the_request:  # else it has ended already
            raise
    await _forget(till, row["user_id"], row["mandate"])


async def check(till: Till, mandate: str) -> str | None:
    """Ask how a mandate stands and forget it when it has ended; None if it is not ours."""
    async with till.database.service("tend_subscriptions") as tx:
        owner = await tx.one(OWNER, {"mandate": mandate})
    if owner is None or till.settings.phonepe_autopay == "off":
        return None
    known = await till.phonepe.mandate(mandate)
    state = known.state if known else "UNKNOWN"
    if state in ("CANCELLED", "REVOKED", "EXPIRED", "FAILED", "UNKNOWN"):
        await _forget(till, owner["user_id"], mandate)
    return state


async def _forget(till: Till, user_id: UUID, mandate: str) -> None:
    async with till.database.service("tend_subscriptions") as tx:
        now = await subscriptions.lock(tx, user_id)
        if now.phonepe_subscription_id == mandate:
            after: Standing = now.but(phonepe_subscription_id=None)
            await subscriptions.write(tx, now, after, "mandate_ended", {"mandate": mandate})
