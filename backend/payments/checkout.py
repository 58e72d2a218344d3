"""From a wish to a page to pay on (ADR 0074).

Three phases, none of which holds a transaction over the network: the payment is written, the gateway is
asked, the answer is written. A second press of the button finds the first one's payment and its page.
"""

import asyncio
import secrets
import time
from dataclasses import asdict
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

import structlog
from psycopg.types.json import Jsonb

from backend.core.auth import AuthenticatedUser
from backend.core.database import Tx
from backend.core.errors import Conflict
from backend.core.gst import financial_year, indian_day, tax
from backend.domain import payments
from backend.domain.billing_details import refused
from backend.domain.invoices import Buyer, seller_of
from backend.domain.payments import Payment
from backend.domain.subscriptions import Standing
from backend.payments.phonepe import (
    GatewayRefused,
    GatewayUnavailable,
    MandateTerms,
    OutcomeUnknown,
)
from backend.payments.pricing import Quote
from backend.payments.till import Till

log = structlog.get_logger(__name__)

WAIT_SECONDS = 8.0
"""How long a second press waits for the page of the first."""
LOOK_SECONDS = 0.1
MANDATE_YEARS = 10
MANDATE_MAX_PAISE = 1_500_000
"""Up to 15,000 rupees a debit needs no further confirmation by the payer."""
FREQUENCY = {"monthly": "MONTHLY", "annual": "YEARLY"}
KIND_LETTERS = {"subscription": "SUB", "renewal": "REN", "upgrade": "UPG", "topup": "TOP"}


def taxed(till: Till, kind: Any, buyer: Buyer, **about: Any) -> Quote:
    """The quote with the tax that this buyer bears. Raises Unprocessable `export_not_available`."""
    settings, today = till.settings, indian_day(datetime.now(UTC))
    seller = seller_of(settings)
    lut = bool(seller and seller.lut_arn and seller.lut_year == financial_year(today))
    if buyer.country != "IN" and not lut:
        raise refused(
            "export_not_available", "country", "Buyers outside India cannot be served yet."
        )
    split = tax(
        about["list_paise"] - about.get("credit_paise", 0),
        seller_state=settings.company_state,
        buyer_state=buyer.place_of_supply,
        rate_percent=settings.gst_rate_percent,
        under_lut=lut,
    )
    return Quote(kind=kind, split=split, **about)


async def write_down(
    tx: Tx,
    now: Standing,
    quote: Quote,
    buyer: Buyer,
    *,
    mandate: str | None = None,
    by_mandate: str | None = None,
) -> tuple[UUID, bool]:
    """The payment of this purchase and whether it is new: the one begun already is found again.

    Paying it sets up `mandate`, or it is debited by `by_mandate`.

    The subscription must be locked, so that two presses come one after the other.
    """
    id = uuid4()
    values = {
        "id": id,
        "user_id": now.user_id,
        "order_id": order_id(quote.kind, now.user_id),
        "kind": quote.kind,
        "plan": quote.plan,
        "cycle": quote.cycle,
        "topup_usd": quote.topup_usd,
        "term": now.term,
        "net": Decimal(quote.net_paise),
        "gst": Decimal(quote.split.total),
        "total": quote.total_paise,
        "credit": quote.credit_paise,
        "buyer": Jsonb(asdict(buyer)),
        "autopay": mandate is not None,
        "by_mandate": by_mandate,
        "metadata": Jsonb(_about_mandates(mandate, by_mandate)),
    }
    same = await tx.one(payments.SAME, values)
    if same:
        return same["id"], False
    await tx.run(payments.INSERT, {**values, "total": Decimal(quote.total_paise)})
    return id, True


def _about_mandates(mandate: str | None, by_mandate: str | None) -> dict[str, str]:
    about = {"mandate": mandate, "by_mandate": by_mandate}
    return {name: id for name, id in about.items() if id}


def order_id(kind: str, user_id: UUID) -> str:
    """PhonePe's idempotency key: RF_<kind>_<user>_<second>_<chance>."""
    return f"RF_{KIND_LETTERS[kind]}_{user_id.hex[:8]}_{int(time.time())}_{secrets.token_hex(3)}"


async def begin(till: Till, payment_id: UUID, *, cycle: str | None = None) -> None:
    """Ask the gateway for the page of a payment that was just written down.

    Raises GatewayUnavailable or GatewayRefused; the payment has failed then, and nothing was charged.
    """
    async with till.database.service("checkout") as tx:
        row = await payments.lock(tx, payment_id)
    mandate = row["metadata"].get("mandate")
    try:
        page = await till.phonepe.pay(
            row["phonepe_merchant_transaction_id"],
            row["total_paise"],
            redirect_url=_return_url(till, payment_id),
            expire_seconds=payments.LIFE_SECONDS,
            mandate=_terms(mandate, cycle) if mandate else None,
        )
    except (GatewayUnavailable, GatewayRefused) as error:
        values = {"id": payment_id, "code": error.code, "ask": isinstance(error, OutcomeUnknown)}
        async with till.database.service("checkout") as tx:
            await tx.run(payments.NOT_BEGUN, {**values, "first": payments.FIRST_CHECK_SECONDS})
        raise
    ends = time.time() + payments.LIFE_SECONDS if page.expireAt is None else page.expireAt / 1000
    values = {"id": payment_id, "url": page.redirectUrl, "first": payments.FIRST_CHECK_SECONDS}
    async with till.database.service("checkout") as tx:
        await tx.run(payments.BEGUN, {**values, "expires_at": datetime.fromtimestamp(ends, UTC)})
    log.info("payment_begun", payment_id=str(payment_id), kind=row["kind"])


async def ready(till: Till, user: AuthenticatedUser, payment_id: UUID) -> Payment:
    """The payment with its page, waiting for whoever is making it. Raises Conflict `payment_starting`."""
    until = asyncio.get_running_loop().time() + WAIT_SECONDS
    while True:
        payment = await payments.get(till.database.reader(user), payment_id)
        if payment.payment_url:
            return payment
        if payment.status == "failed":
            raise GatewayUnavailable
        if asyncio.get_running_loop().time() >= until:
            raise Conflict(
                "This payment is being started; try again in a moment.",
                code="payment_starting",
                headers={"Retry-After": "2"},
            )
        await asyncio.sleep(LOOK_SECONDS)


def _terms(mandate: str, cycle: str | None) -> MandateTerms:
    expires = int((time.time() + MANDATE_YEARS * 365 * 86400) * 1000)
    return MandateTerms(mandate, MANDATE_MAX_PAISE, FREQUENCY[cycle or "monthly"], expires)


def _return_url(till: Till, payment_id: UUID) -> str:
    url = till.settings.phonepe_redirect_url
    return f"{url}{'&' if '?' in url else '?'}{urlencode({'payment_id': str(payment_id)})}"
