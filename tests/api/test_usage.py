"""What was spent: by day, by agent, what is left, and the ledger behind it."""

import csv
import io
from uuid import uuid4

import pytest
from httpx import AsyncClient

from tests.people import Person
from tests.problems import problem


def spends(person: Person, micro_usd: int, *, agent: str = "moves") -> None:
    """A run that ended yesterday evening in UTC terms or today: one call, its usage, its month."""
    run = uuid4()
    with person.sql() as sql:
        sql.execute(
            "insert into public.agent_executions (id, workspace_id, user_id, request_type, status,"
            " tokens_input, tokens_output, total_cost) values (%s, %s, %s, %s, 'completed', 100, 50, %s)",
            (run, person.workspace_id, person.id, agent, micro_usd / 1e6),
        )
        sql.execute(
            "insert into public.run_calls (run_id, call_key, workspace_id, kind, name, model,"
            " request_hash, status, cost_micro_usd, tokens_input, tokens_output, completed_at)"
            " values (%s, '1', %s, 'model', 'a_skill', 'a-model', 'h', 'completed', %s, 100, 50, now())",
            (run, person.workspace_id, micro_usd),
        )
        sql.execute(
            "insert into public.budget_months as b (user_id, month, spent_micro_usd, plan_micro_usd)"
            " values (%(user)s, public.budget_month(%(user)s), %(micro)s, 1000000)"
            " on conflict (user_id, month) do update set"
            " spent_micro_usd = b.spent_micro_usd + excluded.spent_micro_usd",
            {"user": person.id, "micro": micro_usd},
        )
        sql.execute(
            "insert into public.usage_records as r (user_id, workspace_id, date, tokens_input,"
            " tokens_output, cost_usd, request_count)"
            " values (%(user)s, %(ws)s, public.workspace_today(%(ws)s), 100, 50, %(usd)s, 1)"
            " on conflict (user_id, date) do update set cost_usd = r.cost_usd + excluded.cost_usd,"
            " tokens_input = r.tokens_input + 100, tokens_output = r.tokens_output + 50,"
            " request_count = r.request_count + 1",
            {"user": person.id, "ws": person.workspace_id, "usd": micro_usd / 1e6},
        )


class TestUsage:
    async def test_anonymous(self, http: AsyncClient) -> None:
        problem(await http.get("/api/v1/billing/usage"), 401, "token_missing")

    async def test_nothing_yet(self, owner: Person) -> None:
        body = (await owner.get("/billing/usage")).json()
        assert body["daily"]["cost_usd"] == body["monthly"]["cost_usd"] == 0
        assert body["budget"]["limit"] == body["budget"]["remaining"] == 1.0
        assert body["by_day"] == body["by_agent"] == body["alerts"] == []
        typical = {run["agent"]: run["cost_usd"] for run in body["typical_runs"]}
        assert typical["moves"] == 0.01
        assert not any(run["from_own_runs"] for run in body["typical_runs"])

    async def test_by_day_by_agent_and_what_is_left(self, owner: Person, stranger: Person) -> None:
        spends(stranger, 900_000)
        for micro in (10_000, 20_000, 60_000):
            spends(owner, micro)
        spends(owner, 5_000, agent="muse")
        with owner.sql() as sql:
            sql.execute(
                "update public.budget_months set reserved_micro_usd = 5000 where user_id = %s",
                (owner.id,),
            )
        body = (await owner.get("/billing/usage")).json()
        daily = body["daily"]
        assert (daily["cost_usd"], daily["requests"], daily["tokens_input"]) == (0.095, 4, 400)
        assert body["by_day"] == [daily]
        assert body["monthly"]["cost_usd"] == 0.095
        budget = body["budget"]
        assert (budget["used"], budget["reserved"], budget["remaining"]) == (0.095, 0.005, 0.9)
        assert budget["resets_on"].endswith("-01")
        assert [(a["agent"], a["runs"], a["cost_usd"]) for a in body["by_agent"]] == [
            ("moves", 3, 0.09),
            ("muse", 1, 0.005),
        ]
        typical = {run["agent"]: run for run in body["typical_runs"]}
        assert typical["moves"] == {"agent": "moves", "cost_usd": 0.02, "from_own_runs": True}
        assert typical["muse"]["from_own_runs"] is False

    async def test_a_zone_that_does_not_exist_is_no_error(self, owner: Person) -> None:
        with owner.sql() as sql:
            sql.execute(
                'update public.workspaces set settings = settings || \'{"timezone": "Moon/Base"}\''
                " where user_id = %s",
                (owner.id,),
            )
        assert (await owner.get("/billing/usage")).status_code == 200
        answer = await owner.get("/billing/ledger", params={"month": "2026-11"})
        assert answer.status_code == 200


class TestLedger:
    async def test_adds_up_to_the_month(self, owner: Person, stranger: Person) -> None:
        for micro in (10_000, 123):
            spends(owner, micro)
        spends(stranger, 7)
        month = (await owner.get("/billing/usage")).json()["monthly"]["month"]
        answer = await owner.get("/billing/ledger", params={"month": month})
        assert answer.headers["content-type"].startswith("text/csv")
        assert f"ledger-{month}.csv" in answer.headers["content-disposition"]
        rows = list(csv.DictReader(io.StringIO(answer.text)))
        assert [row["amount_usd"] for row in rows] == ["-0.010000", "-0.000123"]
        assert {row["model"] for row in rows} == {"a-model"}
        empty = await owner.get("/billing/ledger", params={"month": "2020-01"})
        assert len(empty.text.splitlines()) == 1

    @pytest.mark.parametrize("month", ["", "2026-13", "2026-1", "now"])
    async def test_months(self, owner: Person, month: str) -> None:
        answer = await owner.get("/billing/ledger", params={"month": month})
        problem(answer, 422, "validation_failed")


async def test_whoever_has_spent_it_is_told_the_ways_out(owner: Person) -> None:
    with owner.sql() as sql:
        sql.execute("update public.users set budget_limit_monthly = 0 where id = %s", (owner.id,))
    request = {"request_type": "moves", "request_data": {"goal": "Sell more tea"}}
    answer = await owner.post("/agents/execute", json=request)
    body = problem(answer, 402, "budget_exceeded")
    assert body["detail"] == "Insufficient budget. Remaining: $0.0000"
    assert [way["request"] for way in body["ways_out"]] == [
        "POST /api/v1/billing/topup",
        "POST /api/v1/billing/subscription",
        "GET /api/v1/billing/usage",
    ]
