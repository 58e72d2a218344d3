"""No tenant reaches another's row, in any table, by any verb; and each role holds just its grants."""

import psycopg
import pytest

from tests.sql import matrix
from tests.sql.catalogue import Table, read_tables
from tests.sql.matrix import Actor, Outcome, Verb
from tests.sql.tenants import Connection, Tenant, populate, sign_up

ALL = frozenset({"select", "insert", "update", "delete"})
READ = frozenset({"select"})
EDIT = READ | {"update"}

OWNER_MAY: dict[str, frozenset[str]] = {
    "agent_executions": READ,
    "api_keys": ALL - {"delete"},
    "approval_gates": READ,
    "audit_log": READ,
    "blackbox_strategies": ALL,
    "budget_alerts": READ,
    "budget_months": READ,
    "budget_reservations": READ,
    "budget_topups": READ,
    "calendar_links": ALL - {"update"},
    "campaigns": ALL,
    "credit_notes": READ,
    "daily_wins": ALL,
    "episodic_memory": ALL,
    "evidence_items": ALL,
    "feedback_records": ALL - {"update"},
    "foundations": EDIT,
    "graph_entities": ALL,
    "graph_relationships": ALL,
    "held_documents": READ,
    "icp_profiles": ALL,
    "idempotency_keys": frozenset(),
    "invoice_series": frozenset(),
    "invoices": READ,
    "memory_dues": frozenset(),
    "memory_vectors": ALL,
    "move_tasks": ALL,
    "moves": ALL,
    "muse_assets": ALL,
    "muse_versions": READ | {"insert"},
    "onboarding_sessions": ALL - {"delete"},
    "payments": READ,
    "refunds": READ,
    "run_calls": READ,
    "run_events": READ,
    "subscription_events": READ,
    "subscriptions": READ,
    "usage_records": READ,
    "users": EDIT,
    "webhook_deliveries": READ,
    "webhook_endpoints": ALL,
    "webhook_events": frozenset(),
    "workspaces": EDIT,
}
"""What users may do with their own rows. A new table belongs here before the suite passes."""

SERVICE_MAY: dict[str, frozenset[str]] = {
    "audit_log": ALL - {"update"},
    "credit_notes": ALL - {"delete"},
    "invoice_series": ALL - {"delete"},
    "invoices": ALL - {"delete"},
    "memory_dues": frozenset({"select", "delete"}),
    "payments": ALL - {"delete"},
    "refunds": ALL - {"delete"},
    "subscription_events": ALL - {"update", "delete"},
}
"""The books are closed to the server as well; everywhere else it may do all."""


@pytest.fixture(scope="module")
def tenants(owner: Connection, tables: dict[str, Table]) -> tuple[Tenant, Tenant]:
    """Two tenants with a row in every table."""
    victim, stranger = sign_up(owner, "AX"), sign_up(owner, "BX")
    for tenant in (victim, stranger):
        populate(owner, tables, tenant)
    return victim, stranger


def expected(table: str, actor: Actor, verb: Verb) -> Outcome:
    if actor == "anon":
        return "denied"
    if actor == "service":
        return "reached" if verb in SERVICE_MAY.get(table, ALL) else "denied"
    if verb not in OWNER_MAY[table]:
        return "denied"
    if actor == "owner":
        return "reached"
    return "denied" if verb == "insert" else "nothing"


def test_every_table_is_reviewed(tables: dict[str, Table]) -> None:
    assert sorted(tables) == sorted(OWNER_MAY)


def test_each_actor_reaches_exactly_what_is_theirs(
    app: Connection, tables: dict[str, Table], tenants: tuple[Tenant, Tenant]
) -> None:
    found = matrix.outcomes(app, tables, *tenants)
    assert len(found) == len(tables) * len(matrix.ACTORS) * len(matrix.VERBS)
    wrong = {cell: outcome for cell, outcome in found.items() if outcome != expected(*cell)}
    assert wrong == {}


@pytest.mark.parametrize("name", sorted(t for t, verbs in OWNER_MAY.items() if verbs))
def test_a_query_without_any_filter_sees_own_rows_alone(
    app: Connection, tables: dict[str, Table], tenants: tuple[Tenant, Tenant], name: str
) -> None:
    me = tenants[1]
    column = tables[name].tenant_column
    assert column is not None, f"{name} is granted to users but belongs to nobody"
    mine = me.user_id if column == "user_id" or name == "users" else me.workspace_id
    with matrix.acting(app, "authenticated", me.claims):
        owners = {row[0] for row in app.execute(f"select {column} from public.{name}")}
    assert owners == {mine}


def test_a_user_without_claims_sees_nothing(app: Connection, tables: dict[str, Table]) -> None:
    for name, verbs in OWNER_MAY.items():
        if verbs:
            with matrix.acting(app, "authenticated", None):
                assert app.execute(f"select from public.{name}").rowcount == 0, name


def test_own_rows_cannot_be_moved_into_another_workspace(
    app: Connection, tables: dict[str, Table], tenants: tuple[Tenant, Tenant]
) -> None:
    victim, stranger = tenants
    for table in tables.values():
        if not table.has("workspace_id"):
            continue
        with (
            matrix.acting(app, "authenticated", stranger.claims),
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            app.execute(f"update public.{table.name} set workspace_id = %s", (victim.workspace_id,))


def test_a_table_without_policy_or_review_is_noticed(pg) -> None:
    """The matrix itself must be able to fail."""
    with psycopg.connect(pg.owner_dsn, autocommit=True) as owner:
        owner.execute(
            "create table public.notes (id uuid primary key default gen_random_uuid(),"
            " workspace_id uuid not null references public.workspaces (id), body text not null);"
            "grant select, insert, update, delete on public.notes to authenticated, service_role"
        )
        tables = read_tables(owner)
        victim, stranger = sign_up(owner, "AX"), sign_up(owner, "BX")
        only = {name: tables[name] for name in ("users", "workspaces", "notes")}
        populate(owner, only, victim)
    with psycopg.connect(pg.app_dsn, autocommit=True) as app:
        found = matrix.outcomes(app, {"notes": tables["notes"]}, victim, stranger)
    assert "notes" not in OWNER_MAY
    assert {v for (_, actor, v), how in found.items() if actor == "stranger" and how == "reached"}
