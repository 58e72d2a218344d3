"""Gates on plans, not on timings: policies run once a statement, pages start at their cursor."""

import json
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from backend.cli.isolation.catalogue import Table
from backend.cli.isolation.matrix import acting
from backend.cli.isolation.tenants import Connection, Tenant, sign_up

Plan = dict[str, Any]


@pytest.fixture(scope="module")
def tenant(owner: Connection) -> Tenant:
    """A large workspace among small ones, counted by the planner's statistics."""
    tenant = sign_up(owner, "LX")
    owner.execute(
        "insert into auth.users (id, email)"
        " select gen_random_uuid(), 'small-' || i || '@example.in' from generate_series(1, 200) as i"
    )
    owner.execute(
        "insert into public.moves (workspace_id, name, category, created_at)"
        " select w.id, 'Move ' || i, 'ignite', now() - i * interval '1 minute'"
        " from public.workspaces w,"
        "  generate_series(1, case when w.id = %s then 2000 else 20 end) as i",
        (tenant.workspace_id,),
    )
    owner.execute("analyze public.moves, public.workspaces, public.icp_profiles")
    return tenant


def nodes(plan: Plan) -> Iterator[Plan]:
    yield plan
    for child in plan.get("Plans", []):
        yield from nodes(child)


def explain(app: Connection, tenant: Tenant, query: str) -> list[Plan]:
    """Every node of the query's plan, as planned for the tenant's user."""
    with acting(app, "authenticated", tenant.claims):
        app.execute("set local enable_seqscan = off")
        row = app.execute(f"explain (format json) {query}").fetchone()
    assert row is not None
    return list(nodes(row[0][0]["Plan"]))


def test_every_policy_is_evaluated_once_a_statement(
    app: Connection, tenant: Tenant, tables: dict[str, Table]
) -> None:
    for table in tables.values():
        if table.policies:
            plan = explain(app, tenant, f"select count(*) from public.{table.name}")
            kinds = {node.get("Parent Relationship") for node in plan}
            assert "InitPlan" in kinds, table.name
            assert "SubPlan" not in kinds, table.name


def test_a_policy_alone_leads_to_the_index(
    app: Connection, tenant: Tenant, tables: dict[str, Table]
) -> None:
    """A query that forgets its workspace filter costs what the caller has, not what all have."""
    for table in tables.values():
        if table.policies and table.has("workspace_id"):
            plan = explain(app, tenant, f"select count(*) from public.{table.name}")
            conditions = [node.get("Index Cond", "") for node in plan]
            assert any("workspace_id = ANY" in text for text in conditions), table.name


def plans_inside(pg_shared, tenant: Tenant, call: str) -> list[Plan]:
    """The plans of the statements a function runs, as they ran."""
    texts: list[str] = []
    with psycopg.connect(pg_shared.superuser_dsn, autocommit=True) as connection:
        connection.add_notice_handler(lambda notice: texts.append(notice.message_primary or ""))
        try:
            connection.execute("load 'auto_explain'")
        except psycopg.errors.UndefinedFile:
            pytest.skip("this Postgres comes without auto_explain")
        connection.execute(
            "set auto_explain.log_min_duration = 0; set auto_explain.log_nested_statements = on;"
            "set auto_explain.log_analyze = on; set auto_explain.log_timing = off;"
            "set auto_explain.log_format = json; set client_min_messages = log;"
            "set session authorization raptorflow_app"
        )
        connection.execute(f"select {call}", {"claims": tenant.claims})
    return [json.loads(text[text.index("{") :])["Plan"] for text in texts if "{" in text]


@pytest.mark.parametrize("status", ["null", "'draft'"])
def test_a_page_of_moves_starts_at_its_cursor(pg_shared, tenant: Tenant, status: str) -> None:
    plans = plans_inside(
        pg_shared,
        tenant,
        f"api.list_moves(%(claims)s, {status}, 20, 0, now() - interval '1000 minutes',"
        " '00000000-0000-0000-0000-000000000000')",
    )
    scans = [n for plan in plans for n in nodes(plan) if n.get("Alias") == "move"]
    (scan,) = scans
    assert scan["Node Type"] == "Index Scan"
    assert "ROW(created_at, id) <" in scan["Index Cond"]
    assert scan["Actual Rows"] == 20
    assert not [n for plan in plans for n in nodes(plan) if n["Node Type"] == "Sort"]


def test_a_page_of_icps_starts_at_its_cursor(pg_shared, tenant: Tenant) -> None:
    plans = plans_inside(pg_shared, tenant, "api.list_icps(%(claims)s)")
    (scan,) = [n for plan in plans for n in nodes(plan) if n.get("Alias") == "icp"]
    assert "ROW(created_at, id) <" in scan["Index Cond"]
