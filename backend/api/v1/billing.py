"""Plans, the subscription, payments and usage (PRODUCT 10)."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel

from backend.api.deps import CurrentUser, Payments, WorkspaceReader
from backend.api.paging import Plain, paged
from backend.core.config import Settings
from backend.domain import payments, subscriptions, usage
from backend.domain.billing import PLANS, Cycle, PlanId
from backend.domain.gst_returns import MONTH
from backend.domain.payments import Payment
from backend.domain.refunds import Refund
from backend.domain.usage import Usage
from backend.domain.values import Timestamp
from backend.payments import subscribing
from backend.payments.returns import take_back
from backend.payments.settlement import settle
from backend.payments.subscribing import Outcome, SubscriptionWish, TopUpWish
from backend.services.rate_limiter import TIMES

router = APIRouter()


class PlanOffer(BaseModel):
    """Prices are before GST. A limit of null means unlimited."""

    id: PlanId
    name: str
    price_inr: int
    price_annual_inr: int
    budget_usd: int
    max_icps: int | None
    max_moves_a_month: int | None
    requests_a_minute: int
    runs_a_minute: int
    features: tuple[str, ...]


class PlanList(BaseModel):
    """`payments`: whether anything can be bought; `autopay`: by a mandate too. 0 trial days: no trial."""

    plans: list[PlanOffer]
    gst_rate_percent: int
    currency: str = "INR"
    payments: bool
    autopay: bool
    refund_days: int
    topup_inr_per_usd: int
    trial_days: int
    trial_plan: PlanId


@router.get("/plans")
async def list_plans(request: Request) -> PlanList:
    """What can be bought and on which terms, for everybody to see."""
    settings: Settings = request.app.state.settings
    offers = [
        PlanOffer(
            id=plan.id,
            name=plan.name,
            price_inr=plan.price_inr,
            price_annual_inr=plan.price_paise("annual") // 100,
            budget_usd=plan.budget_usd,
            max_icps=plan.max_icps,
            max_moves_a_month=plan.max_moves_a_month,
            requests_a_minute=settings.rate_limit_api * TIMES[plan.id],
            runs_a_minute=settings.rate_limit_agent * TIMES[plan.id],
            features=plan.features,
        )
        for plan in PLANS.values()
    ]
    return PlanList(
        plans=offers,
        gst_rate_percent=settings.gst_rate_percent,
        payments=settings.payments_enabled,
        autopay=settings.payments_enabled and settings.phonepe_autopay != "off",
        refund_days=settings.refund_days,
        topup_inr_per_usd=settings.topup_inr_per_usd,
        trial_days=settings.trial_days,
        trial_plan=settings.trial_plan,
    )


class SubscriptionView(BaseModel):
    """`price_inr` is the list price of the period, before GST; `grace_ends_at` is set while it is overdue."""

    plan: PlanId
    status: subscriptions.Status
    billing_cycle: Cycle | None
    price_inr: float
    current_period_start: Timestamp | None
    current_period_end: Timestamp | None
    trial_end: Timestamp | None
    cancel_at_period_end: bool
    next_plan: PlanId | None
    next_billing_cycle: Cycle | None
    past_due_since: Timestamp | None
    grace_ends_at: Timestamp | None
    renewable_from: Timestamp | None
    autopay: bool


class BillingParty(BaseModel):
    name: str
    address: str
    pin: str
    state: str | None
    state_code: str | None
    gstin: str | None
    country: str


class SubscriptionState(BaseModel):
    """`subscription` is null on the free plan. `pending_payment` has a page that waits."""

    subscription: SubscriptionView | None
    plan: PlanId
    pending_payment: Payment | None
    billing_details: BillingParty | None


class QuoteView(BaseModel):
    """Paise. `net_paise` is the list price less the unused part of the period before."""

    kind: payments.Kind
    plan: PlanId | None
    billing_cycle: Cycle | None
    topup_usd: int | None
    list_paise: int
    credit_paise: int
    net_paise: int
    cgst_paise: int
    sgst_paise: int
    utgst_paise: int
    igst_paise: int
    gst_paise: int
    total_paise: int


class QuoteEnvelope(BaseModel):
    """`quote` is null for a change without a payment, which comes at `effective_at`."""

    quote: QuoteView | None
    effective_at: Timestamp | None


class PaymentEnvelope(BaseModel):
    payment: Payment


class PaymentPage(BaseModel):
    payments: list[Payment]
    total: int
    limit: int
    offset: int
    next_cursor: str | None = None


class RefundEnvelope(BaseModel):
    refund: Refund


class Csv(Response):
    media_type = "text/csv"


class HistoryPage(BaseModel):
    history: list[subscriptions.Change]
    total: int
    limit: int
    offset: int
    next_cursor: str | None = None


@router.get("/subscription")
async def get_subscription(db: WorkspaceReader) -> SubscriptionState:
    """The plan in force, what is scheduled, and a payment that waits."""
    return SubscriptionState.model_validate(
        await subscribing.shown(db, db.user.id), from_attributes=True
    )


@router.post("/subscription")
async def subscribe(wish: SubscriptionWish, user: CurrentUser, till: Payments) -> Outcome:
    """Begin, change or renew. More begins at once, on a page to pay on; less waits for the period's end.

    A second press of the button gets the first one's page.
    """
    return await subscribing.subscribe(till, user, wish)


@router.post("/subscription/quote")
async def quote_subscription(
    wish: SubscriptionWish, user: CurrentUser, till: Payments
) -> QuoteEnvelope:
    """What that would cost now, to the paisa; nothing is changed."""
    quote, effective_at = await subscribing.quote(till, user, wish)
    shown = QuoteView.model_validate(quote.shown()) if quote else None
    return QuoteEnvelope(quote=shown, effective_at=effective_at)


@router.post("/subscription/cancel")
async def cancel_subscription(user: CurrentUser, till: Payments) -> Outcome:
    """End with the period that is paid for; until then everything stays."""
    return await subscribing.cancel(till, user)


@router.post("/subscription/resume")
async def resume_subscription(user: CurrentUser, till: Payments) -> Outcome:
    """Keep the plan: undo a cancellation or a downgrade that waits."""
    return await subscribing.resume(till, user)


@router.post("/subscription/renew")
async def renew_subscription(user: CurrentUser, till: Payments) -> Outcome:
    """A page to pay the next period on: from a week before the end, and while it is overdue."""
    return await subscribing.renew(till, user)


@router.post("/subscription/trial")
async def start_trial(user: CurrentUser, till: Payments) -> Outcome:
    """A paid plan for some days without a payment, once, where trials are offered."""
    return await subscribing.start_trial(till, user)


@router.get("/subscription/history")
async def list_subscription_history(db: WorkspaceReader, query: Plain) -> HistoryPage:
    """Every change of the subscription and its cause, newest first."""
    rows, total = await subscriptions.history(
        db, limit=query.limit, offset=query.offset, after=query.after()
    )
    return HistoryPage.model_validate(paged("history", rows, total, query))


@router.get("/payments")
async def list_payments(db: WorkspaceReader, query: Plain) -> PaymentPage:
    """Payments in every state, newest first."""
    rows, total = await payments.page(
        db, limit=query.limit, offset=query.offset, after=query.after()
    )
    return PaymentPage.model_validate(paged("payments", rows, total, query))


@router.get("/payments/{payment_id}")
async def get_payment(payment_id: UUID, db: WorkspaceReader) -> PaymentEnvelope:
    """One payment; `invoice_id` comes with its completion."""
    return PaymentEnvelope(payment=await payments.get(db, payment_id))


@router.post("/payments/{payment_id}/check")
async def check_payment(payment_id: UUID, db: WorkspaceReader, till: Payments) -> PaymentEnvelope:
    """Ask the gateway now, for a customer who comes back from its page."""
    known = await payments.get(db, payment_id)
    await settle(till, payment_id=known.id)
    return PaymentEnvelope(payment=await payments.get(db, payment_id))


@router.post("/payments/{payment_id}/refund")
async def refund_payment(payment_id: UUID, user: CurrentUser, till: Payments) -> RefundEnvelope:
    """Take the latest payment back within some days: the plan goes at once, the money follows."""
    return RefundEnvelope(refund=await take_back(till, user, payment_id))


@router.post("/topup")
async def top_up(wish: TopUpWish, user: CurrentUser, till: Payments) -> Outcome:
    """Buy model budget on top of the plan's; it lasts until it is spent."""
    return await subscribing.top_up(till, user, wish)


@router.get("/usage")
async def get_usage(db: WorkspaceReader) -> Usage:
    """Today, this month by agent and by day, the budget, and what a run of each kind usually costs."""
    return await usage.usage(db)


@router.get("/ledger", response_class=Csv)
async def export_ledger(
    db: WorkspaceReader,
    month: Annotated[str, Query(pattern=MONTH, examples=["2026-11"])],
) -> Csv:
    """Every charge of a model call and every top-up of a month, as CSV."""
    headers = {"content-disposition": f'attachment; filename="ledger-{month}.csv"'}
    return Csv(await usage.ledger(db, month), headers=headers)
