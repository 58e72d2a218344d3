"""What time does to subscriptions: reminders, overdue, the end (ADR 0077).

active -> past_due at the end of the period -> free three days later; a cancelled one is free at its end.
"""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from psycopg.types.json import Jsonb

from backend.core.database import Tx
from backend.domain import subscriptions
from backend.domain.subscriptions import Cause, Standing, grace_ends_at
from backend.payments import mandates
from backend.payments.pricing import RENEWABLE_DAYS
from backend.payments.till import Till

log = structlog.get_logger(__name__)

REMIND_DAYS = (7, 3, 1)
"""So many days before the end a renewal is reminded of; while it is overdue, every day."""
MOST = 500

CANDIDATES = """
select user_id from public.subscriptions
where plan <> 'free' and user_id > %(after)s and (
  status = 'past_due'
  or (status = 'active' and current_period_end <= %(until)s)
  or (status = 'trialing' and trial_end <= %(at)s))
order by user_id limit %(limit)s
"""
REMINDED = """
select 1 from public.subscription_events
where user_id = %(user_id)s and cause = %(cause)s and detail @> %(detail)s limit 1
"""
DEBITED = """
select 1 from public.payments
where user_id = %(user_id)s and term = %(term)s and status = 'processing'
  and metadata ->> 'redeemed_at' is not null
"""
NOBODY = UUID(int=0)
DEBIT_HOURS = 2
"""How long a debit that is under way keeps a plan from being overdue."""


async def tend(till: Till, at: datetime | None = None) -> int:
    """Bring every subscription to where it should be now; how many changed or were reminded."""
    at = at or datetime.now(UTC)
    await mandates.tend(till, at)
    after, changed = NOBODY, 0
    while True:
        values = {"after": after, "at": at, "until": at + timedelta(days=RENEWABLE_DAYS)}
        async with till.database.service("tend_subscriptions") as tx:
            rows = await tx.all(CANDIDATES, {**values, "limit": MOST})
        for row in rows:
            async with till.database.service("tend_subscriptions") as tx:
                changed += await _step(tx, await subscriptions.lock(tx, row["user_id"]), at)
        if len(rows) < MOST:
            return changed
        after = rows[-1]["user_id"]


async def _step(tx: Tx, now: Standing, at: datetime) -> bool:
    """One subscription, locked: what is due of it. Its state may have changed since it was found."""
    ends, grace = now.current_period_end, grace_ends_at(now)
    if now.status == "trialing" and now.trial_end and now.trial_end <= at:
        return await _change(tx, now, now.freed(at), "trial_ended")
    if now.status == "past_due" and grace and grace <= at:
        return await _change(tx, now, now.freed(at), "expired", {"why": "not_paid"})
    if now.status == "past_due" and grace:
        return await _remind(tx, now, "past_due", days_left=(grace - at).days)
    if now.status != "active" or ends is None or now.plan == "free":
        return False
    if ends <= at and now.cancel_at_period_end:
        return await _change(tx, now, now.freed(at), "expired", {"why": "cancelled"})
    if ends <= at and await _is_being_debited(tx, now, at - ends):
        return False
    if ends <= at:
        after = now.but(status="past_due", past_due_since=ends)
        return await _change(tx, now, after, "past_due", {"term": now.term})
    return await _remind_of_the_end(tx, now, ends - at)


async def _is_being_debited(tx: Tx, now: Standing, since: timedelta) -> bool:
    values = {"user_id": now.user_id, "term": now.term}
    return since < timedelta(hours=DEBIT_HOURS) and bool(await tx.one(DEBITED, values))


async def _remind_of_the_end(tx: Tx, now: Standing, left: timedelta) -> bool:
    due = [days for days in REMIND_DAYS if left <= timedelta(days=days)]
    if now.cancel_at_period_end or not due:
        return False
    return await _remind(tx, now, "renewal_due", days_left=min(due))


async def _remind(tx: Tx, now: Standing, cause: Cause, *, days_left: int) -> bool:
    """A line of history that the customer is shown, once for each day it is meant for."""
    detail = {"term": now.term, "days_left": days_left}
    values = {"user_id": now.user_id, "cause": cause, "detail": Jsonb(detail)}
    if await tx.one(REMINDED, values):
        return False
    await subscriptions.note(tx, now, now, cause, detail)
    log.info("subscription_reminder", user_id=str(now.user_id), cause=cause, days_left=days_left)
    return True


async def _change(
    tx: Tx, now: Standing, after: Standing, cause: Cause, detail: dict[str, Any] | None = None
) -> bool:
    await subscriptions.write(tx, now, after, cause, detail)
    log.info("subscription_changed", user_id=str(now.user_id), cause=cause)
    return True
