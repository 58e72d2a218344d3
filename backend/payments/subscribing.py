"""What a customer may do with their subscription (ADR 0074)."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID, uuid4

from pydantic import BaseModel, Field

from backend.core.auth import AuthenticatedUser
from backend.core.database import Reads, Tx
from backend.core.errors import Conflict, Unprocessable
from backend.domain import billing_details, payments, subscriptions
from backend.domain.billing import PLANS, Cycle, PlanId
from backend.domain.billing_details import BillingDetails
from backend.domain.invoices import Buyer
from backend.domain.subscriptions import Standing
from backend.domain.values import INPUT, Phrase
from backend.payments import checkout
from backend.payments.pricing import RENEWABLE_DAYS, Quote, unused_paise, way
from backend.payments.till import Till

ICPS = "select count(*)::int as n from public.icp_profiles where workspace_id = %(workspace_id)s"


class SubscriptionWish(BaseModel):
    """`billing_details` may be left out when they are known from before. `autopay` asks for a mandate."""

    model_config = INPUT

    plan_id: Annotated[Phrase, Field(json_schema_extra={"enum": list(reversed(PLANS))})]
    billing_cycle: Cycle = "monthly"
    billing_details: BillingDetails | None = None
    autopay: bool = False


class TopUpWish(BaseModel):
    """Dollars of model budget, which last until they are spent."""

    model_config = INPUT

    amount_usd: Annotated[int, Field(ge=5, le=500)]
    billing_details: BillingDetails | None = None


class Outcome(BaseModel):
    """A page to pay on, or what was changed without paying; `effective_at` when it waits for a date."""

    success: Literal[True] = True
    plan: PlanId
    payment_id: UUID | None = None
    payment_url: str | None = None
    scheduled_plan: PlanId | None = None
    effective_at: datetime | None = None


def plan_id(given: str) -> PlanId:
    """Raises Unprocessable `plan_unknown`."""
    plan = PLANS.get(given)
    if plan is None:
        names = ", ".join(PLANS)
        raise Unprocessable(f"There is no such plan; choose one of {names}.", code="plan_unknown")
    return plan.id


async def subscribe(till: Till, user: AuthenticatedUser, wish: SubscriptionWish) -> Outcome:
    """Begin, change, renew or end a subscription, whichever the plan asked for means.

    Raises what `billing_details.buyer`, `pricing.way` and `checkout.begin` raise, and Conflict
    `plan_below_use` for a plan that what is there would not fit.
    """
    plan, at = plan_id(wish.plan_id), datetime.now(UTC)
    if plan == "free":
        return await cancel(till, user)
    async with till.database.service("checkout") as tx:
        now = await subscriptions.lock(tx, user.id)
        means = way(now, plan, wish.billing_cycle, at)
        if means == "resumed":
            return await _resume(tx, now)
        if means == "scheduled":
            return await _schedule(tx, user, now, plan, wish.billing_cycle)
        till.phonepe  # noqa: B018  # refuse before anything is written
        await _must_fit(tx, user, plan)
        buyer = _buyer(now, wish.billing_details, user)
        quote = _quote(till, now, wish, plan, at, buyer)
        mandate = _mandate(till, wish, quote)
        payment_id, new = await checkout.write_down(tx, now, quote, buyer, mandate=mandate)
    if new:
        await checkout.begin(till, payment_id, cycle=wish.billing_cycle)
    payment = await checkout.ready(till, user, payment_id)
    return Outcome(plan=now.plan, payment_id=payment.id, payment_url=payment.payment_url)


async def quote(
    till: Till, user: AuthenticatedUser, wish: SubscriptionWish
) -> tuple[Quote | None, datetime | None]:
    """What `subscribe` would charge now, or None and the day on which it would change without charging."""
    plan, at = plan_id(wish.plan_id), datetime.now(UTC)
    async with till.database.workspace(user) as tx:
        now = await subscriptions.standing(tx, user.id)
    means = "scheduled" if plan == "free" else way(now, plan, wish.billing_cycle, at)
    if means in ("scheduled", "resumed"):
        return None, now.current_period_end
    return _quote(till, now, wish, plan, at, _buyer(now, wish.billing_details, user)), None


def _buyer(now: Standing, given: BillingDetails | None, user: AuthenticatedUser) -> Buyer:
    if given:
        return billing_details.buyer(given, user.email)
    if now.billing_details:
        return Buyer(**now.billing_details)
    raise billing_details.refused(
        "billing_details_missing", "", "Name, address, PIN and state are needed for the invoice."
    )


def _quote(
    till: Till, now: Standing, wish: SubscriptionWish, plan: PlanId, at: datetime, buyer: Buyer
) -> Quote:
    means = way(now, plan, wish.billing_cycle, at)
    return checkout.taxed(
        till,
        means,
        buyer,
        plan=plan,
        cycle=wish.billing_cycle,
        list_paise=PLANS[plan].price_paise(wish.billing_cycle),
        credit_paise=unused_paise(now, at) if means == "upgrade" else 0,
    )


def _mandate(till: Till, wish: SubscriptionWish, quote: Quote) -> str | None:
    """The id of a new mandate, where one was asked for. Raises Conflict or Unprocessable."""
    if not wish.autopay:
        return None
    if till.settings.phonepe_autopay == "off":
        raise Conflict("AutoPay is not available here.", code="autopay_off")
    if quote.total_paise > checkout.MANDATE_MAX_PAISE:
        raise Unprocessable(
            "UPI AutoPay takes up to ₹15,000 a debit; pay this plan without it.",
            code="autopay_amount_too_high",
        )
    return f"RM_{uuid4().hex}"


async def _must_fit(tx: Tx, user: AuthenticatedUser, plan: PlanId) -> None:
    """Raises Conflict `plan_below_use`: nothing of a customer's is deleted to fit a plan."""
    most = PLANS[plan].max_icps
    row = await tx.one(ICPS, {"workspace_id": user.workspace_id})
    if most is not None and row and row["n"] > most:
        raise Conflict(
            f"The {PLANS[plan].name} plan allows {most} ICPs and you have {row['n']}: "
            f"delete {row['n'] - most} first.",
            code="plan_below_use",
            icps=row["n"],
            max_icps=most,
        )


async def _schedule(
    tx: Tx, user: AuthenticatedUser, now: Standing, plan: PlanId, cycle: Cycle
) -> Outcome:
    await _must_fit(tx, user, plan)
    after = now.but(next_plan=plan, next_billing_cycle=cycle, cancel_at_period_end=False)
    detail = {"next_plan": plan, "next_billing_cycle": cycle}
    await subscriptions.write(tx, now, after, "downgrade_scheduled", detail)
    return Outcome(plan=now.plan, scheduled_plan=plan, effective_at=now.current_period_end)


async def cancel(till: Till, user: AuthenticatedUser) -> Outcome:
    """End with the period that is paid for. Raises Conflict `not_subscribed`; twice changes nothing."""
    async with till.database.service("checkout") as tx:
        now = await subscriptions.lock(tx, user.id)
        if now.plan == "free":
            raise Conflict("You are on the free plan already.", code="not_subscribed")
        ends = now.trial_end if now.status == "trialing" else now.current_period_end
        if not now.cancel_at_period_end:
            after = now.but(cancel_at_period_end=True, next_plan=None, next_billing_cycle=None)
            await subscriptions.write(tx, now, after, "cancel_scheduled")
    return Outcome(plan=now.plan, scheduled_plan="free", effective_at=ends)


async def resume(till: Till, user: AuthenticatedUser) -> Outcome:
    """Keep the plan after all. Raises Conflict `nothing_to_resume`."""
    async with till.database.service("checkout") as tx:
        now = await subscriptions.lock(tx, user.id)
        if not (now.cancel_at_period_end or now.next_plan):
            raise Conflict("Nothing is scheduled to end or change.", code="nothing_to_resume")
        return await _resume(tx, now)


async def renew(till: Till, user: AuthenticatedUser) -> Outcome:
    """A page to pay the next period on, at the plan that comes next. Raises Conflict.

    `not_subscribed`, `not_renewable` (too early), `downgrade_waits`: a lower plan is paid when it begins.
    """
    at = datetime.now(UTC)
    async with till.database.service("checkout") as tx:
        now = await subscriptions.lock(tx, user.id)
        plan, cycle = next_term(now)
        _must_be_renewable(now, at)
        till.phonepe  # noqa: B018  # refuse before anything is written
        quote = renewal_quote(till, now)
        buyer = Buyer(**(now.billing_details or {}))
        payment_id, new = await checkout.write_down(tx, now, quote, buyer)
    if new:
        await checkout.begin(till, payment_id, cycle=cycle)
    payment = await checkout.ready(till, user, payment_id)
    return Outcome(plan=plan, payment_id=payment.id, payment_url=payment.payment_url)


def next_term(now: Standing) -> tuple[PlanId, Cycle]:
    """Plan and cycle of the period after this one. Raises Conflict `not_subscribed`."""
    if now.plan == "free" or now.billing_cycle is None or not now.billing_details:
        raise Conflict("There is no paid plan to renew.", code="not_subscribed")
    return now.next_plan or now.plan, now.next_billing_cycle or now.billing_cycle


def renewal_quote(till: Till, now: Standing) -> Quote:
    plan, cycle = next_term(now)
    price = PLANS[plan].price_paise(cycle)
    buyer = Buyer(**(now.billing_details or {}))
    return checkout.taxed(till, "renewal", buyer, plan=plan, cycle=cycle, list_paise=price)


def _renewable_from(now: Standing) -> datetime | None:
    """A week before the end; what changes the plan waits for the end itself."""
    ends = now.current_period_end
    if ends is None or now.next_plan or now.cancel_at_period_end:
        return ends
    return ends - timedelta(days=RENEWABLE_DAYS)


def _must_be_renewable(now: Standing, at: datetime) -> None:
    ends = now.current_period_end
    if now.status == "past_due" or ends is None:
        return
    opens = _renewable_from(now) or ends
    if now.next_plan and at < opens:
        detail, code = "A lower plan is paid when this period ends.", "downgrade_waits"
        raise Conflict(detail, code=code, renewable_from=opens.isoformat())
    if at < opens:
        raise Conflict(
            "This period cannot be renewed yet.",
            code="not_renewable",
            renewable_from=opens.isoformat(),
        )


async def start_trial(till: Till, user: AuthenticatedUser) -> Outcome:
    """A paid plan for some days without a payment, once. Raises Conflict.

    `trial_not_offered`, `trial_used`, `already_subscribed`.
    """
    settings, at = till.settings, datetime.now(UTC)
    if settings.trial_days == 0:
        raise Conflict("There is no trial.", code="trial_not_offered")
    async with till.database.service("checkout") as tx:
        now = await subscriptions.lock(tx, user.id)
        if now.plan != "free":
            raise Conflict("You have a plan already.", code="already_subscribed")
        if now.trial_used:
            raise Conflict("You have had your trial.", code="trial_used")
        ends = at + timedelta(days=settings.trial_days)
        after = now.but(
            plan=settings.trial_plan, status="trialing", trial_end=ends, trial_used=True
        )
        await subscriptions.write(tx, now, after, "trial_started")
    return Outcome(plan=after.plan, scheduled_plan="free", effective_at=ends)


async def top_up(till: Till, user: AuthenticatedUser, wish: TopUpWish) -> Outcome:
    """A page to pay on for model budget on top of the plan's. Raises as `subscribe` does."""
    async with till.database.service("checkout") as tx:
        now = await subscriptions.lock(tx, user.id)
        till.phonepe  # noqa: B018  # refuse before anything is written
        buyer = _buyer(now, wish.billing_details, user)
        paise = wish.amount_usd * till.settings.topup_inr_per_usd * 100
        quote = checkout.taxed(till, "topup", buyer, list_paise=paise, topup_usd=wish.amount_usd)
        payment_id, new = await checkout.write_down(tx, now, quote, buyer)
    if new:
        await checkout.begin(till, payment_id)
    payment = await checkout.ready(till, user, payment_id)
    return Outcome(plan=now.plan, payment_id=payment.id, payment_url=payment.payment_url)


async def _resume(tx: Tx, now: Standing) -> Outcome:
    after = now.but(cancel_at_period_end=False, next_plan=None, next_billing_cycle=None)
    await subscriptions.write(tx, now, after, "resumed")
    return Outcome(plan=now.plan)


async def shown(db: Reads, user_id: UUID) -> dict[str, Any]:
    """The subscription as its owner sees it; null on the free plan."""
    now = await subscriptions.standing(db, user_id)
    waiting = await payments.waiting(db)
    about: dict[str, Any] = {
        "plan": now.plan,
        "subscription": None,
        "pending_payment": waiting,
        "billing_details": billing_details.shown(now.billing_details),
    }
    if now.plan != "free":
        about["subscription"] = {
            **now.model_dump(),
            "price_inr": now.price_paise / 100,
            "autopay": now.phonepe_subscription_id is not None,
            "grace_ends_at": subscriptions.grace_ends_at(now),
            "renewable_from": _renewable_from(now),
        }
    return about
