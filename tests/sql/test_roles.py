"""The login role of the service: it owns nothing and is nobody until it takes a role."""

import psycopg
import pytest

from backend.cli.isolation.matrix import acting
from backend.cli.isolation.tenants import Connection, sign_up


def test_it_is_neither_superuser_nor_above_row_level_security(app: Connection) -> None:
    flags = app.execute(
        "select rolsuper, rolbypassrls, rolinherit, rolcreaterole, rolcreatedb, rolreplication"
        " from pg_roles where rolname = current_user"
    ).fetchone()
    assert flags == (False,) * 6


def test_it_may_become_just_the_three_api_roles(app: Connection) -> None:
    roles = app.execute(
        "select r.rolname from pg_roles r"
        " where pg_has_role(current_user, r.oid, 'member') and r.rolname <> current_user"
        " order by 1"
    ).fetchall()
    assert [name for (name,) in roles] == ["anon", "authenticated", "service_role"]


@pytest.mark.parametrize("role", ["postgres", "supabase_admin", "supabase_auth_admin"])
def test_it_cannot_become_anyone_else(app: Connection, role: str) -> None:
    with (
        acting(app, "authenticated", None),
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        app.execute(f"set local role {role}")


def test_it_inherits_nothing(app: Connection) -> None:
    inherited = app.execute(
        "select r.rolname from pg_roles r"
        " where pg_has_role(current_user, r.oid, 'usage') and r.rolname <> current_user"
    ).fetchall()
    assert inherited == []


def test_it_owns_nothing(pg_shared, app: Connection) -> None:
    with psycopg.connect(pg_shared.superuser_dsn) as superuser:
        owned = superuser.execute(
            "select count(*) from pg_shdepend"
            " where deptype = 'o' and refclassid = 'pg_authid'::regclass"
            " and refobjid = 'raptorflow_app'::regrole"
        ).fetchone()
    assert owned == (0,)


def test_without_a_role_it_reads_no_table(app: Connection) -> None:
    names = app.execute(
        "select c.relname from pg_class c"
        " where c.relnamespace = 'public'::regnamespace and c.relkind = 'r'"
    ).fetchall()
    assert names
    for (name,) in names:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            app.execute(f"select from public.{name}")


@pytest.mark.parametrize("role", ["anon", "authenticated", "service_role"])
@pytest.mark.parametrize(
    "call", ["api.list_moves('{}')", "api.list_icps('{}')", "api.enter_workspace('{}')"]
)
def test_no_other_role_may_choose_its_claims(app: Connection, role: str, call: str) -> None:
    with acting(app, role, None), pytest.raises(psycopg.errors.InsufficientPrivilege):
        app.execute(f"select {call}")


def test_role_and_claims_end_with_the_transaction(owner: Connection, app: Connection) -> None:
    tenant = sign_up(owner, "GX")
    app.execute("select api.list_moves(%s)", (tenant.claims,))
    state = app.execute(
        "select current_user, nullif(current_setting('request.jwt.claims', true), '')"
    ).fetchone()
    assert state == ("raptorflow_app", None)
