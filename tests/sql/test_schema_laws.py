"""What holds for every table, every key and every function, whoever adds the next one."""

import re
from pathlib import Path

import pytest

from backend.cli.isolation.catalogue import ForeignKey, Table
from backend.cli.isolation.grants import SECURITY_DEFINERS
from backend.cli.isolation.laws import FUNCTIONS, LAWS, POLICIES, Law
from backend.cli.isolation.tenants import Connection

MIGRATIONS = Path(__file__).parents[2] / "supabase" / "migrations"

TOO_NEW_OR_NOT_ATOMIC = re.compile(
    r"uuidv7\(|\bvirtual\b|\bwithout overlaps\b|returning (old|new)\b|\bconcurrently\b"
    r"|^\s*(begin|commit)\s*;",
    re.MULTILINE,
)


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.name)
def test_law_is_kept(owner: Connection, tables: dict[str, Table], law: Law) -> None:
    assert list(law.faults(owner, tables)) == []


def test_reviewed_definers_exist(owner: Connection) -> None:
    definers = {name for name, definer, *_ in owner.execute(FUNCTIONS) if definer}
    assert definers == SECURITY_DEFINERS


def test_policies_are_named_as_sentences(owner: Connection) -> None:
    policies = owner.execute(POLICIES).fetchall()
    assert policies
    for _, name, *_ in policies:
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


def test_migrations_suit_both_runners_and_postgres_15_to_18() -> None:
    files = sorted(MIGRATIONS.glob("*.sql"))
    assert files
    versions = [path.name.split("_", 1)[0] for path in files]
    assert len(set(versions)) == len(versions)
    for path in files:
        assert re.fullmatch(r"\d{14}_[a-z_]+\.sql", path.name), path.name
        found = TOO_NEW_OR_NOT_ATOMIC.search(path.read_text())
        assert found is None, f"{path.name}: {found.group() if found else ''}"
