"""Refunds on their way: sent to the gateway, asked about, and booked with their credit note (ADR 0076)."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import structlog

from backend.core.database import Tx
from backend.core.errors import NotFound
from backend.domain import invoices, refunds
from backend.domain.invoices import seller_of
from backend.payments.phonepe import GatewayRefused
from backend.payments.phonepe_wire import Refund
from backend.payments.till import Till

log = structlog.get_logger(__name__)

MOST_TRIES = 3
"""A bank that declines three times needs a person to look."""
REASONS = {
    "requested_by_customer": "Refund requested by the customer",
    "superseded": "Paid after another payment had taken its place",
    "amount_mismatch": "Another amount than was asked for",
}


async def pursue(till: Till, refund_id: UUID) -> str:
    """Take a refund one step further; its status afterwards.

    Raises GatewayUnavailable, or GatewayRefused for our credentials; the refund stays as it is then.
    """
    async with till.database.service("refund") as tx:
        row = await refunds.lock(tx, refund_id)
    if row["status"] in ("completed", "failed"):
        return str(row["status"])
    try:
        answer = await _answer(till, row)
    except GatewayRefused as error:
        if not error.is_about_the_request:
            raise
        answer = Refund(amount=row["amount_paise"], state="FAILED", errorCode=error.gateway_code)
    async with till.database.service("refund") as tx:
        return await book(tx, till, refund_id, answer)


async def _answer(till: Till, row: dict[str, Any]) -> Refund:
    if row["status"] == "pending":
        known = await till.phonepe.refund_status(row["merchant_refund_id"])
        if known:
            return known
    return await till.phonepe.refund(
        row["merchant_refund_id"], row["order_id"], row["amount_paise"]
    )


async def book(
    tx: Tx, till: Till, refund_id: UUID, answer: Refund, at: datetime | None = None
) -> str:
    """Book what the gateway said; with the money comes the credit note, in the same transaction."""
    at = at or datetime.now(UTC)
    row = await refunds.lock(tx, refund_id)
    if row["status"] in ("completed", "failed"):
        return str(row["status"])
    if answer.state == "COMPLETED" and answer.amount == row["amount_paise"]:
        await refunds.done(tx, row, "completed", None, at)
        await _credit(tx, till, row, at)
        log.info("refund_completed", refund_id=str(refund_id))
        return "completed"
    if answer.state == "FAILED":
        await refunds.done(tx, row, "failed", (answer.errorCode or "FAILED")[:80], at)
        await _again(tx, row)
        return "failed"
    await refunds.sent(tx, row, answer.refundId, at)
    return "pending"


async def _credit(tx: Tx, till: Till, row: dict[str, Any], at: datetime) -> None:
    seller = seller_of(till.settings)
    try:
        await invoices.credit(
            tx,
            row["payment_id"],
            row["id"],
            row["amount_paise"],
            REASONS[row["reason"]],
            seller,
            at=at,
        )
    except NotFound:
        log.info("refund_without_invoice", refund_id=str(row["id"]))  # of a payment never accepted


async def _again(tx: Tx, row: dict[str, Any]) -> None:
    """A refund that failed is owed all the same: another one takes its place, a few times."""
    if await refunds.failed_before(tx, row["payment_id"]) < MOST_TRIES:
        payment = {"id": row["payment_id"], "user_id": row["user_id"]}
        await refunds.request(tx, payment, row["amount_paise"], row["reason"])
    else:
        log.error("refund_needs_a_person", payment_id=str(row["payment_id"]))
