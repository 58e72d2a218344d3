"""A customer with a subscription to buy: the API, the gateway's page, its webhooks, and a worker's rounds."""

import asyncio
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import httpx
from fastapi import FastAPI
from httpx import Response
from psycopg.rows import dict_row

from backend.local.phonepe import Simulator
from backend.local.phonepe.book import Order
from backend.payments import rounds
from backend.payments.till import Till
from backend.payments.webhook_auth import Digest
from tests.payments.gateway import MERCHANT
from tests.people import Person

GENUINE = Digest(MERCHANT.webhook_username, MERCHANT.webhook_password).header
SELLER = {
    "company_name": "Sample Seller Private Limited",
    "company_address": "1 Sample Road, Bengaluru 560001",
    "company_gstin": "29AABCU9603R1ZJ",
    "invoice_series": "T",
    "credit_note_series": "U",
}
DETAILS = {
    "name": "Sample Buyer",
    "address": "2 Sample Street, Bengaluru",
    "pin": "560002",
    "state": "Karnataka",
}


@dataclass
class Shop:
    """`till` is the API's own, so a test may change its terms."""

    app: FastAPI
    gateway: Simulator
    person: Person

    @property
    def till(self) -> Till:
        till: Till = self.app.state.till
        return till

    def sells_with(self, **settings: Any) -> None:
        changed = self.till.settings.model_copy(update=settings)
        self.app.state.till = replace(self.till, settings=changed)

    async def wish(self, plan: str = "growth", **changes: Any) -> Response:
        body = {"plan_id": plan, "billing_details": DETAILS, **changes}
        return await self.person.post("/billing/subscription", json=body)

    async def begin(self, plan: str = "growth", **changes: Any) -> dict[str, Any]:
        """A payment that waits on its page."""
        answer = await self.wish(plan, **changes)
        assert answer.status_code == 200, answer.text
        begun: dict[str, Any] = answer.json()
        assert begun["payment_url"].startswith(f"{self.gateway.url}/pay/")
        return begun

    async def pay(self, url: str, **form: str) -> None:
        """What the customer does on the gateway's page."""
        async with httpx.AsyncClient() as browser:
            answer = await browser.post(url, data={"outcome": "pay", **form})
        assert answer.status_code == 303, answer.text
        assert answer.headers["location"].startswith(
            "http://127.0.0.1:3000/billing/return?payment_id="
        )

    def order(self, payment_id: str) -> Order:
        return self.gateway.book.orders[self.row(payment_id)["phonepe_merchant_transaction_id"]]

    async def calls_back(
        self,
        payment_id: str,
        event: str = "checkout.order.completed",
        *,
        authorization: str = GENUINE,
        **payload: Any,
    ) -> Response:
        """The webhook of a payment, as the gateway sends it."""
        body = self.gateway.callbacks.body(event, {**self.order(payment_id).status(), **payload})
        return await self.hears(body, authorization=authorization)

    async def hears(self, body: bytes, *, authorization: str = GENUINE) -> Response:
        """The API gets a webhook."""
        headers = {"authorization": authorization, "content-type": "application/json"}
        path = "/api/v1/webhooks/phonepe"
        return await self.person.http.post(path, content=body, headers=headers)

    async def buys(self, plan: str = "growth", **changes: Any) -> str:
        """Subscribe, pay, and have it booked; the payment's id."""
        begun = await self.begin(plan, **changes)
        await self.pay(begun["payment_url"])
        assert (await self.calls_back(begun["payment_id"])).status_code == 200
        await self.rounds()
        assert self.row(begun["payment_id"])["status"] == "completed"
        return str(begun["payment_id"])

    async def rounds(self) -> int:
        """What a worker does every second."""
        return await rounds.once(self.till)

    async def settled_refunds(self) -> None:
        """Rounds until no refund is on its way."""
        for _ in range(20):
            self.sql(
                "update public.refunds set next_check_at = now() where next_check_at is not null"
            )
            await self.rounds()
            if not self.sql(
                "select 1 from public.refunds where status in ('requested', 'pending')"
                " and user_id = %s",
                self.person.id,
            ):
                return
            await asyncio.sleep(0.05)
        raise AssertionError("a refund does not come to its end")

    async def subscription(self) -> dict[str, Any]:
        answer = await self.person.get("/billing/subscription")
        assert answer.status_code == 200, answer.text
        state: dict[str, Any] = answer.json()
        return state

    async def invoices(self) -> list[dict[str, Any]]:
        page: list[dict[str, Any]] = (await self.person.get("/billing/invoices")).json()["invoices"]
        return page

    async def notes(self) -> list[dict[str, Any]]:
        answer = await self.person.get("/billing/credit-notes")
        page: list[dict[str, Any]] = answer.json()["credit_notes"]
        return page

    async def causes(self) -> list[str]:
        """The history's causes, oldest first."""
        answer = await self.person.get("/billing/subscription/history")
        return [change["cause"] for change in reversed(answer.json()["history"])]

    def row(self, payment_id: str | UUID) -> dict[str, Any]:
        (row,) = self.sql("select * from public.payments where id = %s", payment_id)
        return row

    def account(self) -> tuple[str, float]:
        """Tier and monthly budget in USD."""
        (row,) = self.sql("select * from public.users where id = %s", self.person.id)
        return row["subscription_tier"], float(row["budget_limit_monthly"])

    def sql(self, statement: str, *values: object) -> list[dict[str, Any]]:
        with self.person.sql() as connection:
            cursor = connection.cursor(row_factory=dict_row)
            cursor.execute(statement.encode(), values)
            return cursor.fetchall() if cursor.description else []

    def moves_the_clock(self, days: float) -> None:
        """The period, the grace and the trial as if so many days had passed."""
        self.sql(
            "update public.subscriptions set"
            " current_period_start = current_period_start - make_interval(secs => %s),"
            " current_period_end = current_period_end - make_interval(secs => %s),"
            " past_due_since = past_due_since - make_interval(secs => %s),"
            " trial_end = trial_end - make_interval(secs => %s) where user_id = %s",
            *[days * 86400] * 4,
            self.person.id,
        )
