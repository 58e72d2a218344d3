"""From auth.users to a workspace that works: the chain of triggers, and the repair of what is missing."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from backend.cli.isolation.tenants import Connection

WHOLE = """
select u.email, u.full_name, u.subscription_tier, w.name, w.slug, w.settings,
  f.summary, f.onboarding_completed, s.current_step, s.status, b.plan, b.status as billing, b.price_inr
from public.users u
join public.workspaces w on w.user_id = u.id
join public.foundations f on f.workspace_id = w.id
join public.onboarding_sessions s on s.workspace_id = w.id
join public.subscriptions b on b.user_id = u.id
where u.id = %s
"""


@pytest.fixture
def service(pg_shared):
    """As the service door does it: the login role, become service_role."""
    with psycopg.connect(pg_shared.app_dsn, autocommit=True, prepare_threshold=None) as connection:
        connection.execute("set role service_role")
        yield connection


def sign_up(connection: Connection, email: str | None, metadata: Any = None) -> UUID:
    user_id = uuid4()
    connection.execute(
        "insert into auth.users (id, email, raw_user_meta_data) values (%s, %s, %s)",
        (user_id, email, Jsonb(metadata)),
    )
    return user_id


def sign_up_without_triggers(pg_shared) -> UUID:
    """An account from before the triggers, or one whose triggers failed."""
    with psycopg.connect(pg_shared.superuser_dsn, autocommit=True) as superuser:
        superuser.execute("set session_replication_role = replica")
        return sign_up(superuser, f"{uuid4()}@example.in")


def whole(connection: Connection, user_id: UUID) -> list[dict[str, Any]]:
    return connection.cursor(row_factory=dict_row).execute(WHOLE, (user_id,)).fetchall()


def initialize(connection: Connection, user_id: UUID) -> tuple[UUID, bool]:
    row = connection.execute(
        "select workspace_id, created from public.initialize_user(%s, %s, %s)",
        (user_id, "asha@example.in", None),
    ).fetchone()
    assert row is not None
    return row


def unique_address(local: str) -> str:
    return f"{local}@{uuid4().hex}.example.in"


def test_a_sign_up_makes_the_whole_set(owner: Connection) -> None:
    address = unique_address("asha")
    (row,) = whole(owner, sign_up(owner, address, {"full_name": " Asha Rao "}))
    slug = row.pop("slug")
    assert slug.startswith("ws-")
    assert len(slug) == 35
    assert row == {
        "email": address,
        "full_name": "Asha Rao",
        "subscription_tier": "free",
        "name": "asha's Workspace",
        "settings": {"timezone": "Asia/Kolkata", "currency": "INR", "language": "en"},
        "summary": "",
        "onboarding_completed": False,
        "current_step": 1,
        "status": "in_progress",
        "plan": "free",
        "billing": "active",
        "price_inr": 0,
    }


@pytest.mark.parametrize(
    ("local", "metadata", "full_name"),
    [
        ("ravi", None, "ravi"),
        ("ravi", {}, "ravi"),
        ("ravi", {"full_name": "   "}, "ravi"),
        ("ravi", ["not", "an", "object"], "ravi"),
        ("o'brien", {"full_name": "x" * 5000}, "x" * 200),
    ],
)
def test_the_name_comes_from_the_metadata_or_the_address(
    owner: Connection, local: str, metadata: Any, full_name: str
) -> None:
    (row,) = whole(owner, sign_up(owner, unique_address(local), metadata))
    assert row["full_name"] == full_name
    assert row["name"] == f"{local}'s Workspace"


def test_a_sign_up_by_phone_has_no_address(owner: Connection) -> None:
    (row,) = whole(owner, sign_up(owner, None))
    assert (row["email"], row["full_name"], row["name"]) == ("", None, "My Workspace")


def test_the_auth_servers_own_role_and_path_suffice(pg_shared, owner: Connection) -> None:
    with psycopg.connect(pg_shared.superuser_dsn, autocommit=True) as auth_server:
        auth_server.execute("set session authorization supabase_auth_admin")
        auth_server.execute("set search_path = auth")
        user_id = sign_up(auth_server, unique_address("asha"))
    assert len(whole(owner, user_id)) == 1


def test_a_failure_fails_the_sign_up_whole(pg) -> None:
    with psycopg.connect(pg.owner_dsn, autocommit=True) as owner:
        owner.execute("alter table public.subscriptions add constraint broken check (false)")
        with pytest.raises(psycopg.errors.CheckViolation):
            sign_up(owner, unique_address("asha"))
        left = owner.execute(
            "select (select count(*) from auth.users) + (select count(*) from public.users)"
            " + (select count(*) from public.workspaces)"
        ).fetchone()
    assert left == (0,)


def test_initialize_is_idempotent(owner: Connection, service: Connection) -> None:
    user_id = sign_up(owner, unique_address("asha"))
    first, second = initialize(service, user_id), initialize(service, user_id)
    assert first == second
    assert first[1] is False
    assert len(whole(owner, user_id)) == 1


def test_an_account_without_anything_is_made_whole(pg_shared, owner, service) -> None:
    user_id = sign_up_without_triggers(pg_shared)
    assert whole(owner, user_id) == []
    workspace_id, created = initialize(service, user_id)
    assert created is True
    assert initialize(service, user_id) == (workspace_id, False)
    (row,) = whole(owner, user_id)
    assert row["name"] == "asha's Workspace"


@pytest.mark.parametrize(
    "lost", ["foundations", "onboarding_sessions", "subscriptions", "workspaces"]
)
def test_a_partial_set_is_repaired(owner: Connection, service: Connection, lost: str) -> None:
    user_id = sign_up(owner, unique_address("asha"))
    before, _ = initialize(service, user_id)
    key = "user_id" if lost in ("subscriptions", "workspaces") else "workspace_id"
    owner.execute(
        f"delete from public.{lost} where {key} = %s", (user_id if key == "user_id" else before,)
    )
    after, created = initialize(service, user_id)
    assert created is True
    assert (after == before) is (lost != "workspaces")
    assert len(whole(owner, user_id)) == 1


def test_repair_keeps_what_the_user_has_changed(owner: Connection, service: Connection) -> None:
    user_id = sign_up(owner, unique_address("asha"))
    owner.execute("update public.users set full_name = 'Asha' where id = %s", (user_id,))
    owner.execute("delete from public.subscriptions where user_id = %s", (user_id,))
    initialize(service, user_id)
    assert whole(owner, user_id)[0]["full_name"] == "Asha"


def test_parallel_calls_make_one_set_and_one_caller_made_it(pg_shared, owner: Connection) -> None:
    user_id = sign_up_without_triggers(pg_shared)
    callers = 6
    together = Barrier(callers)

    def call(_: int) -> tuple[UUID, bool]:
        with psycopg.connect(pg_shared.owner_dsn, autocommit=True) as connection:
            together.wait(timeout=10)
            return initialize(connection, user_id)

    with ThreadPoolExecutor(callers) as pool:
        results = list(pool.map(call, range(callers)))
    assert len({workspace_id for workspace_id, _ in results}) == 1
    assert sorted(created for _, created in results) == [False] * (callers - 1) + [True]
    assert len(whole(owner, user_id)) == 1


def test_an_unknown_user_is_refused(service: Connection) -> None:
    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        initialize(service, uuid4())
