"""A reference to another tenant's row is impossible, even for the server and with the id in hand."""

import psycopg
import pytest
from psycopg.sql import SQL, Composed, Identifier, Literal

from backend.cli.isolation.catalogue import ForeignKey, Table
from backend.cli.isolation.tenants import Connection, Row, Tenant, populate, sign_up


@pytest.fixture(scope="module")
def tenants(owner: Connection, tables: dict[str, Table]) -> tuple[Tenant, Tenant]:
    mine, theirs = sign_up(owner, "CX"), sign_up(owner, "DX")
    for tenant in (mine, theirs):
        populate(owner, tables, tenant)
    return mine, theirs


def crossing_columns(table: Table, key: ForeignKey) -> dict[str, str]:
    """Own column -> parent's column, without the column that says whose row it is.

    Empty for a key that is nothing but that: the workspace or the user a row belongs to.
    """
    if key.columns in (("workspace_id",), ("user_id",)):
        return {}
    pairs = dict(zip(key.columns, key.parent_columns, strict=True))
    return {own: its for own, its in pairs.items() if own != table.tenant_column}


def test_no_foreign_key_accepts_another_tenants_row(
    owner: Connection, tables: dict[str, Table], tenants: tuple[Tenant, Tenant]
) -> None:
    mine, theirs = tenants
    parents = {key.parent for table in tables.values() for key in table.foreign_keys}
    tried = 0
    for table in tables.values():
        for key in table.foreign_keys:
            parent = tables.get(key.parent)
            crossing = crossing_columns(table, key)
            if parent is None or parent.tenant_column is None or not crossing:
                continue
            with owner.transaction(force_rollback=True):
                # some triggers refuse every update; here the keys alone are asked
                alone = SQL("alter table public.{} disable trigger user")
                owner.execute(alone.format(Identifier(table.name)))
                if table.name == "invoices":  # a payment has one; its credit notes go first
                    owner.execute("alter table public.credit_notes disable trigger user")
                    owner.execute("delete from public.credit_notes")
                if (
                    table.name not in parents or table.name == "invoices"
                ):  # or their own row would be in the way of ours
                    theirs_away = SQL("delete from public.{} where {}").format(
                        Identifier(table.name), this_row(table, theirs.rows[table.name])
                    )
                    owner.execute(theirs_away)
                refuses(owner, table, crossing, mine.rows[table.name], theirs.rows[key.parent])
            tried += 1
    assert tried >= 25


def refuses(
    owner: Connection, table: Table, crossing: dict[str, str], row: Row, foreign: Row
) -> None:
    changes = SQL(", ").join(
        SQL("{} = {}").format(Identifier(own), Literal(foreign[its]))
        for own, its in crossing.items()
    )
    update = SQL("update public.{} set {} where {}").format(
        Identifier(table.name), changes, this_row(table, row)
    )
    try:
        owner.execute(update)
    except psycopg.errors.ForeignKeyViolation:
        return
    pytest.fail(f"{table.name} took another tenant's {crossing}")


def this_row(table: Table, row: Row) -> Composed:
    return SQL(" and ").join(
        SQL("{} = {}").format(Identifier(name), Literal(row[name])) for name in table.primary_key
    )


def test_deleting_an_icp_leaves_its_moves_in_their_workspace(
    owner: Connection, tenants: tuple[Tenant, Tenant]
) -> None:
    mine = tenants[0]
    with owner.transaction(force_rollback=True):
        owner.execute(
            "delete from public.icp_profiles where workspace_id = %s", (mine.workspace_id,)
        )
        row = owner.execute(
            "select target_icp_id, workspace_id from public.moves where id = %s",
            (mine.rows["moves"]["id"],),
        ).fetchone()
    assert row == (None, mine.workspace_id)


def test_deleting_an_account_leaves_nothing_behind(
    owner: Connection, tables: dict[str, Table], tenants: tuple[Tenant, Tenant]
) -> None:
    mine = tenants[0]
    with owner.transaction(force_rollback=True):
        for document in ("credit_notes", "invoices"):
            owner.execute(f"alter table public.{document} disable trigger stay_as_issued")
        for book in ("held_documents", "credit_notes", "invoices", "refunds", "payments"):
            owner.execute(f"delete from public.{book} where user_id = %s", (mine.user_id,))
        owner.execute("delete from auth.users where id = %s", (mine.user_id,))
        for table in tables.values():
            if table.tenant_column is not None:
                column = table.tenant_column
                left = owner.execute(
                    f"select from public.{table.name} where {column} in (%s, %s)",
                    (mine.user_id, mine.workspace_id),
                )
                assert left.rowcount == 0, table.name


def test_an_account_with_payments_cannot_be_deleted(
    owner: Connection, tenants: tuple[Tenant, Tenant]
) -> None:
    refused = (psycopg.errors.ForeignKeyViolation, psycopg.errors.RestrictViolation)
    with owner.transaction(force_rollback=True), pytest.raises(refused):
        owner.execute("delete from auth.users where id = %s", (tenants[0].user_id,))
