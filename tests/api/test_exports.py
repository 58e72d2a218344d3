"""What a workspace takes away, and that nothing of it stays when it is deleted."""

import csv
import io
import json
import zipfile
from datetime import date
from string import ascii_uppercase
from typing import Any

import icalendar
import psycopg
import pytest
from fastapi import FastAPI
from httpx import AsyncClient, Response
from psycopg.sql import SQL, Identifier

from backend.cli.isolation.catalogue import read_tables
from backend.cli.isolation.tenants import Tenant, populate
from backend.core import redis_keys
from tests.api.test_moves import make, make_started
from tests.conftest import TestDatabase, TestSupabase
from tests.founders import COMPANY, at_the_start
from tests.people import Person
from tests.problems import problem

OWN_LETTERS = (f"{twice}{twice}{once}" for twice in ascii_uppercase for once in ascii_uppercase)
"""Tags of tenants, and so series of invoices: other tests draw theirs of three different letters."""


def add_rows(person: Person) -> None:
    """A campaign, a win and an asset, as their own endpoints would leave them."""
    with person.sql() as sql:
        for statement in (
            "insert into public.campaigns (workspace_id, name, start_date, end_date)"
            " values (%s, 'Monsoon', '2026-07-01', '2026-07-31')",
            "insert into public.daily_wins (workspace_id, topic, hook) values (%s, 'Tea', 'A cup')",
            "insert into public.muse_assets (workspace_id, title, type, content)"
            " values (%s, 'Mail', 'email', '=HYPERLINK(\"http://evil.example\")')",
        ):
            sql.execute(statement, (person.workspace_id,))


def read_csv(answer: Response) -> list[dict[str, str]]:
    assert answer.headers["content-type"].startswith("text/csv")
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


class TestNouns:
    @pytest.mark.parametrize("noun", ["moves", "campaigns", "wins", "assets"])
    async def test_csv_and_json_have_every_row_and_no_other(
        self, owner: Person, stranger: Person, noun: str
    ) -> None:
        await make(owner, name='पहला, "कदम"\nzweite Zeile')
        await make(owner)
        await make(stranger)
        add_rows(owner)
        add_rows(stranger)
        whole = (await owner.get(f"/exports/{noun}.json")).json()[noun]
        table = read_csv(await owner.get(f"/exports/{noun}.csv"))
        assert len(whole) == len(table) == (2 if noun == "moves" else 1)
        assert {row["workspace_id"] for row in whole} == {str(owner.workspace_id)}
        assert [row["id"] for row in table] == [row["id"] for row in whole]
        assert set(table[0]) == set(whole[0])
        if noun == "moves":
            assert table[0]["name"] == whole[0]["name"] == 'पहला, "कदम"\nzweite Zeile'
            assert json.loads(table[0]["execution"]) == whole[0]["execution"]

    async def test_no_cell_is_a_formula(self, owner: Person) -> None:
        add_rows(owner)
        (row,) = read_csv(await owner.get("/exports/assets.csv"))
        assert row["content"].startswith("'=HYPERLINK")
        (plain,) = (await owner.get("/exports/assets.json")).json()["assets"]
        assert plain["content"].startswith("=HYPERLINK")

    async def test_more_than_a_page_in_order(self, owner: Person) -> None:
        with owner.sql() as sql:
            sql.execute(
                "insert into public.moves (workspace_id, name, category, created_at)"
                " select %s, 'Move ' || n, 'ignite', now() - (n / 2) * interval '1 minute'"
                " from generate_series(1, 1203) n",
                (owner.workspace_id,),
            )
        rows = read_csv(await owner.get("/exports/moves.csv"))
        assert len({row["id"] for row in rows}) == 1203
        assert [row["created_at"] for row in rows] == sorted(row["created_at"] for row in rows)

    async def test_of_nothing(self, owner: Person) -> None:
        assert (await owner.get("/exports/wins.json")).json() == {"wins": []}
        assert read_csv(await owner.get("/exports/wins.csv")) == []

    @pytest.mark.parametrize("name", ["unicorns.csv", "moves.xml", "users.json"])
    async def test_what_is_not_exported(self, owner: Person, name: str) -> None:
        problem(await owner.get(f"/exports/{name}"), 422, "validation_failed")

    async def test_anonymous(self, http: AsyncClient) -> None:
        for path in ("exports/moves.csv", "exports/calendar.ics", "workspace/export"):
            problem(await http.get(f"/api/v1/{path}"), 401, "token_missing")


class TestCalendar:
    async def test_a_calendar_program_reads_it(self, owner: Person) -> None:
        started = await make_started(owner)
        await make(owner)  # a draft has no days yet
        add_rows(owner)
        answer = await owner.get("/exports/calendar.ics")
        assert answer.headers["content-type"].startswith("text/calendar")
        calendar = icalendar.Calendar.from_ical(answer.content)
        assert (calendar["version"], str(calendar["x-wr-calname"])) == ("2.0", "Raptorflow")
        events = {str(event["uid"]): event for event in calendar.walk("VEVENT")}
        move = events[f"move-{started['id']}@raptorflow.com"]
        assert str(move["summary"]) == started["name"]
        assert move["dtstart"].dt == date.fromisoformat(started["start_date"])
        assert (move["dtend"].dt - move["dtstart"].dt).days == started["duration_days"]
        kinds = [uid.partition("-")[0] for uid in events]
        assert sorted(kinds) == ["campaign", "move", "task", "task", "task", "win"]
        assert all(not event.errors for event in events.values())

    async def test_by_a_secret_link_until_it_is_revoked(
        self, owner: Person, stranger: Person, http: AsyncClient
    ) -> None:
        started = await make_started(owner)
        made = await owner.post("/exports/calendar-links", json={"name": "Phone"})
        link, url = made.json()["calendar_link"], made.json()["url"]
        answer = await http.get(url)
        assert f"move-{started['id']}" in answer.text
        assert answer.headers["content-type"].startswith("text/calendar")
        token = url.rpartition("/")[2].removesuffix(".ics")
        listed = await owner.get("/exports/calendar-links")
        assert token not in listed.text
        assert listed.json()["calendar_links"][0]["last_used_at"]
        with owner.sql() as sql:
            (stored,) = sql.execute(
                "select l::text from public.calendar_links l where id = %s", (link["id"],)
            ).fetchone()  # type: ignore[misc]
        assert token not in stored
        path = f"/exports/calendar-links/{link['id']}"
        problem(await stranger.delete(path), 404, "calendar_link_not_found")
        assert (await owner.delete(path)).status_code == 200
        problem(await http.get(url), 404, "calendar_link_not_found")

    @pytest.mark.parametrize("token", ["x" * 43, "short", "a%27--" + "b" * 30])
    async def test_addresses_that_never_were(self, http: AsyncClient, token: str) -> None:
        answer = await http.get(f"/api/v1/exports/calendars/{token}.ics")
        assert answer.status_code in (404, 422)


KEPT = {
    "auth.users": "an id without an address",
    "public.users": "the same",
    "public.subscriptions": "what was sold",
    "public.subscription_events": "what was sold",
    "public.payments": "books",
    "public.invoices": "books, with the buyer they are made out to",
    "public.credit_notes": "books",
    "public.refunds": "books",
    "public.budget_months": "what was spent",
    "public.budget_alerts": "what was spent",
    "public.budget_reservations": "what was spent",
    "public.usage_records": "what was spent",
    "public.budget_topups": "what was bought",
    "public.held_documents": "invoices to be",
}.keys()
"""What may still know the id of an erased account, and why."""


class TestWorkspace:
    @pytest.fixture
    async def full(self, owner: Person, pg_shared: TestDatabase) -> Person:
        """Somebody with a row in every table there is, and a file in the vault."""
        founder = await at_the_start(owner)
        await founder.bring("company.md", COMPANY.encode())
        await make_started(owner)
        with psycopg.connect(pg_shared.owner_dsn) as sql:
            tables = read_tables(sql)
            populate(
                sql,
                tables,
                Tenant(next(OWN_LETTERS), owner.id, owner.workspace_id),
            )
        return owner

    async def test_everything_readable_is_in_the_archive(
        self, full: Person, stranger: Person, supabase: TestSupabase
    ) -> None:
        await make(stranger, name="Not theirs")
        answer = await full.get("/workspace/export")
        assert answer.headers["content-type"] == "application/zip"
        archive = zipfile.ZipFile(io.BytesIO(answer.content))
        assert archive.testzip() is None
        names = set(archive.namelist())
        assert {"data/moves.json", "data/icp_profiles.json", "data/evidence_items.json"} <= names
        assert {"data/invoices.json", "data/memory_vectors.json", "calendar.ics"} <= names
        (move,) = (m for m in json.loads(archive.read("data/moves.json")) if m["goal"])
        assert move["workspace_id"] == str(full.workspace_id)
        (file,) = (name for name in names if name.startswith("files/"))
        assert archive.read(file).decode() == COMPANY
        everything = b"".join(archive.read(name) for name in names)
        assert b"Not theirs" not in everything
        for secret in (b"key_hash", b"token_hash", b"whsec_", b"summary_embedding"):
            assert secret not in everything

    async def test_nothing_stays_table_by_table(
        self, full: Person, supabase: TestSupabase, app: FastAPI, pg_shared: TestDatabase
    ) -> None:
        keys = [redis_keys.cache_foundation(full.workspace_id)]
        await app.state.redis.set(keys[0], "{}")
        assert supabase.objects_of(full)
        before = self.rows(pg_shared, full)
        assert len(before) > 25
        assert min(before.values()) >= 1, before
        wrong = await full.delete("/workspace", params={"confirm": str(full.id)})
        problem(wrong, 409, "not_confirmed")
        assert self.rows(pg_shared, full) == before
        answer = await full.delete("/workspace", params={"confirm": str(full.workspace_id)})
        assert answer.json() == {"deleted": True}
        after = self.rows(pg_shared, full)
        assert {table: count for table, count in after.items() if count} == {}
        assert supabase.objects_of(full) == []
        assert await app.state.redis.exists(*keys) == 0
        problem(await full.get("/moves"), 409, "workspace_not_initialized")

    async def test_the_books_stay_and_the_account_can_begin_anew(
        self, full: Person, pg_shared: TestDatabase
    ) -> None:
        books = "select count(*) from public.{} where user_id = %s"
        kept = ("payments", "invoices", "credit_notes", "budget_months")
        with psycopg.connect(pg_shared.superuser_dsn) as sql:
            counts = [
                sql.execute(SQL(books).format(Identifier(t)), (full.id,)).fetchone() for t in kept
            ]
            await full.delete("/workspace", params={"confirm": str(full.workspace_id)})
            assert counts == [
                sql.execute(SQL(books).format(Identifier(t)), (full.id,)).fetchone() for t in kept
            ]
        anew = (await full.post("/auth/initialize")).json()
        assert anew["status"] == "initialized"
        assert anew["workspace_id"] != str(full.workspace_id)
        assert (await full.get("/moves")).json()["moves"] == []

    async def test_of_a_deleted_account_no_name_is_left(
        self, full: Person, pg_shared: TestDatabase, supabase: TestSupabase
    ) -> None:
        """Every table is searched for the address and the name; only what names nobody stays."""
        name = f"Zephyrine {full.id.hex[:10]}"
        wrong = await full.delete("/auth/me", params={"confirm": str(full.workspace_id)})
        problem(wrong, 409, "not_confirmed")
        with psycopg.connect(pg_shared.superuser_dsn) as sql:
            sql.execute("update public.users set full_name = %s where id = %s", (name, full.id))
        assert self.tables_that_say(pg_shared, full.email) >= {"auth.users", "public.users"}
        confirmed = {"confirm": str(full.id)}
        answer = await full.delete("/auth/me", params=confirmed)
        assert answer.json() == {"deleted": True}
        assert {t: n for t, n in self.rows(pg_shared, full).items() if n} == {}
        assert supabase.objects_of(full) == []
        assert self.tables_that_say(pg_shared, full.email) == set()
        assert self.tables_that_say(pg_shared, name) == set()
        assert self.tables_that_say(pg_shared, str(full.id)) <= KEPT
        problem(await full.post("/auth/initialize"), 404, "user_not_found")
        problem(await full.get("/moves"), 409, "workspace_not_initialized")
        again = await full.delete("/auth/me", params=confirmed)  # half done once is done anew
        assert again.json() == {"deleted": True}

    def tables_that_say(self, pg: TestDatabase, text: str) -> set[str]:
        """Tables of the account and of the product with this text in any row; asked of the catalogue."""
        found = set()
        with psycopg.connect(pg.superuser_dsn) as sql:
            for schema, table in sql.execute(
                "select schemaname, tablename from pg_tables where schemaname in ('public', 'auth')"
            ).fetchall():
                held = sql.execute(
                    SQL("select 1 from {} t where position(%s in t::text) > 0 limit 1").format(
                        Identifier(schema, table)
                    ),
                    (text,),
                ).fetchone()
                if held:
                    found.add(f"{schema}.{table}")
        return found

    def rows(self, pg: TestDatabase, person: Person) -> dict[str, int]:
        """How many rows each table with a workspace has of this one; asked of the catalogue."""
        counts: dict[str, int] = {}
        with psycopg.connect(pg.superuser_dsn) as sql:
            for (table,) in sql.execute(
                "select table_name from information_schema.columns where table_schema = 'public'"
                " and column_name = 'workspace_id' and table_name in"
                " (select tablename from pg_tables where schemaname = 'public') order by 1"
            ).fetchall():
                row: Any = sql.execute(
                    SQL("select count(*) from public.{} where workspace_id = %s").format(
                        Identifier(table)
                    ),
                    (person.workspace_id,),
                ).fetchone()
                counts[table] = row[0]
            row = sql.execute(
                "select count(*) from public.workspaces where id = %s", (person.workspace_id,)
            ).fetchone()
            counts["workspaces"] = row[0]
        return counts
