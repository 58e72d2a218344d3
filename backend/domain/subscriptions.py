"""The subscription: which plan, until when, and every change of it with its cause (ADR 0074).

Rows are changed through `lock` and `write` alone: one transaction, one lock, one line of history. `write`
sets the tier and the model budget with the plan, so none of them can say something else than the others.
"""

from datetime import datetime, timedelta
from typing import Any, Literal, Self
from uuid import UUID

from psycopg.rows import DictRow
from psycopg.sql import SQL
from psycopg.types.json import Jsonb
from pydantic import BaseModel, ConfigDict

from backend.core import keyset
from backend.core.database import Reads, Tx
from backend.core.errors import NotFound
from backend.domain.billing import PLANS, Cycle, PaidPlanId, Plan, PlanId
from backend.domain.values import Timestamp

Status = Literal["active", "cancelled", "past_due", "trialing"]
Cause = Literal[
    "activated",
    "renewed",
    "upgraded",
    "downgraded",
    "downgrade_scheduled",
    "cancel_scheduled",
    "resumed",
    "renewal_due",
    "past_due",
    "expired",
    "trial_started",
    "trial_ended",
    "refunded",
    "superseded",
    "mandate_active",
    "mandate_ended",
]
DAYS: dict[str, int] = {"monthly": 30, "annual": 365}
GRACE_DAYS = 3
"""How long a paid plan goes on after its period, while the payment is awaited."""


class Standing(BaseModel):
    """A subscription's row while it is locked. `term` counts what was paid for."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    user_id: UUID
    plan: PlanId
    status: Status
    price_paise: int
    billing_cycle: Cycle | None
    current_period_start: datetime | None
    current_period_end: datetime | None
    trial_end: datetime | None
    cancel_at_period_end: bool
    next_plan: PaidPlanId | None
    next_billing_cycle: Cycle | None
    past_due_since: datetime | None
    cancelled_at: datetime | None
    trial_used: bool
    term: int
    billing_details: dict[str, Any] | None
    phonepe_subscription_id: str | None

    @property
    def offer(self) -> Plan:
        return PLANS[self.plan]

    def but(self, **changes: Any) -> Self:
        return self.model_copy(update=changes)

    def snapshot(self) -> dict[str, Any]:
        """What a refund restores."""
        kept = {"user_id", "term", "billing_details", "phonepe_subscription_id", "trial_used"}
        return self.model_dump(mode="json", exclude=kept)

    def restored(self, snapshot: dict[str, Any]) -> Self:
        return type(self).model_validate({**self.model_dump(), **snapshot})

    def freed(self, at: datetime) -> Self:
        """On the free plan from now on."""
        return self.but(
            plan="free",
            status="active",
            price_paise=0,
            billing_cycle=None,
            current_period_start=None,
            current_period_end=None,
            trial_end=None,
            cancel_at_period_end=False,
            next_plan=None,
            next_billing_cycle=None,
            past_due_since=None,
            cancelled_at=at,
        )

    def paid_until(self, plan: PlanId, cycle: Cycle, start: datetime) -> Self:
        """A whole period of a plan, from `start` on."""
        return self.but(
            plan=plan,
            status="active",
            price_paise=PLANS[plan].price_paise(cycle),
            billing_cycle=cycle,
            current_period_start=start,
            current_period_end=start + timedelta(days=DAYS[cycle]),
            trial_end=None,
            cancel_at_period_end=False,
            next_plan=None,
            next_billing_cycle=None,
            past_due_since=None,
            cancelled_at=None,
            term=self.term + 1,
        )


COLUMNS = """user_id, plan, status, (coalesce(price_inr, 0) * 100)::bigint as price_paise, billing_cycle,
  current_period_start, current_period_end, trial_end, cancel_at_period_end, next_plan, next_billing_cycle,
  past_due_since, cancelled_at, trial_used, term, billing_details, phonepe_subscription_id"""
LOCK = f"select {COLUMNS} from public.subscriptions where user_id = %(user_id)s for update"  # noqa: S608
READ = f"select {COLUMNS} from public.subscriptions where user_id = %(user_id)s"  # noqa: S608
WRITE = """
update public.subscriptions set plan = %(plan)s, status = %(status)s, price_inr = %(price_paise)s / 100.0,
  billing_cycle = %(billing_cycle)s, current_period_start = %(current_period_start)s,
  current_period_end = %(current_period_end)s, trial_end = %(trial_end)s,
  cancel_at_period_end = %(cancel_at_period_end)s, next_plan = %(next_plan)s,
  next_billing_cycle = %(next_billing_cycle)s, past_due_since = %(past_due_since)s,
  cancelled_at = %(cancelled_at)s, trial_used = %(trial_used)s, term = %(term)s,
  billing_details = %(billing_details)s, phonepe_subscription_id = %(phonepe_subscription_id)s
where user_id = %(user_id)s
"""
ENTITLE = """
update public.users set subscription_tier = %(plan)s, budget_limit_monthly = %(budget_usd)s
where id = %(user_id)s
"""
NOTE = """
insert into public.subscription_events
  (user_id, cause, plan_before, plan, status_before, status, period_end, detail)
values (%(user_id)s, %(cause)s, %(plan_before)s, %(plan)s, %(status_before)s, %(status)s, %(period_end)s,
  %(detail)s)
"""
HISTORY = keyset.statement(
    SQL("id, cause, plan_before, plan, status_before, status, period_end, detail, created_at"),
    SQL("public.subscription_events"),
    SQL("t.user_id = %(user_id)s"),
)


def grace_ends_at(now: Standing) -> datetime | None:
    """When a plan whose payment is awaited ends for good."""
    return now.past_due_since and now.past_due_since + timedelta(days=GRACE_DAYS)


class Change(BaseModel):
    """One line of history. `detail` names the payment or refund behind it."""

    id: UUID
    cause: Cause
    plan_before: PlanId
    plan: PlanId
    status_before: Status
    status: Status
    period_end: Timestamp | None
    detail: dict[str, Any]
    created_at: Timestamp


async def lock(tx: Tx, user_id: UUID) -> Standing:
    """The row, until the transaction ends. Raises NotFound when sign-up has made none."""
    row = await tx.one(LOCK, {"user_id": user_id})
    if row is None:
        raise NotFound("There is no subscription yet.", code="subscription_not_found")
    return Standing.model_validate(row)


async def standing(db: Reads, user_id: UUID) -> Standing:
    """As it is now, without a lock."""
    row = await db.one(READ, {"user_id": user_id})
    if row is None:
        raise NotFound("There is no subscription yet.", code="subscription_not_found")
    return Standing.model_validate(row)


async def write(
    tx: Tx, before: Standing, after: Standing, cause: Cause, detail: dict[str, Any] | None = None
) -> Standing:
    """Change a locked subscription, with tier and budget where the plan changes, and note why."""
    values = after.model_dump()
    details = after.billing_details
    await tx.run(WRITE, {**values, "billing_details": Jsonb(details) if details else None})
    if after.plan != before.plan:
        await tx.run(ENTITLE, {**values, "budget_usd": after.offer.budget_usd})
    await note(tx, before, after, cause, detail)
    return after


async def note(
    tx: Tx, before: Standing, after: Standing, cause: Cause, detail: dict[str, Any] | None = None
) -> None:
    """A line of history by itself, for what happened without a change."""
    values = {
        "user_id": after.user_id,
        "cause": cause,
        "plan_before": before.plan,
        "plan": after.plan,
        "status_before": before.status,
        "status": after.status,
        "period_end": after.current_period_end,
        "detail": Jsonb(detail or {}),
    }
    await tx.run(NOTE, values)


async def history(
    db: Reads, *, limit: int, offset: int, after: tuple[str, UUID] | None
) -> tuple[list[DictRow], int]:
    """Changes of the signed-in user's, newest first, and how many there are."""
    return await keyset.page(db, HISTORY, {}, limit=limit, offset=offset, after=after)
