"""Money: what is paid is invoiced once, without a gap, whatever is rolled back (TRUST M3, M4, M6).

M1 stands in tests/services/test_jobs.py, M2 in tests/api/test_idempotency.py, M5 in tests/services/
test_usage_tracker.py and tests/api/test_money_walk.py; M3 by the thousand is `python -m benchmarks.money`.
"""

import asyncio
from collections import Counter
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi import FastAPI
from psycopg.types.json import Jsonb

from backend.core.gst import STATES
from backend.payments.phonepe_wire import Attempt, Order
from backend.payments.settlement import book
from backend.payments.till import Till
from tests.people import Person
from tests.sales import unused_series
from tests.shop import SELLER
from tests.trust.conftest import Figure

AT = datetime(2026, 11, 26, 9, tzinfo=UTC)
AT_ONCE = 16


class Undone(Exception):
    """Something went wrong after the booking."""


@pytest.fixture
def till(app: FastAPI) -> Till:
    till: Till = app.state.till
    sells = till.settings.model_copy(update={**SELLER, "invoice_series": unused_series()})
    return Till(till.database, sells, till.gateway)


def payers(owner: Person, count: int) -> list[tuple[UUID, str, int]]:
    """(payment, order, paise) of so many customers, over every state, each about to pay for Starter."""
    made, codes = [], list(STATES)
    with owner.sql() as sql:
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


async def test_m6_paid_at_once_with_a_fifth_undone(
    owner: Person, till: Till, full: bool, figure: Figure
) -> None:
    everybody = payers(owner, 200 if full else 40)
    room = asyncio.Semaphore(AT_ONCE)

    async def one(at: int, payer: tuple[UUID, str, int]) -> bool:
        async with room:
            return await pay(till, payer, undone=at % 5 == 0)

    await asyncio.gather(*(one(at, payer) for at, payer in enumerate(everybody)))
    await asyncio.gather(*(one(1, payer) for payer in everybody for _ in range(2)))
    with owner.sql() as sql:
        invoices = sql.execute(
            "select number, invoice_number, place_of_supply, cgst_paise, sgst_paise + utgst_paise,"
            " igst_paise, total_gst_paise, subtotal_paise, total_amount_paise from public.invoices"
            " where series = %s order by number",
            (till.settings.invoice_series,),
        ).fetchall()
        plans = sql.execute(
            "select s.plan, u.subscription_tier, count(*) from public.subscriptions s"
            " join public.users u on u.id = s.user_id where s.user_id = any("
            " select user_id from public.payments where id = any(%s)) group by 1, 2",
            ([payment for payment, _, _ in everybody],),
        ).fetchall()
    check(invoices, len(everybody))
    assert plans == [("starter", "starter", len(everybody))]
    states = Counter(row[2] for row in invoices)
    figure("M6", invoices=len(invoices), undone=len(everybody) // 5, gaps=0, states=len(states))


def check(invoices: list[tuple[Any, ...]], count: int) -> None:
    """One each, numbered from one without a gap, each adding up to the paisa."""
    assert [row[0] for row in invoices] == list(range(1, count + 1))
    assert all(len(row[1]) <= 16 for row in invoices)
    for _, _, place, cgst, half, igst, gst, subtotal, total in invoices:
        assert cgst + half + igst == gst == 14382
        assert subtotal + gst == total == 94282
        assert (cgst == half == 7191) == (place == "29")
