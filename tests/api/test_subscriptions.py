"""What becomes of a subscription: more, less, the end, time going by, and money going back."""

import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pypdf import PdfReader

from backend.payments import tending
from tests.people import Person
from tests.problems import assert_readable, problem
from tests.shop import DETAILS, Shop


async def tend(shop: Shop) -> None:
    await tending.tend(shop.till)


class TestUpgrade:
    async def test_pays_the_difference_to_the_paisa(self, shop: Shop) -> None:
        await shop.buys("starter")
        shop.moves_the_clock(15)
        before = datetime.now(UTC)
        begun = await shop.begin("growth")
        row = shop.row(begun["payment_id"])
        # half of 799.00, less the instants since the clock was moved
        assert 39940 <= row["credit_paise"] <= 39950
        assert row["amount_paise"] == 299900 - row["credit_paise"]
        assert row["gst_paise"] == 2 * ((row["amount_paise"] * 9 + 50) // 100)
        await shop.pay(begun["payment_url"])
        await shop.calls_back(begun["payment_id"])
        await shop.rounds()
        state = (await shop.subscription())["subscription"]
        assert state["plan"] == "growth"
        ends = datetime.fromisoformat(state["current_period_end"])
        assert timedelta(days=30) <= ends - before <= timedelta(days=30, minutes=1)
        invoice = (await shop.invoices())[0]
        assert invoice["subtotal_paise"] == row["amount_paise"]
        assert invoice["items"][0]["description"].endswith("less the unused part of Starter")
        assert await shop.causes() == ["activated", "upgraded"]

    async def test_an_annual_plan_is_not_exchanged_for_a_monthly_one(self, shop: Shop) -> None:
        await shop.buys("starter", billing_cycle="annual")
        problem(await shop.wish("growth"), 409, "annual_term_running")


class TestDowngrade:
    async def test_waits_for_the_end_and_is_paid_then(self, shop: Shop) -> None:
        await shop.buys("growth")
        answer = (await shop.wish("starter")).json()
        assert (answer["plan"], answer["scheduled_plan"]) == ("growth", "starter")
        assert answer["payment_url"] is None
        assert shop.account() == ("growth", 50.0)
        shop.moves_the_clock(29)
        problem(await shop.person.post("/billing/subscription/renew"), 409, "downgrade_waits")
        shop.moves_the_clock(1.5)
        await tend(shop)
        begun = (await shop.person.post("/billing/subscription/renew")).json()
        await shop.pay(begun["payment_url"])
        await shop.calls_back(begun["payment_id"])
        await shop.rounds()
        assert (await shop.subscription())["subscription"]["plan"] == "starter"
        assert shop.account() == ("starter", 10.0)

    async def test_below_use(self, shop: Shop) -> None:
        await shop.buys("growth")
        for at in range(4):
            made = await shop.person.post("/icps", json={"name": f"Customer {at}"})
            assert made.status_code == 200
        body = problem(await shop.wish("starter"), 409, "plan_below_use")
        assert (body["icps"], body["max_icps"]) == (4, 3)
        assert_readable(body["detail"])
        assert (await shop.subscription())["subscription"]["next_plan"] is None

    async def test_can_be_undone(self, shop: Shop) -> None:
        await shop.buys("growth")
        await shop.wish("starter")
        assert (await shop.person.post("/billing/subscription/resume")).status_code == 200
        assert (await shop.subscription())["subscription"]["next_plan"] is None
        problem(await shop.person.post("/billing/subscription/resume"), 409, "nothing_to_resume")


class TestCancel:
    async def test_ends_with_what_is_paid(self, shop: Shop) -> None:
        await shop.buys("growth")
        for _ in range(2):
            answer = (await shop.person.post("/billing/subscription/cancel")).json()
            assert (answer["plan"], answer["scheduled_plan"]) == ("growth", "free")
        assert shop.account() == ("growth", 50.0)
        shop.moves_the_clock(30.1)
        await tend(shop)
        assert (await shop.subscription())["subscription"] is None
        assert shop.account() == ("free", 1.0)
        assert await shop.causes() == ["activated", "cancel_scheduled", "expired"]

    async def test_asking_for_the_free_plan_is_the_same(self, shop: Shop) -> None:
        await shop.buys("growth")
        assert (await shop.wish("free")).json()["scheduled_plan"] == "free"
        assert (await shop.wish("growth")).json()["scheduled_plan"] is None
        assert await shop.causes() == ["activated", "cancel_scheduled", "resumed"]

    async def test_without_a_plan(self, shop: Shop) -> None:
        problem(await shop.person.post("/billing/subscription/cancel"), 409, "not_subscribed")
        problem(await shop.person.post("/billing/subscription/renew"), 409, "not_subscribed")


class TestTime:
    async def test_reminded_overdue_and_free_after_three_days(self, shop: Shop) -> None:
        await shop.buys("growth")
        await tend(shop)
        assert await shop.causes() == ["activated"]
        problem(await shop.person.post("/billing/subscription/renew"), 409, "not_renewable")
        for days in (23.5, 0, 4, 2):  # 6.5, 6.5, 2.5 and 0.5 days before the end
            shop.moves_the_clock(days)
            await tend(shop)
        assert await shop.causes() == ["activated"] + ["renewal_due"] * 3
        shop.moves_the_clock(1)
        await tend(shop)
        state = (await shop.subscription())["subscription"]
        assert (state["status"], state["plan"]) == ("past_due", "growth")
        assert state["grace_ends_at"] > state["past_due_since"]
        assert shop.account() == ("growth", 50.0)
        shop.moves_the_clock(1)
        await tend(shop)
        await tend(shop)
        shop.moves_the_clock(1.6)
        await tend(shop)
        assert (await shop.subscription())["subscription"] is None
        assert shop.account() == ("free", 1.0)
        causes = await shop.causes()
        assert causes[-4:] == ["renewal_due", "past_due", "past_due", "expired"]

    @pytest.mark.parametrize("days", [25, 31])
    async def test_a_renewal_continues_the_period(self, shop: Shop, days: float) -> None:
        await shop.buys("growth")
        shop.moves_the_clock(days)
        await tend(shop)
        before = (await shop.subscription())["subscription"]["current_period_end"]
        begun = (await shop.person.post("/billing/subscription/renew")).json()
        await shop.pay(begun["payment_url"])
        await shop.calls_back(begun["payment_id"])
        await shop.rounds()
        state = (await shop.subscription())["subscription"]
        assert state["status"] == "active"
        after = datetime.fromisoformat(state["current_period_end"])
        assert after - datetime.fromisoformat(before) == timedelta(days=30)
        assert (await shop.causes())[-1] == "renewed"
        assert len(await shop.invoices()) == 2


class TestTrial:
    async def test_where_it_is_offered_it_is_had_once(self, shop: Shop) -> None:
        trial = "/billing/subscription/trial"
        problem(await shop.person.post(trial), 409, "trial_not_offered")
        shop.sells_with(trial_days=14, trial_plan="starter")
        assert (await shop.person.post(trial)).json()["plan"] == "starter"
        assert (await shop.subscription())["subscription"]["status"] == "trialing"
        assert shop.account() == ("starter", 10.0)
        problem(await shop.person.post(trial), 409, "already_subscribed")
        shop.moves_the_clock(14.1)
        await tend(shop)
        assert shop.account() == ("free", 1.0)
        problem(await shop.person.post(trial), 409, "trial_used")
        assert await shop.causes() == ["trial_started", "trial_ended"]

    async def test_paying_ends_it(self, shop: Shop) -> None:
        shop.sells_with(trial_days=14)
        await shop.person.post("/billing/subscription/trial")
        await shop.buys("growth")
        assert (await shop.subscription())["subscription"]["status"] == "active"


class TestRefund:
    async def ask(self, shop: Shop, payment_id: str) -> dict[str, Any]:
        answer = await shop.person.post(f"/billing/payments/{payment_id}/refund")
        assert answer.status_code == 200, answer.text
        refund: dict[str, Any] = answer.json()["refund"]
        return refund

    async def test_money_and_credit_note(self, shop: Shop) -> None:
        payment_id = await shop.buys("growth")
        first, second = await self.ask(shop, payment_id), await self.ask(shop, payment_id)
        assert first["id"] == second["id"]
        assert first["amount_paise"] == 353882
        assert shop.account() == ("free", 1.0)  # at once
        assert await shop.notes() == []  # with the money
        await shop.settled_refunds()
        payment = (await shop.person.get(f"/billing/payments/{payment_id}")).json()["payment"]
        assert (payment["status"], payment["refund_status"]) == ("refunded", "completed")
        (invoice,), (note,) = await shop.invoices(), await shop.notes()
        assert note["credit_note_number"].startswith("U/26-27/")
        assert note["invoice_number"] == invoice["invoice_number"]
        for head in ("subtotal", "cgst", "sgst", "igst", "total_amount"):
            assert note[f"{head}_paise"] == invoice[f"{head}_paise"]
        pdf = await shop.person.get(f"/billing/credit-notes/{note['id']}/pdf")
        text = PdfReader(io.BytesIO(pdf.content)).pages[0].extract_text()
        assert note["credit_note_number"] in text
        assert invoice["invoice_number"] in text
        assert await shop.causes() == ["activated", "refunded"]
        await shop.buys("starter")

    async def test_an_upgrade_goes_back_to_the_plan_before(self, shop: Shop) -> None:
        await shop.buys("starter")
        before = (await shop.subscription())["subscription"]
        await self.ask(shop, await shop.buys("growth"))
        assert (await shop.subscription())["subscription"] == before

    async def test_a_bank_that_declines_is_asked_again(self, shop: Shop) -> None:
        payment_id = await shop.buys("growth")
        shop.gateway.refunds_fail = True
        await self.ask(shop, payment_id)
        await shop.settled_refunds()
        rows = shop.sql("select status from refunds where payment_id = %s", payment_id)
        assert [row["status"] for row in rows] == ["failed"] * 3
        assert await shop.notes() == []
        shop.gateway.refunds_fail = False

    async def test_refusals(self, shop: Shop, stranger: Person) -> None:
        begun = await shop.begin("growth")
        path = "/billing/payments/{}/refund"
        waiting = await shop.person.post(path.format(begun["payment_id"]))
        problem(waiting, 409, "payment_not_refundable")
        first = await shop.buys("starter")
        problem(await stranger.post(path.format(first)), 404, "payment_not_found")
        await shop.buys("growth")
        problem(await shop.person.post(path.format(first)), 409, "refund_superseded")

    async def test_too_late_and_too_much_used(self, shop: Shop) -> None:
        payment_id = await shop.buys("growth")
        path = f"/billing/payments/{payment_id}/refund"
        shop.sql(
            "insert into usage_records (user_id, workspace_id, date, cost_usd) values"
            " (%s, %s, current_date + 1, 10.01)",
            shop.person.id,
            shop.person.workspace_id,
        )
        problem(await shop.person.post(path), 409, "refund_used")
        shop.sql(
            "update payments set completed_at = completed_at - interval '8 days' where id = %s",
            payment_id,
        )
        problem(await shop.person.post(path), 409, "refund_too_late")


class TestAutopay:
    async def test_pays_by_itself(self, shop: Shop) -> None:
        await shop.buys("growth", autopay=True)
        assert (await shop.subscription())["subscription"]["autopay"] is True
        shop.moves_the_clock(28.5)
        await tend(shop)
        await tend(shop)
        (row,) = shop.sql(
            "select * from payments where user_id = %s and kind = 'renewal'", shop.person.id
        )
        assert row["metadata"]["notified_at"]
        assert row["status"] == "processing"
        shop.moves_the_clock(1.55)
        await tend(shop)
        assert (await shop.subscription())["subscription"]["status"] == "active"
        shop.sql("update payments set next_check_at = now() where id = %s", row["id"])
        await shop.rounds()
        assert (await shop.causes())[-1] == "renewed"
        assert len(await shop.invoices()) == 2
        assert shop.row(row["id"])["payment_method"] == "UPI_AUTO_PAY"

    async def test_ends_with_the_cancellation(self, shop: Shop) -> None:
        payment_id = await shop.buys("growth", autopay=True)
        mandate = shop.row(payment_id)["metadata"]["mandate"]
        await shop.person.post("/billing/subscription/cancel")
        await tend(shop)
        assert shop.gateway.book.mandates[mandate].state == "CANCELLED"
        assert (await shop.subscription())["subscription"]["autopay"] is False

    async def test_revoked_by_the_payer(self, shop: Shop) -> None:
        payment_id = await shop.buys("growth", autopay=True)
        mandate = shop.gateway.book.mandates[shop.row(payment_id)["metadata"]["mandate"]]
        mandate.state = "REVOKED"
        body = shop.gateway.callbacks.body("subscription.revoked", mandate.status())
        await shop.hears(body)
        await shop.rounds()
        assert (await shop.subscription())["subscription"]["autopay"] is False
        assert (await shop.causes())[-3:] == ["activated", "mandate_active", "mandate_ended"]

    async def test_refusals(self, shop: Shop) -> None:
        annual = await shop.wish("growth", billing_cycle="annual", autopay=True)
        problem(annual, 422, "autopay_amount_too_high")
        shop.sells_with(phonepe_autopay="off")
        problem(await shop.wish("growth", autopay=True), 409, "autopay_off")


class TestTopUp:
    async def top_up(self, shop: Shop, usd: int = 10) -> str:
        body = {"amount_usd": usd, "billing_details": DETAILS}
        begun = (await shop.person.post("/billing/topup", json=body)).json()
        await shop.pay(begun["payment_url"])
        await shop.calls_back(begun["payment_id"])
        await shop.rounds()
        return str(begun["payment_id"])

    async def test_is_there_to_be_spent(self, shop: Shop) -> None:
        await self.top_up(shop)
        budget = (await shop.person.get("/billing/usage")).json()["budget"]
        assert (budget["limit"], budget["plan"], budget["top_ups"]) == (11.0, 1.0, 10.0)
        (invoice,) = await shop.invoices()
        assert (invoice["subtotal_paise"], invoice["total_amount_paise"]) == (100000, 118000)
        assert invoice["items"][0]["description"] == "Model budget, USD 10"
        assert await shop.causes() == []

    async def test_goes_back_unspent_only(self, shop: Shop) -> None:
        spent, unspent = await self.top_up(shop, 10), await self.top_up(shop, 5)
        shop.sql(
            "insert into budget_months (user_id, month, spent_micro_usd, plan_micro_usd)"
            " values (%s, budget_month(%s), 9000000, 1000000)",
            shop.person.id,
            shop.person.id,
        )
        answer = await shop.person.post(f"/billing/payments/{spent}/refund")
        problem(answer, 409, "refund_used")
        answer = await shop.person.post(f"/billing/payments/{unspent}/refund")
        assert answer.status_code == 200
        await shop.settled_refunds()
        assert (await shop.person.get("/billing/usage")).json()["budget"]["limit"] == 11.0
        assert len(await shop.notes()) == 1

    @pytest.mark.parametrize("usd", [4, 501, 5.5, "many"])
    async def test_amounts(self, shop: Shop, usd: object) -> None:
        body = {"amount_usd": usd, "billing_details": DETAILS}
        answer = await shop.person.post("/billing/topup", json=body)
        problem(answer, 422, "validation_failed")
