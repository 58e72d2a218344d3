"""Customers who have paid, and the booking of what they paid."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

import psycopg
from psycopg.types.json import Jsonb

from backend.core.gst import STATES
from backend.payments.phonepe_wire import Attempt, Order
from backend.payments.settlement import book
from backend.payments.till import Till

AT = datetime(2026, 11, 26, 9, tzinfo=UTC)


class Undone(Exception):
    """Something went wrong after the booking."""


def payers(superuser_dsn: str, count: int) -> list[tuple[UUID, str, int]]:
    """(payment, order, paise) of so many customers, over every state, each about to pay for Starter."""
    made, codes = [], list(STATES)
    with psycopg.connect(superuser_dsn) as sql:
        for at in range(count):
            user, payment, order = uuid4(), uuid4(), f"RF_{uuid4().hex}"
            sql.execute(
                "insert into auth.users (id, email) values (%s, %s)", (user, f"{user}@a.example")
            )
            buyer = {
                "name": "B",
                "address": "1 Road",
                "pin": "560002",
                "state_code": codes[at % 37],
            }
            sql.execute(
                "insert into public.payments (id, user_id, amount_inr, gst_amount, total_amount, status,"
                " kind, plan, billing_cycle, phonepe_merchant_transaction_id, buyer)"
                " values (%s, %s, 799, 143.82, 942.82, 'processing', 'subscription', 'starter',"
                " 'monthly', %s, %s)",
                (payment, user, order, Jsonb(buyer)),
            )
            made.append((payment, order, 94282))
    return made


async def pay(till: Till, payer: tuple[UUID, str, int], *, undone: bool = False) -> bool:
    payment, id, paise = payer
    paid = Attempt(state="COMPLETED", paymentMode="UPI_INTENT", transactionId=f"OM{payment.hex}")
    order = Order(state="COMPLETED", merchantOrderId=id, amount=paise, paymentDetails=[paid])
    try:
        async with till.database.service("settle_payment") as tx:
            await book(tx, till, payment, order, AT)
            if undone:
                raise Undone
    except Undone:
        return False
    return True
