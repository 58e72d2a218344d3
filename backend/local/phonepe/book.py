"""What the simulated gateway knows: orders, refunds and mandates, kept in one file."""

import json
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4


def now_ms() -> int:
    return int(time.time() * 1000)


def new_id(prefix: str) -> str:
    return f"{prefix}{uuid4().hex[:20].upper()}"


@dataclass
class Order:
    """`amount` is what was asked, `paid` what came; both paise. `mandate` is set up by paying it."""

    merchant_order_id: str
    amount: int
    expire_at: int
    redirect_url: str = ""
    id: str = field(default_factory=lambda: new_id("OMO"))
    state: str = "PENDING"
    error: str | None = None
    paid: int | None = None
    mandate: str | None = None
    attempts: list[dict[str, Any]] = field(default_factory=list)

    def status(self) -> dict[str, Any]:
        body: dict[str, Any] = {
            "orderId": self.id,
            "merchantOrderId": self.merchant_order_id,
            "state": self.state,
            "amount": self.paid if self.paid is not None else self.amount,
            "expireAt": self.expire_at,
            "metaInfo": {},
            "paymentDetails": self.attempts[-1:],
        }
        if self.error:
            body |= {"errorCode": self.error, "detailedErrorCode": f"{self.error}_SIMULATED"}
        return body

    def attempt(self, mode: str, state: str, error: str | None = None) -> None:
        """One try to pay, by UPI or by card."""
        upi = mode != "CARD"
        instrument = (
            {"type": "ACCOUNT", "maskedAccountNumber": "********4321", "accountType": "SAVINGS"}
            if upi
            else {"type": "CREDIT_CARD", "bankId": "SIMB", "brn": "R0001"}
        )
        rail = {"type": "UPI", "utr": new_id("")[:12], "vpa": "payer@simbank"} if upi else {}
        self.attempts.append(
            {
                "transactionId": new_id("OM"),
                "paymentMode": mode,
                "timestamp": now_ms(),
                "amount": self.paid if self.paid is not None else self.amount,
                "state": state,
                "instrument": instrument,
                "rail": rail or {"type": "PG", "transactionId": new_id("PG")},
                **({"errorCode": error} if error else {}),
            }
        )


@dataclass
class Refund:
    merchant_refund_id: str
    merchant_order_id: str
    amount: int
    id: str = field(default_factory=lambda: new_id("OMR"))
    state: str = "PENDING"
    error: str | None = None

    def status(self) -> dict[str, Any]:
        body: dict[str, Any] = {
            "merchantRefundId": self.merchant_refund_id,
            "originalMerchantOrderId": self.merchant_order_id,
            "refundId": self.id,
            "amount": self.amount,
            "state": self.state,
            "timestamp": now_ms(),
        }
        return body | ({"errorCode": self.error} if self.error else {})


@dataclass
class Mandate:
    merchant_subscription_id: str
    max_amount: int
    frequency: str
    expire_at: int
    id: str = field(default_factory=lambda: new_id("OMS"))
    state: str = "ACTIVATION_IN_PROGRESS"

    def status(self) -> dict[str, Any]:
        return {
            "merchantSubscriptionId": self.merchant_subscription_id,
            "subscriptionId": self.id,
            "state": self.state,
            "authWorkflowType": "TRANSACTION",
            "amountType": "VARIABLE",
            "maxAmount": self.max_amount,
            "frequency": self.frequency,
            "expireAt": self.expire_at,
        }


class Book:
    """All of it, by the merchant's ids. `file` is None when nothing needs to outlive the process."""

    def __init__(self, file: Path | None = None) -> None:
        self._file = file
        self.orders: dict[str, Order] = {}
        self.refunds: dict[str, Refund] = {}
        self.mandates: dict[str, Mandate] = {}
        if file and file.exists():
            kept = json.loads(file.read_text())
            self.orders = {one["merchant_order_id"]: Order(**one) for one in kept["orders"]}
            self.refunds = {one["merchant_refund_id"]: Refund(**one) for one in kept["refunds"]}
            self.mandates = {
                one["merchant_subscription_id"]: Mandate(**one) for one in kept["mandates"]
            }

    def keep(self) -> None:
        """Write the file, whole or not at all."""
        if self._file is None:
            return
        text = json.dumps(
            {
                "orders": [asdict(one) for one in self.orders.values()],
                "refunds": [asdict(one) for one in self.refunds.values()],
                "mandates": [asdict(one) for one in self.mandates.values()],
            }
        )
        aside = self._file.with_suffix(".new")
        aside.write_text(text)
        aside.replace(self._file)

    def order_at_page(self, id: str) -> Order | None:
        """The order whose page this is."""
        return next((one for one in self.orders.values() if one.id == id), None)

    def refunded(self, merchant_order_id: str) -> int:
        """Paise that went back or are on the way."""
        return sum(
            one.amount
            for one in self.refunds.values()
            if one.merchant_order_id == merchant_order_id and one.state != "FAILED"
        )
