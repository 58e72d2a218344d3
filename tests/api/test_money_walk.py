"""Whatever customers do in whatever order, the books say what the gateway says."""

import random
from collections.abc import Awaitable, Callable

import pytest

from backend.domain.billing import PLANS
from backend.payments import tending
from tests.shop import DETAILS, Shop

STEPS = 20


class Walk:
    """A customer at random; after each step everything that is under way comes to its end."""

    def __init__(self, shop: Shop, seed: int) -> None:
        self.shop, self.chance = shop, random.Random(seed)
        self.waiting: list[dict[str, str]] = []
        self.paid: list[str] = []

    @property
    def actions(self) -> list[Callable[[], Awaitable[None]]]:
        return [
            self.subscribes,
            self.subscribes,
            self.pays,
            self.pays,
            self.pays,
            self.tops_up,
            self.takes_back,
            self.cancels,
            self.renews,
            self.time_goes_by,
            self.hears_old_news,
        ]

    async def step(self) -> None:
        await self.chance.choice(self.actions)()
        await self.shop.rounds()
        await self.shop.settled_refunds()
        await self.check()

    async def subscribes(self) -> None:
        plan = self.chance.choice(["starter", "growth", "enterprise"])
        cycle = self.chance.choice(["monthly", "monthly", "annual"])
        answer = await self.shop.wish(plan, billing_cycle=cycle)
        assert answer.status_code in (200, 409), answer.text
        self._remember(answer.json())

    async def tops_up(self) -> None:
        body = {"amount_usd": self.chance.randint(5, 50), "billing_details": DETAILS}
        self._remember((await self.shop.person.post("/billing/topup", json=body)).json())

    async def renews(self) -> None:
        answer = await self.shop.person.post("/billing/subscription/renew")
        assert answer.status_code in (200, 409), answer.text
        self._remember(answer.json())

    def _remember(self, answer: dict[str, str]) -> None:
        if answer.get("payment_url") and answer not in self.waiting:
            self.waiting.append(answer)

    async def pays(self) -> None:
        if not self.waiting:
            return
        begun = self.waiting.pop(self.chance.randrange(len(self.waiting)))
        outcome = self.chance.choice(["pay", "pay", "pay", "fail"])
        behaviour = self.chance.choice(["never", "once", "wrong_amount"])
        await self.shop.pay(begun["payment_url"], outcome=outcome, behaviour=behaviour)
        self.paid.append(begun["payment_id"])
        if behaviour == "never":
            self.shop.sql(
                "update payments set next_check_at = now() where id = %s", begun["payment_id"]
            )
        else:
            await self.shop.calls_back(begun["payment_id"])

    async def hears_old_news(self) -> None:
        if self.paid:
            state = self.chance.choice(["COMPLETED", "FAILED"])
            await self.shop.calls_back(self.chance.choice(self.paid), state=state)

    async def takes_back(self) -> None:
        if self.paid:
            path = f"/billing/payments/{self.chance.choice(self.paid)}/refund"
            answer = await self.shop.person.post(path)
            assert answer.status_code in (200, 409), answer.text

    async def cancels(self) -> None:
        answer = await self.shop.person.post("/billing/subscription/cancel")
        assert answer.status_code in (200, 409), answer.text

    async def time_goes_by(self) -> None:
        self.shop.moves_the_clock(self.chance.choice([1, 3, 10, 29]))
        await tending.tend(self.shop.till)

    async def check(self) -> None:
        plan = (await self.shop.subscription())["plan"]
        assert self.shop.account() == (plan, float(PLANS[plan].budget_usd))
        rows = self.shop.sql(
            "select phonepe_merchant_transaction_id as id, kind, status from payments"
            " where user_id = %s",
            self.shop.person.id,
        )
        book = self.shop.gateway.book
        orders = [book.orders[row["id"]] for row in rows]
        came = sum(o.status()["amount"] for o in orders if o.state == "COMPLETED")
        went = sum(
            refund.amount
            for refund in book.refunds.values()
            if refund.merchant_order_id in {row["id"] for row in rows}
        )
        (books,) = self.shop.sql(
            "select (select coalesce(sum(total_amount_paise), 0) from invoices where user_id = %(u)s)"
            " - (select coalesce(sum(total_amount_paise), 0) from credit_notes where user_id = %(u)s)"
            " as paise, (select coalesce(sum(amount_micro_usd), 0) from budget_topups"
            " where user_id = %(u)s) as top_ups".replace("%(u)s", "%s"),
            *[self.shop.person.id] * 3,
        )
        assert books["paise"] == came - went
        kept = sum(row["kind"] == "topup" and row["status"] == "completed" for row in rows)
        counted = self.shop.sql(
            "select 1 as one from budget_topups where user_id = %s", self.shop.person.id
        )
        assert len(counted) == kept


@pytest.mark.parametrize("seed", range(6))
async def test_a_walk(shop: Shop, seed: int) -> None:
    walk = Walk(shop, seed)
    for _ in range(STEPS):
        await walk.step()
    assert walk.paid
