"""No tenant reaches another's row, in any table, by any verb; and each role holds just its grants."""

import psycopg
import pytest

from backend.cli.isolation import matrix
from backend.cli.isolation.catalogue import Table, read_tables
from backend.cli.isolation.grants import OWNER_MAY, expected
from backend.cli.isolation.tenants import Connection, Tenant, populate, sign_up


@pytest.fixture(scope="module")
def tenants(owner: Connection, tables: dict[str, Table]) -> tuple[Tenant, Tenant]:
    """Two tenants with a row in every table."""
    victim, stranger = sign_up(owner, "AX"), sign_up(owner, "BX")
    for tenant in (victim, stranger):
        populate(owner, tables, tenant)
    return victim, stranger


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
