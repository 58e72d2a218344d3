"""What holds for every table, every key and every function, whoever adds the next one."""

import re
from pathlib import Path

from tests.sql.catalogue import ForeignKey, Table
from tests.sql.tenants import Connection

MIGRATIONS = Path(__file__).parents[2] / "supabase" / "migrations"

WITHOUT_POLICY = {"idempotency_keys", "invoice_series", "memory_dues", "webhook_events"}
"""The server's own; users have no grant on them either."""

SECURITY_DEFINERS = {
    "handle_new_user",
    "handle_new_user_workspace",
    "list_session_evidence",
    "note_memory_due",
    "note_onboarding_completed",
    "user_owns_workspace",
}

NEVER_UPDATED = {"id", "workspace_id", "user_id", "created_at", "updated_at"}

TOO_NEW_OR_NOT_ATOMIC = re.compile(
    r"uuidv7\(|\bvirtual\b|\bwithout overlaps\b|returning (old|new)\b|\bconcurrently\b"
    r"|^\s*(begin|commit)\s*;",
    re.MULTILINE,
)


def test_row_level_security_is_enabled_and_forced_everywhere(tables: dict[str, Table]) -> None:
    assert [t.name for t in tables.values() if not (t.rls_enabled and t.rls_forced)] == []


def test_every_table_has_a_policy_or_is_deliberately_invisible(tables: dict[str, Table]) -> None:
    assert {t.name for t in tables.values() if not t.policies} == WITHOUT_POLICY


def test_policies_are_for_signed_in_users_alone_and_named_as_sentences(owner: Connection) -> None:
    policies = owner.execute(
        "select policyname, roles::text[], permissive from pg_policies where schemaname = 'public'"
    ).fetchall()
    assert policies
    for name, roles, permissive in policies:
        assert roles == ["authenticated"], name
        assert permissive == "PERMISSIVE", name
        assert re.match(r"Users (reach|read) \w+ ", name), name


def test_every_tenant_column_is_required_and_leads_an_index(tables: dict[str, Table]) -> None:
    for table in tables.values():
        name = table.tenant_column
        if name is None:
            continue
        column = next(c for c in table.columns if c.name == name)
        assert column.required, f"{table.name}.{name} may be null"
        assert any(index[:1] == (name,) for index in table.indexes), f"{table.name} lacks an index"


def references(tables: dict[str, Table]) -> list[tuple[Table, ForeignKey, Table]]:
    return [
        (table, key, tables[key.parent])
        for table in tables.values()
        for key in table.foreign_keys
        if key.parent in tables
    ]


def test_every_reference_between_tenants_tables_carries_the_tenant(
    tables: dict[str, Table],
) -> None:
    for table, key, parent in references(tables):
        tenant = parent.tenant_column
        if tenant is None:
            continue
        assert tenant in key.parent_columns, f"{table.name}.{key.name} could cross tenants"


def test_every_reference_finds_its_rows_by_an_index(tables: dict[str, Table]) -> None:
    for table, key, parent in references(tables):
        of_tenant = parent.name in ("users", "workspaces")
        telling = set(key.columns) - (set() if of_tenant else {"workspace_id", "user_id"})
        assert any(
            set(index[: len(key.columns)]) == set(key.columns) or index[0] in telling
            for index in table.indexes
            if index
        ), f"{table.name}.{key.name} has no index: a delete of its parent scans the table"


def test_a_deleted_parent_never_unsets_the_tenant(owner: Connection) -> None:
    unset = owner.execute(
        "select k.conname, array(select a.attname::text from unnest(k.confdelsetcols) as col (num)"
        " join pg_attribute a on a.attrelid = k.conrelid and a.attnum = col.num)"
        " from pg_constraint k where k.connamespace = 'public'::regnamespace and k.confdeltype = 'n'"
    ).fetchall()
    assert unset
    for name, columns in unset:
        assert columns, f"{name} would set all its columns to null"
        assert "workspace_id" not in columns, name
        assert "user_id" not in columns, name


def test_updated_at_is_kept_by_a_trigger(owner: Connection, tables: dict[str, Table]) -> None:
    kept = {
        row[0]
        for row in owner.execute(
            "select event_object_table from information_schema.triggers"
            " where trigger_schema = 'public' and trigger_name = 'set_updated_at'"
        )
    }
    assert kept == {t.name for t in tables.values() if t.has("updated_at")}


def test_a_vector_never_stands_without_its_embedder(tables: dict[str, Table]) -> None:
    with_vectors = [t for t in tables.values() if any("vector" in c.type for c in t.columns)]
    assert with_vectors
    assert all(t.has("embedder") for t in with_vectors)


def test_nobody_but_owner_service_and_users_holds_a_grant(owner: Connection) -> None:
    holders = {
        (row[0], row[1])
        for row in owner.execute(
            "select coalesce(grantee.rolname, 'public'), privilege_type"
            " from pg_class c, aclexplode(c.relacl) as acl"
            " left join pg_roles grantee on grantee.oid = acl.grantee"
            " where c.relnamespace = 'public'::regnamespace and c.relowner <> acl.grantee"
        )
    }
    verbs = {"SELECT", "INSERT", "UPDATE", "DELETE"}
    assert {role for role, _ in holders} == {"authenticated", "service_role"}
    assert {privilege for _, privilege in holders} <= verbs


def test_users_update_no_key_and_no_timestamp(owner: Connection) -> None:
    updatable = {
        (row[0], row[1])
        for row in owner.execute(
            "select c.relname, a.attname from pg_class c join pg_attribute a on a.attrelid = c.oid"
            " where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and a.attnum > 0"
            " and not a.attisdropped"
            " and has_column_privilege('authenticated', c.oid, a.attnum, 'update')"
        )
    }
    assert updatable
    assert {cell for cell in updatable if cell[1] in NEVER_UPDATED} == set()


def test_functions_pin_their_path_and_are_nobodys_by_default(owner: Connection) -> None:
    functions = owner.execute(
        "select p.proname, p.prosecdef, coalesce(p.proconfig, '{}'),"
        " has_function_privilege('anon', p.oid, 'execute')"
        " from pg_proc p where p.pronamespace in ('public'::regnamespace, 'api'::regnamespace)"
    ).fetchall()
    assert {name for name, definer, *_ in functions if definer} == SECURITY_DEFINERS
    for name, _, config, open_to_anon in functions:
        assert not open_to_anon, f"anyone may call {name}"
        assert 'search_path=""' in config, f"{name} does not pin search_path"


def test_migrations_suit_both_runners_and_postgres_15_to_18() -> None:
    files = sorted(MIGRATIONS.glob("*.sql"))
    assert files
    versions = [path.name.split("_", 1)[0] for path in files]
    assert len(set(versions)) == len(versions)
    for path in files:
        assert re.fullmatch(r"\d{14}_[a-z_]+\.sql", path.name), path.name
        found = TOO_NEW_OR_NOT_ATOMIC.search(path.read_text())
        assert found is None, f"{path.name}: {found.group() if found else ''}"
