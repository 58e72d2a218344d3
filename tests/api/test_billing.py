"""Plans and subscriptions over HTTP: a class an endpoint."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from httpx import AsyncClient

from tests.people import Person
from tests.problems import assert_readable, problem
from tests.shop import DETAILS, Shop


class TestPlans:
    async def test_everybody_sees_what_can_be_bought(self, http: AsyncClient) -> None:
        answer = await http.get("/api/v1/billing/plans")
        assert answer.status_code == 200
        body = answer.json()
        assert (body["currency"], body["gst_rate_percent"]) == ("INR", 18)
        offers = [
            (p["id"], p["price_inr"], p["price_annual_inr"], p["budget_usd"]) for p in body["plans"]
        ]
        assert offers == [
            ("free", 0, 0, 1),
            ("starter", 799, 7990, 10),
            ("growth", 2999, 29990, 50),
            ("enterprise", 9999, 99990, 200),
        ]
        free, starter = body["plans"][:2]
        assert (free["max_icps"], free["max_moves_a_month"]) == (1, 10)
        assert (starter["max_icps"], starter["max_moves_a_month"]) == (3, None)
        assert starter["requests_a_minute"] == 2 * free["requests_a_minute"]
        assert all(plan["features"] for plan in body["plans"])
        assert (body["payments"], body["autopay"], body["trial_days"]) == (True, True, 0)
        assert (body["refund_days"], body["topup_inr_per_usd"]) == (7, 100)


class TestSubscribe:
    async def test_anonymous(self, http: AsyncClient) -> None:
        answer = await http.post("/api/v1/billing/subscription", json={"plan_id": "growth"})
        problem(answer, 401, "token_missing")

    async def test_pay_and_have_the_plan_with_its_invoice(self, shop: Shop) -> None:
        begun = await shop.begin("growth")
        assert (await shop.subscription())["pending_payment"]["payment_url"] == begun["payment_url"]
        assert shop.account() == ("free", 1.0)
        await shop.pay(begun["payment_url"])
        assert (await shop.calls_back(begun["payment_id"])).json() == {"status": "ok"}
        assert (await shop.subscription())["plan"] == "free"  # a hint alone grants nothing
        await shop.rounds()
        state = await shop.subscription()
        assert (state["plan"], state["pending_payment"]) == ("growth", None)
        assert state["subscription"]["status"] == "active"
        assert state["subscription"]["price_inr"] == 2999
        assert state["billing_details"]["state"] == "Karnataka"
        start, end = (
            datetime.fromisoformat(state["subscription"][name])
            for name in ("current_period_start", "current_period_end")
        )
        assert end - start == timedelta(days=30)
        assert shop.account() == ("growth", 50.0)
        assert await shop.causes() == ["activated"]
        (invoice,) = await shop.invoices()
        assert invoice["invoice_number"].startswith("T/26-27/")
        assert (invoice["subtotal_paise"], invoice["total_amount_paise"]) == (299900, 353882)
        assert (invoice["cgst_paise"], invoice["sgst_paise"]) == (26991, 26991)
        assert invoice["items"][0]["description"] == "Growth plan, one month"
        assert invoice["payment_method"] == "UPI"
        payment = (await shop.person.get(f"/billing/payments/{begun['payment_id']}")).json()[
            "payment"
        ]
        assert (payment["status"], payment["total_paise"]) == ("completed", 353882)
        assert payment["invoice_id"] == invoice["id"]
        assert payment["payment_method"] == "UPI_INTENT"
        row = shop.row(begun["payment_id"])
        assert "payer@" not in str(row["payment_instrument"])

    async def test_a_year_costs_ten_months(self, shop: Shop) -> None:
        begun = await shop.begin("growth", billing_cycle="annual")
        assert shop.row(begun["payment_id"])["total_paise"] == 3538820

    async def test_another_state_bears_igst(self, shop: Shop) -> None:
        details = {**DETAILS, "state": "maharashtra", "pin": "400 001", "gstin": "27AAPFU0939F1ZV"}
        await shop.buys("starter", billing_details=details)
        (invoice,) = await shop.invoices()
        assert (invoice["igst_paise"], invoice["cgst_paise"]) == (14382, 0)
        assert invoice["buyer"]["gstin"] == "27AAPFU0939F1ZV"
        assert invoice["buyer"]["pin"] == "400001"

    async def test_details_are_remembered(self, shop: Shop) -> None:
        await shop.buys("starter")
        begun = await shop.begin("growth", billing_details=None)
        assert shop.row(begun["payment_id"])["buyer"]["name"] == DETAILS["name"]

    async def test_a_second_press_finds_the_first_page(self, shop: Shop) -> None:
        answers = await asyncio.gather(*(shop.wish("growth") for _ in range(8)))
        assert {answer.status_code for answer in answers} == {200}
        assert len({answer.json()["payment_url"] for answer in answers}) == 1
        assert len(shop.sql("select id from payments where user_id = %s", shop.person.id)) == 1

    async def test_whoever_pays_two_pages_gets_one_plan_and_the_rest_back(self, shop: Shop) -> None:
        first, second = await shop.begin("starter"), await shop.begin("growth")
        for begun in (second, first):
            await shop.pay(begun["payment_url"])
            await shop.calls_back(begun["payment_id"])
            await shop.rounds()
        assert (await shop.subscription())["plan"] == "growth"
        await shop.settled_refunds()
        assert shop.row(first["payment_id"])["status"] == "refunded"
        (note,) = await shop.notes()
        assert note["total_amount_paise"] == 94282
        assert len(await shop.invoices()) == 2

    async def test_seller_missing_holds_the_invoice_and_not_the_plan(self, shop: Shop) -> None:
        shop.sells_with(company_gstin=None)
        await shop.buys("growth")
        page = (await shop.person.get("/billing/invoices")).json()
        assert (page["invoices"], page["held"]) == ([], 1)
        assert (await shop.subscription())["plan"] == "growth"


class TestBadInput:
    @pytest.mark.parametrize(
        ("changes", "code"),
        [
            ({"state": None}, "state_missing"),
            ({"state": "Bavaria"}, "state_unknown"),
            ({"state": "28"}, "state_unknown"),
            ({"pin": "012345"}, "pin_invalid"),
            ({"gstin": "29AABCU9603R1ZK"}, "gstin_invalid"),
            ({"gstin": "nonsense"}, "gstin_invalid"),
            ({"gstin": "27AAPFU0939F1ZV"}, "gstin_state_mismatch"),
            ({"country": "DE"}, "export_not_available"),
        ],
    )
    async def test_billing_details(self, shop: Shop, changes: dict[str, Any], code: str) -> None:
        details = {**DETAILS, **changes}
        body = problem(await shop.wish(billing_details=details), 422, code)
        field = next(iter(changes))
        assert body["errors"][0]["pointer"] == f"body/billing_details/{field}"
        assert_readable(body["detail"])
        assert shop.sql("select id from payments where user_id = %s", shop.person.id) == []

    async def test_no_details(self, shop: Shop) -> None:
        problem(await shop.wish(billing_details=None), 422, "billing_details_missing")

    async def test_unknown_plan(self, shop: Shop) -> None:
        problem(await shop.wish("platinum"), 422, "plan_unknown")

    async def test_unknown_cycle(self, shop: Shop) -> None:
        problem(await shop.wish(billing_cycle="weekly"), 422, "validation_failed")

    async def test_the_plan_one_has(self, shop: Shop) -> None:
        await shop.buys("growth")
        problem(await shop.wish("growth"), 409, "already_subscribed")

    async def test_free_to_free(self, shop: Shop) -> None:
        problem(await shop.wish("free"), 409, "not_subscribed")

    async def test_an_export_under_a_letter_of_undertaking(self, shop: Shop) -> None:
        shop.sells_with(export_lut_arn="AD290326000001A", export_lut_year="2026-27")
        details = {"name": "Buyer GmbH", "address": "Berlin", "pin": "10115", "country": "DE"}
        await shop.buys("growth", billing_details=details)
        (invoice,) = await shop.invoices()
        assert (invoice["place_of_supply"], invoice["total_gst_paise"]) == ("96", 0)
        assert invoice["lut_arn"] == "AD290326000001A"

    async def test_gateway_down(self, shop: Shop) -> None:
        shop.gateway.down = True
        problem(await shop.wish(), 503, "payment_gateway_unavailable")
        (row,) = shop.sql("select * from payments where user_id = %s", shop.person.id)
        assert (row["status"], row["payment_url"]) == ("failed", None)
        assert (await shop.subscription())["pending_payment"] is None
        shop.gateway.down = False
        await shop.buys()

    async def test_token_refused(self, shop: Shop) -> None:
        shop.gateway.refuses_tokens = True
        shop.gateway.tokens.clear()
        body = problem(await shop.wish(), 502, "payment_gateway_refused")
        assert "secret" not in str(body)
        (row,) = shop.sql("select * from payments where user_id = %s", shop.person.id)
        assert row["status"] == "failed"

    async def test_payments_switched_off(self, shop: Shop) -> None:
        shop.app.state.till = replace(shop.till, gateway=None)
        problem(await shop.wish(), 503, "payments_off")
        assert shop.sql("select id from payments where user_id = %s", shop.person.id) == []


class TestPayments:
    async def test_a_stranger(self, shop: Shop, stranger: Person) -> None:
        begun = await shop.begin()
        path = f"/billing/payments/{begun['payment_id']}"
        problem(await stranger.get(path), 404, "payment_not_found")
        problem(await stranger.post(f"{path}/check"), 404, "payment_not_found")
        assert (await stranger.get("/billing/payments")).json()["payments"] == []

    async def test_whoever_comes_back_first_need_not_wait(self, shop: Shop) -> None:
        begun = await shop.begin("starter")
        await shop.pay(begun["payment_url"])
        path = f"/billing/payments/{begun['payment_id']}/check"
        payment = (await shop.person.post(path)).json()["payment"]
        assert payment["status"] == "completed"
        await shop.calls_back(begun["payment_id"])
        await shop.rounds()
        assert len(await shop.invoices()) == 1
        assert await shop.causes() == ["activated"]

    @pytest.mark.parametrize(
        ("outcome", "code"), [("fail", "PAYMENT_DECLINED"), ("cancel", "USER_CANCELLED")]
    )
    async def test_a_payment_that_fails_changes_nothing(
        self, shop: Shop, outcome: str, code: str
    ) -> None:
        begun = await shop.begin()
        await shop.pay(begun["payment_url"], outcome=outcome)
        await shop.calls_back(begun["payment_id"], "checkout.order.failed")
        await shop.rounds()
        payment = (await shop.person.get(f"/billing/payments/{begun['payment_id']}")).json()[
            "payment"
        ]
        assert (payment["status"], payment["payment_url"]) == ("failed", None)
        assert code in payment["failure_code"]
        assert (await shop.subscription())["plan"] == "free"
        assert await shop.invoices() == []
        await shop.buys()

    async def test_a_webhook_that_never_comes(self, shop: Shop) -> None:
        begun = await shop.begin()
        await shop.pay(begun["payment_url"], behaviour="never")
        row = shop.row(begun["payment_id"])
        assert 20 <= (row["next_check_at"] - row["created_at"]).total_seconds() <= 25
        shop.sql("update payments set next_check_at = now() where id = %s", begun["payment_id"])
        await shop.rounds()
        assert (await shop.subscription())["plan"] == "growth"
        assert len(await shop.invoices()) == 1

    async def test_another_amount_goes_back(self, shop: Shop) -> None:
        begun = await shop.begin()
        await shop.pay(begun["payment_url"], behaviour="wrong_amount")
        await shop.calls_back(begun["payment_id"])
        await shop.rounds()
        row = shop.row(begun["payment_id"])
        assert (row["status"], row["failure_code"]) == ("failed", "amount_mismatch")
        assert (await shop.subscription())["plan"] == "free"
        await shop.settled_refunds()
        assert shop.row(begun["payment_id"])["status"] == "refunded"
        (refund,) = shop.sql("select * from refunds where payment_id = %s", begun["payment_id"])
        assert (refund["amount_paise"], refund["status"]) == (353782, "completed")
        assert await shop.invoices() == []

    async def test_one_whose_process_died_is_closed(self, shop: Shop) -> None:
        begun = await shop.begin()
        del shop.gateway.book.orders[
            shop.row(begun["payment_id"])["phonepe_merchant_transaction_id"]
        ]
        shop.sql(
            "update payments set status = 'pending', payment_url = null, expires_at = null,"
            " created_at = now() - interval '5 minutes', next_check_at = now() where id = %s",
            begun["payment_id"],
        )
        await shop.rounds()
        assert shop.row(begun["payment_id"])["status"] == "pending"
        shop.sql(
            "update payments set created_at = now() - interval '16 minutes', next_check_at = now()"
            " where id = %s",
            begun["payment_id"],
        )
        await shop.rounds()
        row = shop.row(begun["payment_id"])
        assert (row["status"], row["failure_code"]) == ("failed", "gateway_never_said")
        assert row["next_check_at"] is None

    async def test_money_that_comes_late_still_counts(self, shop: Shop) -> None:
        begun = await shop.begin()
        shop.sql("update payments set status = 'failed' where id = %s", begun["payment_id"])
        await shop.pay(begun["payment_url"])
        await shop.calls_back(begun["payment_id"])
        await shop.rounds()
        assert (await shop.subscription())["plan"] == "growth"


class TestQuote:
    async def test_what_it_would_cost(self, shop: Shop) -> None:
        body = {"plan_id": "starter", "billing_details": DETAILS}
        quote = (await shop.person.post("/billing/subscription/quote", json=body)).json()["quote"]
        assert quote["total_paise"] == 94282
        assert quote["cgst_paise"] + quote["sgst_paise"] == quote["gst_paise"] == 14382
        assert shop.sql("select id from payments where user_id = %s", shop.person.id) == []
