"""`raptorflow verify` passes our own schema and catches each way in which a database is weakened."""

import json
from pathlib import Path
from typing import Any

import psycopg
import pytest

from backend.cli import secret_strength, verify
from backend.core.config import load_settings
from tests.arch.test_settings import GOOD

WEAKENED = [
    ("drop policy {policy} on public.moves", "policies", "moves: its policy is gone"),
    (
        "alter table public.moves no force row level security",
        "row-level security",
        "moves: row-level security is not forced on its owner",
    ),
    ("grant select on public.invoices to anon", "table grants", "anon holds SELECT on invoices"),
    (
        "grant update (subscription_tier) on public.users to authenticated",
        "column grants",
        "users may set users.subscription_tier",
    ),
    (
        "alter policy {policy} on public.moves using (true)",
        "as stranger",
        "select on moves: reached, should be nothing",
    ),
    (
        "alter function public.user_owns_workspace(uuid) reset search_path",
        "functions",
        "user_owns_workspace does not pin search_path",
    ),
    (
        "grant usage on schema api to authenticated",
        "schemas",
        "authenticated may enter schema api",
    ),
    (
        "alter default privileges in schema public grant select on tables to anon",
        "default privileges",
        "a new table of postgres is granted to anon by itself",
    ),
    (
        "create view public.everything as select * from public.moves",
        "views",
        "everything is a view without security_invoker: it shows rows past their policies",
    ),
]


@pytest.fixture
def verified(capsys: pytest.CaptureFixture[str]) -> Any:
    """Exit code, and the faults of each check that has any."""

    def run(url: str) -> tuple[int, dict[str, list[str]]]:
        code = verify.run(database_url=url, as_json=True, data_dir=Path("unused"))
        found = json.loads(capsys.readouterr().out)
        return code, {each["check"]: each["faults"] for each in found if not each["ok"]}

    return run


def test_our_schema_passes_and_nothing_of_the_trial_stays(pg, verified) -> None:
    count = "select (select count(*) from auth.users), (select count(*) from public.invoices)"
    with psycopg.connect(pg.superuser_dsn) as superuser:
        before = superuser.execute(count).fetchone()
    assert verified(pg.owner_dsn) == (0, {})
    with psycopg.connect(pg.superuser_dsn) as superuser:
        assert superuser.execute(count).fetchone() == before


def test_a_weakened_database_is_caught(pg, verified) -> None:
    with psycopg.connect(pg.owner_dsn, autocommit=True) as owner:
        row = owner.execute(
            "select quote_ident(policyname) from pg_policies where tablename = 'moves'"
        ).fetchone()
        assert row is not None
        for statement, _, _ in sorted(WEAKENED, key=lambda each: each[0].startswith("drop")):
            if not statement.startswith("drop"):
                owner.execute(statement.format(policy=row[0]))
        code, faults = verified(pg.owner_dsn)
        owner.execute(f"drop policy {row[0]} on public.moves")
        _, without_policy = verified(pg.owner_dsn)
    assert code == 1
    for statement, check, fault in WEAKENED:
        found = without_policy if statement.startswith("drop") else faults
        assert fault in found.get(check, []), (statement, found)
    assert "select on moves: nothing, should be reached" in without_policy["as owner"]


def test_the_runtime_role_is_told_that_it_cannot_try(pg_shared, verified) -> None:
    code, faults = verified(pg_shared.app_dsn)
    assert code == 1
    assert faults["isolation"][0].startswith("the matrix was not tried: two tenants could not")


def test_an_empty_database_is_one_line(server, verified) -> None:
    code, faults = verified(server.dsn("postgres", "postgres"))
    assert code == 1
    assert list(faults) == ["schema"]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, []),
        (
            {"database_url": "postgresql://raptorflow_app:raptorflow@postgres:5432/postgres"},
            ["DATABASE_URL: is a word that is guessed first"],
        ),
        (
            {"database_url": "postgresql://a:0f9e8d7c6b5a4f3e2d1c@db.example.co:5432/postgres"},
            ["DATABASE_URL: may fall back to plain text; add ?sslmode=require or stricter"],
        ),
        (
            {"redis_url": "redis://x.upstash.io:6379"},
            ["REDIS_URL: goes in plain text over a public network; use rediss://"],
        ),
        ({"metrics_token": "a" * 20}, ["METRICS_TOKEN: has fewer than 8 different characters"]),
        (
            {"supabase_service_key": "anon"},
            ["SUPABASE_SERVICE_KEY: is the same as SUPABASE_ANON_KEY"],
        ),
        (
            {"supabase_anon_key": "e30.eyJyb2xlIjoic2VydmljZV9yb2xlIn0.x"},
            ["SUPABASE_ANON_KEY: is a secret key, and is given to every browser"],
        ),
        (
            {"auth_webhook_secret": "v1,whsec_c2hvcnQ="},
            ["AUTH_WEBHOOK_SECRET: signs with fewer than 24 bytes"],
        ),
        (
            {"supabase_url": "https://project.supabase.co"},
            ["ENVIRONMENT: is not production, so what production refuses is allowed"],
        ),
    ],
)
def test_weak_settings_are_named_and_never_shown(
    change: dict[str, str], expected: list[str]
) -> None:
    strong = {"database_url": "postgresql://raptorflow_app:0f9e8d7c6b5a4f3e@127.0.0.1/postgres"}
    settings = load_settings(**{**GOOD, **strong, **change})
    assert list(secret_strength.faults(settings)) == expected
