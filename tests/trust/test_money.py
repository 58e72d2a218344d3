"""Money: what is paid is invoiced once, without a gap, whatever is rolled back (TRUST M3, M4, M6).

M1 stands in tests/services/test_jobs.py, M2 in tests/api/test_idempotency.py, M5 in tests/services/
test_usage_tracker.py and tests/api/test_money_walk.py; M3 by the thousand is `python -m benchmarks.money`.
"""

import asyncio
from collections import Counter
from typing import Any
from uuid import UUID

import pytest
from fastapi import FastAPI

from backend.payments.till import Till
from tests.people import Person
from tests.sales import unused_series
from tests.shop import SELLER
from tests.trust.conftest import Figure
from tests.trust.payers import pay, payers

AT_ONCE = 16


@pytest.fixture
def till(app: FastAPI) -> Till:
    till: Till = app.state.till
    sells = till.settings.model_copy(update={**SELLER, "invoice_series": unused_series()})
    return Till(till.database, sells, till.gateway)


async def test_m6_paid_at_once_with_a_fifth_undone(
    owner: Person, till: Till, full: bool, figure: Figure
) -> None:
    everybody = payers(owner.superuser_dsn, 200 if full else 40)
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
