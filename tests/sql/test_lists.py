"""The list functions: the page as JSON, in one call, under the caller's own row-level security."""

import base64
import json
from typing import Any
from uuid import uuid4

import pytest

from backend.cli.isolation.tenants import Connection, Tenant, claims, sign_up

STATUSES = ("draft", "active", "completed")


@pytest.fixture(scope="module", autouse=True)
def elsewhere(app: Connection) -> None:
    """A session whose time zone is not UTC."""
    app.execute("set timezone = 'Asia/Kolkata'")


@pytest.fixture(scope="module")
def tenant(owner: Connection) -> Tenant:
    """Twelve moves, three at each instant, so that only the id tells their order."""
    mine, other = sign_up(owner, "HX"), sign_up(owner, "IX")
    for one in (mine, other):
        owner.execute(
            "with icp as (insert into public.icp_profiles (workspace_id, name)"
            " values (%(ws)s, 'Clinics') returning id)"
            " insert into public.moves"
            " (workspace_id, name, category, status, target_icp_id, created_at)"
            " select %(ws)s, 'Move ' || i, 'ignite', (%(statuses)s::text[])[1 + i %% 3],"
            "  case when i %% 2 = 0 then icp.id end,"
            "  timestamptz '2026-11-01 00:00:00.25+00' + i / 3 * interval '1 hour'"
            " from icp, generate_series(0, 11) as i",
            {"ws": one.workspace_id, "statuses": list(STATUSES)},
        )
    return mine


def call(app: Connection, function: str, *arguments: Any) -> Any:
    places = ", ".join(["%s"] * len(arguments))
    (text,) = app.execute(f"select api.{function}({places})", arguments).fetchone()
    return None if text is None else json.loads(text)


def position(cursor: str) -> tuple[str, str]:
    at, _, id = base64.b64decode(cursor, validate=True).decode().partition("|")
    return at, id


def expected_ids(owner: Connection, tenant: Tenant, status: str | None = None) -> list[str]:
    rows = owner.execute(
        "select id::text from public.moves where workspace_id = %s"
        " and (%s::text is null or status = %s) order by created_at desc, id desc",
        (tenant.workspace_id, status, status),
    )
    return [row[0] for row in rows]


def test_a_page_is_newest_first_with_the_true_total(owner, app, tenant: Tenant) -> None:
    page = call(app, "list_moves", tenant.claims, None, 5, 3)
    assert [m["id"] for m in page["moves"]] == expected_ids(owner, tenant)[3:8]
    assert (page["total"], page["limit"], page["offset"]) == (12, 5, 3)


@pytest.mark.parametrize("status", STATUSES)
def test_the_status_filters_page_and_total(owner, app, tenant: Tenant, status: str) -> None:
    page = call(app, "list_moves", tenant.claims, status)
    assert [m["id"] for m in page["moves"]] == expected_ids(owner, tenant, status)
    assert page["total"] == 4
    assert page["next_cursor"] is None


@pytest.mark.parametrize("status", [None, "active"])
def test_cursors_walk_every_move_once(owner, app, tenant: Tenant, status: str | None) -> None:
    seen: list[str] = []
    at = id = None
    while True:
        page = call(app, "list_moves", tenant.claims, status, 5, 0, at, id)
        seen += [m["id"] for m in page["moves"]]
        if page["next_cursor"] is None:
            break
        at, id = position(page["next_cursor"])
    assert seen == expected_ids(owner, tenant, status)


def test_a_move_brings_its_icps_name_or_null(app, tenant: Tenant) -> None:
    moves = call(app, "list_moves", tenant.claims)["moves"]
    assert {m["target_icp"]["name"] for m in moves if m["target_icp_id"]} == {"Clinics"}
    assert {m["target_icp"] for m in moves if not m["target_icp_id"]} == {None}


def test_times_are_utc_whatever_the_session_says(app, tenant: Tenant) -> None:
    moves = call(app, "list_moves", tenant.claims)["moves"]
    assert moves[-1]["created_at"] == "2026-11-01T00:00:00.25+00:00"


def test_icps_are_listed_without_their_vectors(app, tenant: Tenant) -> None:
    page = call(app, "list_icps", tenant.claims)
    (icp,) = page["icps"]
    assert page["total"] == 1
    assert icp["name"] == "Clinics"
    assert {"summary_embedding", "embedder"} & set(icp) == set()


def test_icps_page_by_cursor(owner, app, tenant: Tenant) -> None:
    lonely = sign_up(owner, "JX")
    owner.execute(
        "insert into public.icp_profiles (workspace_id, name)"
        " select %s, 'ICP ' || i from generate_series(1, 3) as i",
        (lonely.workspace_id,),
    )
    first = call(app, "list_icps", lonely.claims, 2)
    rest = call(app, "list_icps", lonely.claims, 2, 0, *position(first["next_cursor"]))
    names = [icp["name"] for icp in first["icps"] + rest["icps"]]
    assert sorted(names) == ["ICP 1", "ICP 2", "ICP 3"]
    assert rest["next_cursor"] is None


@pytest.mark.parametrize("function", ["list_moves", "list_icps"])
def test_a_user_without_a_workspace_gets_null(app: Connection, function: str) -> None:
    assert call(app, function, claims(uuid4())) is None


def test_an_empty_workspace_gets_an_empty_page(owner, app) -> None:
    page = call(app, "list_moves", sign_up(owner, "KX").claims)
    assert page == {"moves": [], "total": 0, "limit": 20, "offset": 0, "next_cursor": None}
