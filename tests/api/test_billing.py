"""Plans and subscriptions over HTTP: a class an endpoint."""

from httpx import AsyncClient


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
