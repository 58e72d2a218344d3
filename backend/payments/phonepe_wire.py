"""What PhonePe says, as far as it is read. Unknown fields and values are no error: it adds some at any time.

Amounts are paise; `expireAt` and `timestamp` are milliseconds, times of a token are seconds.
"""

from typing import Any

from pydantic import BaseModel, ConfigDict

WIRE = ConfigDict(extra="allow", populate_by_name=True)
SHOWN = 4
"""How many characters of an account or address stay readable."""


class Token(BaseModel):
    model_config = WIRE

    access_token: str
    issued_at: float
    expires_at: float
    token_type: str = "O-Bearer"  # noqa: S105


class Checkout(BaseModel):
    """An order that waits for its payer, at `redirectUrl`."""

    model_config = WIRE

    orderId: str
    state: str
    expireAt: int | None = None
    redirectUrl: str


class Attempt(BaseModel):
    """One try to pay an order; `rail` and `instrument` name the payer's account."""

    model_config = WIRE

    transactionId: str | None = None
    paymentMode: str | None = None
    state: str | None = None
    amount: int | None = None
    errorCode: str | None = None
    rail: dict[str, Any] | None = None
    instrument: dict[str, Any] | None = None


class Order(BaseModel):
    """`state` of the root decides; an attempt may have failed while the order still waits."""

    model_config = WIRE

    orderId: str | None = None
    merchantOrderId: str | None = None
    merchantId: str | None = None
    state: str
    amount: int
    errorCode: str | None = None
    detailedErrorCode: str | None = None
    paymentDetails: list[Attempt] = []

    @property
    def paid_by(self) -> Attempt | None:
        """The attempt that paid, else the latest."""
        paid = [one for one in self.paymentDetails if one.state == "COMPLETED"]
        attempts = paid or self.paymentDetails
        return attempts[-1] if attempts else None


class Refund(BaseModel):
    model_config = WIRE

    refundId: str | None = None
    merchantRefundId: str | None = None
    originalMerchantOrderId: str | None = None
    amount: int
    state: str
    errorCode: str | None = None


class Mandate(BaseModel):
    """A payer's consent to later debits. ACTIVE is the only state to debit in."""

    model_config = WIRE

    merchantSubscriptionId: str | None = None
    subscriptionId: str | None = None
    state: str
    maxAmount: int | None = None


class Redemption(BaseModel):
    model_config = WIRE

    state: str
    orderId: str | None = None
    transactionId: str | None = None


def masked(attempt: Attempt | None) -> dict[str, Any] | None:
    """Which instrument paid, to be recognised by its owner and of no use to anybody else."""
    if attempt is None:
        return None
    parts = {**(attempt.rail or {}), **(attempt.instrument or {})}
    secret = {
        name: _masked(str(parts[name]))
        for name in ("vpa", "maskedAccountNumber", "accountNumber", "maskedCardNumber")
        if parts.get(name)
    }
    plain = {name: parts[name] for name in ("utr", "brn", "bankId") if parts.get(name)}
    kind = (attempt.instrument or {}).get("type")
    return {"mode": attempt.paymentMode, "type": kind, **plain, **secret}


def _masked(value: str) -> str:
    name, at, bank = value.partition("@")
    if at:
        return f"{name[:1]}***@{bank}"
    return f"***{value[-SHOWN:]}"
