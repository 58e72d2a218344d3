"""What becomes of a payment: the gateway is asked, and its answer is booked in one transaction (ADR 0075).

The webhook, the reconciliation and the returning customer all end here. Whoever comes first books; the
others find it done.
"""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import structlog
from psycopg.rows import DictRow
from psycopg.types.json import Jsonb

from backend.core.database import Tx
from backend.domain import invoices, payments, refunds, subscriptions
from backend.domain.billing import PLANS
from backend.domain.invoices import Buyer, Line, Supply, seller_of
from backend.domain.subscriptions import Cause, Standing
from backend.payments.phonepe_wire import Order, masked
from backend.payments.till import Till

log = structlog.get_logger(__name__)

CAUSES: dict[str, Cause] = {
    "subscription": "activated",
    "renewal": "renewed",
    "upgrade": "upgraded",
}
METHOD_WORDS = {
    "UPI_INTENT": "UPI",
    "UPI_COLLECT": "UPI",
    "UPI_QR": "UPI",
    "PPE_INTENT": "UPI",
    "UPI_AUTO_PAY": "UPI AutoPay",
    "CARD": "Card",
    "TOKEN": "Card",
    "NET_BANKING": "Net banking",
}
"""As an invoice names it; others will appear, and stand as PhonePe names them."""
CYCLE_WORDS = {"monthly": "one month", "annual": "one year"}
TOP_UP = """
insert into public.budget_topups (user_id, payment_id, amount_micro_usd)
values (%(user_id)s, %(payment_id)s, %(usd)s::bigint * 1000000)
on conflict (payment_id) do nothing
"""


async def settle(
    till: Till, *, payment_id: UUID | None = None, order_id: str | None = None
) -> str | None:
    """Ask the gateway how a payment stands and book it; its status afterwards, None if it is not ours.

    Raises GatewayUnavailable or GatewayRefused when the gateway does not say.
    """
    async with till.database.service("settle_payment") as tx:
        row = await payments.find(tx, id=payment_id, order_id=order_id)
    if row is None:
        return None
    if row["status"] in ("completed", "refunded") or row["order_id"] is None:
        return str(row["status"])
    order = await till.phonepe.order(row["order_id"], by_mandate=row["by_mandate"])
    async with till.database.service("settle_payment") as tx:
        return await book(tx, till, row["id"], order)


async def book(
    tx: Tx, till: Till, payment_id: UUID, order: Order | None, at: datetime | None = None
) -> str:
    """Book what the gateway said. States move forward only; twice does nothing."""
    at = at or datetime.now(UTC)
    row = await payments.lock(tx, payment_id)
    status = str(row["status"])
    if status in ("completed", "refunded"):
        return status
    state = order.state if order else "PENDING"
    if order and state == "COMPLETED":
        return await _paid(tx, till, row, order, at)
    if order and state == "FAILED" and status != "failed":
        await payments.fail(tx, payment_id, order.detailedErrorCode or order.errorCode or "FAILED")
        return "failed"
    await payments.ask_again(tx, row, at)
    if status != "failed" and payments.next_check(row, at) is None:
        await payments.fail(tx, payment_id, "gateway_never_said")
        log.error("payment_never_settled", payment_id=str(payment_id), state=state)
        return "failed"
    return status


async def _paid(tx: Tx, till: Till, row: DictRow, order: Order, at: datetime) -> str:
    wrong = _mismatch(till, row, order)
    if wrong:
        log.error("payment_mismatch", payment_id=str(row["id"]), what=wrong)
        await payments.fail(tx, row["id"], wrong)
        if wrong == "amount_mismatch" and order.amount >= refunds.MIN_PAISE:
            await refunds.request(tx, row, order.amount, "amount_mismatch")
        return "failed"
    now = await subscriptions.lock(tx, row["user_id"])
    attempt = order.paid_by
    values = {
        "id": row["id"],
        "at": at,
        "transaction": attempt.transactionId if attempt else order.orderId,
        "method": attempt.paymentMode if attempt else None,
        "instrument": Jsonb(masked(attempt)) if attempt else None,
        "before": Jsonb(now.snapshot()),
    }
    await tx.run(payments.COMPLETE, values)
    await _fulfil(tx, row, now, at)
    await invoices.issue(tx, _supply(row, now, values), seller_of(till.settings), at=at)
    log.info("payment_completed", payment_id=str(row["id"]), kind=row["kind"])
    return "completed"


def _mismatch(till: Till, row: DictRow, order: Order) -> str | None:
    """What of the order is not what was asked for."""
    if order.merchantOrderId not in (None, row["phonepe_merchant_transaction_id"]):
        return "order_mismatch"
    if order.merchantId and till.settings.phonepe_merchant_id not in (None, order.merchantId):
        return "merchant_mismatch"
    return "amount_mismatch" if order.amount != row["total_paise"] else None


async def _fulfil(tx: Tx, row: DictRow, now: Standing, at: datetime) -> None:
    """Give what was paid for; what was paid for an earlier term goes back."""
    detail = {"payment_id": str(row["id"])}
    if row["kind"] == "topup":
        values = {"user_id": row["user_id"], "payment_id": row["id"], "usd": row["topup_usd"]}
        await tx.run(TOP_UP, values)
        return
    if row["term"] != now.term:
        await refunds.request(tx, row, row["total_paise"], "superseded")
        await subscriptions.note(tx, now, now, "superseded", detail)
        return
    start = at
    if row["kind"] == "renewal" and now.current_period_end:
        start = now.current_period_end
    mandate = row["metadata"].get("mandate")
    after = now.paid_until(row["plan"], row["billing_cycle"], start).but(
        billing_details=row["buyer"],
        phonepe_subscription_id=mandate or now.phonepe_subscription_id,
    )
    await subscriptions.write(tx, now, after, CAUSES[row["kind"]], detail)
    if mandate:
        await subscriptions.note(tx, after, after, "mandate_active", {"mandate": mandate})


def _supply(row: DictRow, now: Standing, paid: dict[str, Any]) -> Supply:
    return Supply(
        user_id=row["user_id"],
        payment_id=row["id"],
        buyer=Buyer(**row["buyer"]),
        lines=(Line(_description(row, now), 1, row["amount_paise"]),),
        paid_at=paid["at"],
        transaction_id=paid["transaction"],
        payment_method=METHOD_WORDS.get(paid["method"], paid["method"]),
        paid_paise=row["total_paise"],
    )


def _description(row: DictRow, now: Standing) -> str:
    """The line on the invoice."""
    if row["kind"] == "topup":
        return f"Model budget, USD {row['topup_usd']}"
    text = f"{PLANS[row['plan']].name} plan, {CYCLE_WORDS[row['billing_cycle']]}"
    if row["credit_paise"]:
        text += f", less the unused part of {now.offer.name}"
    return text
