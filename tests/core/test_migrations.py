"""The migration runner, on a database as a hosted project has it: `postgres` is no superuser."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import uuid4

import procrastinate
import psycopg
import pytest
from psycopg.rows import dict_row

from backend.cli import verify
from backend.cli.isolation.catalogue import Table, read_tables
from backend.cli.isolation.tenants import populate, sign_up
from backend.core import migrations
from backend.core.migrations import MigrationError, migrate, pending
from backend.local.postgres import Server

ONE = ("20260101000000_one.sql", "create table one (n int);\n\ninsert into one values (1);")
TWO = ("20260102000000_two.sql", "create table two (n int references one_id);")
TWO_MENDED = ("20260102000000_two.sql", "alter table one add column m int; -- it's; $$ fine $$")
YESTERDAY = "20261127"
"""Files from here on are applied to a database that has rows."""
THREE = ("20260103000000_three.sql", "create function three() returns int language sql return 3;")


@pytest.fixture(scope="module")
def blank(server: Server, template: str) -> Iterator[str]:
    """The owner's address of a database before its first migration; the cluster's roles are there."""
    yield from _database(server)


@pytest.fixture
def fresh(server: Server, template: str) -> Iterator[str]:
    """The same for one test alone."""
    yield from _database(server)


def _database(server: Server) -> Iterator[str]:
    name = f"test_{uuid4().hex[:16]}"
    with psycopg.connect(server.superuser_dsn("template1"), autocommit=True) as connection:
        connection.execute(f"create database {name} template postgres owner postgres".encode())
        yield server.dsn(database=name)
        connection.execute(f"drop database {name} with (force)".encode())


def folder_with(path: Path, *files: tuple[str, str]) -> Path:
    path.mkdir(exist_ok=True)
    for name, text in files:
        (path / name).write_text(text)
    return path


def ask(dsn: str, query: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(dsn, autocommit=True) as connection:
        cursor = connection.execute(query.encode())
        return cursor.fetchall() if cursor.description else []


HISTORY = (
    "select version, name, statements from supabase_migrations.schema_migrations order by version"
)


class TestApplying:
    def test_each_file_once_in_order_and_recorded_as_the_cli_does(
        self, fresh: str, tmp_path: Path
    ) -> None:
        folder = folder_with(tmp_path, THREE, ONE)
        heard: list[str] = []
        assert pending(fresh, folder) == [ONE[0], THREE[0]]
        applied = migrate(fresh, folder, heard.append)
        assert applied[:2] == [ONE[0], THREE[0]]
        assert heard == applied
        assert ask(fresh, HISTORY) == [
            ("20260101000000", "one", [ONE[1]]),
            ("20260103000000", "three", [THREE[1]]),
        ]
        assert migrate(fresh, folder) == []
        assert pending(fresh, folder) == []
        assert ask(fresh, "select n from one") == [(1,)]

    def test_after_the_cli_and_before_it(self, fresh: str, tmp_path: Path) -> None:
        """The CLI splits a file into statements and may leave them null; the table is its own."""
        ask(
            fresh,
            "create schema supabase_migrations; create table supabase_migrations.schema_migrations"
            " (version text not null primary key, statements text[], name text);"
            " create table one (n int); insert into supabase_migrations.schema_migrations"
            " values ('20260101000000', null, 'one')",
        )
        applied = migrate(fresh, folder_with(tmp_path, ONE, TWO_MENDED))
        assert applied[0] == TWO_MENDED[0]
        columns = ask(
            fresh,
            "select column_name, data_type, is_nullable from information_schema.columns"
            " where table_schema = 'supabase_migrations' order by 1",
        )
        assert columns == [
            ("name", "text", "YES"),
            ("statements", "ARRAY", "YES"),
            ("version", "text", "NO"),
        ]

    def test_a_history_of_an_old_cli_gets_its_columns(self, fresh: str, tmp_path: Path) -> None:
        ask(
            fresh,
            "create schema supabase_migrations; create table supabase_migrations.schema_migrations"
            " (version text not null primary key)",
        )
        migrate(fresh, folder_with(tmp_path, ONE))
        assert ask(fresh, HISTORY) == [("20260101000000", "one", [ONE[1]])]

    def test_replicas_that_start_at_once_apply_each_file_once(
        self, fresh: str, tmp_path: Path
    ) -> None:
        slow = (TWO[0], "select pg_sleep(0.05); create table two ();")
        folder = folder_with(tmp_path, ONE, slow, THREE)
        with ThreadPoolExecutor(4) as pool:
            applied = list(pool.map(lambda _: migrate(fresh, folder), range(4)))
        steps = [step for replica in applied for step in replica]
        assert sorted(steps)[:3] == [ONE[0], TWO[0], THREE[0]]
        assert len(steps) == 4
        assert ask(fresh, "select count(*) from one") == [(1,)]

    def test_settings_of_one_file_do_not_reach_the_next(self, fresh: str, tmp_path: Path) -> None:
        lost = ("20260101000000_a.sql", "set search_path = pg_catalog; select 1;")
        migrate(fresh, folder_with(tmp_path, lost, THREE))
        assert ask(fresh, "select public.three()") == [(3,)]


class TestRefusing:
    def test_a_failing_file_leaves_nothing_of_itself(self, fresh: str, tmp_path: Path) -> None:
        broken = (TWO[0], "create table left_behind ();\n\nselect no_such_thing;")
        with pytest.raises(MigrationError) as caught:
            migrate(fresh, folder_with(tmp_path, ONE, broken, THREE))
        assert str(caught.value) == f'{TWO[0]} line 3: column "no_such_thing" does not exist'
        assert ask(fresh, "select to_regclass('left_behind')") == [(None,)]
        assert [version for version, *_ in ask(fresh, HISTORY)] == ["20260101000000"]
        assert len(migrate(fresh, folder_with(tmp_path, TWO_MENDED))) == 3

    def test_a_version_that_the_folder_lacks(self, fresh: str, tmp_path: Path) -> None:
        migrate(fresh, folder_with(tmp_path / "new", ONE, THREE))
        with pytest.raises(MigrationError, match=r"20260103000000, which this version .* lacks"):
            migrate(fresh, folder_with(tmp_path / "old", ONE))

    def test_a_file_that_sorts_before_an_applied_one(self, fresh: str, tmp_path: Path) -> None:
        migrate(fresh, folder_with(tmp_path, ONE, THREE))
        with pytest.raises(MigrationError, match=f"{TWO[0]} sorts before 20260103000000"):
            migrate(fresh, folder_with(tmp_path, TWO_MENDED))
        assert ask(fresh, "select to_regclass('two')") == [(None,)]

    @pytest.mark.parametrize("control", ["commit;", "BEGIN ;", "start  transaction;", "rollback;"])
    def test_a_file_that_would_end_its_transaction(
        self, blank: str, tmp_path: Path, control: str
    ) -> None:
        folder = folder_with(tmp_path, ("1_a.sql", f"create table torn ();\n  {control}\n"))
        with pytest.raises(MigrationError, match=re.escape(f"`{control}` is not for a migration")):
            migrate(blank, folder)
        assert ask(blank, "select to_regclass('torn')") == [(None,)]

    def test_plpgsql_blocks_are_no_transactions(self, fresh: str, tmp_path: Path) -> None:
        block = "do $$\nbegin\n  perform 1;\nend;\n$$;"
        assert migrate(fresh, folder_with(tmp_path, (ONE[0], block)))[0] == ONE[0]

    @pytest.mark.parametrize(
        ("names", "complaint"),
        [
            (["1_a.sql", "1_b.sql"], "1_a.sql and 1_b.sql have the same version"),
            (["a.sql"], "a.sql: a migration is named"),
            ([], "there are no migrations in"),
        ],
    )
    def test_a_folder_without_an_order(
        self, tmp_path: Path, names: list[str], complaint: str
    ) -> None:
        folder = folder_with(tmp_path, *((name, "select 1") for name in names))
        with pytest.raises(MigrationError, match=complaint):
            migrations.read_folder(folder)

    def test_a_database_that_does_not_answer(self, tmp_path: Path) -> None:
        with pytest.raises(MigrationError, match="cannot be reached") as caught:
            migrate("postgresql://u:secret@127.0.0.1:1/d", folder_with(tmp_path, ONE))
        assert "secret" not in str(caught.value)


class TestJobs:
    """The queue's tables, used as the service uses them: as `raptorflow_app`."""

    @pytest.fixture(scope="class")
    def jobs(self, blank: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
        folder = folder_with(tmp_path_factory.mktemp("migrations"), ONE)
        migrate(blank, folder)
        return folder

    @pytest.fixture(scope="class")
    def app_dsn(self, jobs: Path, blank: str) -> str:
        return blank.replace("//postgres:", "//raptorflow_app:")

    async def test_a_job_is_staged_in_the_callers_transaction(self, app_dsn: str) -> None:
        queue, done = _queue(app_dsn)
        for outcome in ("rollback", "commit"):
            async with await psycopg.AsyncConnection.connect(
                app_dsn, autocommit=True, row_factory=dict_row, prepare_threshold=None
            ) as connection:
                await connection.execute("begin; set local role service_role")
                job = queue.configure_task("note", connection=connection)
                await job.defer_async(word=outcome)
                await connection.execute(outcome.encode())
        async with queue.open_async():
            await queue.run_worker_async(wait=False, install_signal_handlers=False)
        assert done == ["commit"]

    def test_users_reach_none_of_it(self, jobs: Path, blank: str) -> None:
        for role in ("anon", "authenticated"):
            (granted,) = ask(
                blank,
                f"select has_schema_privilege('{role}', 'jobs', 'usage'), bool_or("
                f"has_function_privilege('{role}', oid, 'execute')) from pg_proc"
                " where pronamespace = 'jobs'::regnamespace",
            )
            assert granted == (False, False)

    def test_its_functions_find_its_tables_under_any_search_path(self, app_dsn: str) -> None:
        with psycopg.connect(app_dsn) as connection:
            connection.execute("set search_path = pg_catalog")
            connection.execute(
                "insert into jobs.procrastinate_jobs (queue_name, task_name) values ('q', 't')"
            )
            events = connection.execute("select type::text from jobs.procrastinate_events")
            assert ("deferred",) in events.fetchall()
            connection.rollback()

    def test_a_newer_library_brings_its_own_migrations(self, jobs: Path, blank: str) -> None:
        """As if the schema had been made before the library's last migration."""
        trigger = "procrastinate_trigger_function_status_events_update_v1"
        ask(
            blank,
            f"drop function jobs.{trigger} cascade;"
            " comment on schema jobs is '03.04.00_01_pre_add_retry_failed_job_procedure.sql'",
        )
        last = "03.04.00_50_post_add_retry_failed_job_procedure.sql"
        assert migrate(blank, jobs) == [f"jobs: procrastinate {last}"]
        pinned = f"select proconfig from pg_proc where oid = 'jobs.{trigger}'::regproc"
        assert ask(blank, pinned) == [(["search_path=jobs, pg_temp"],)]
        assert migrate(blank, jobs) == []


def _queue(dsn: str) -> tuple[procrastinate.App, list[str]]:
    connector = procrastinate.PsycopgConnector(
        conninfo=dsn, min_size=1, max_size=2, kwargs={"prepare_threshold": None}
    )
    queue = procrastinate.App(connector=connector)
    done: list[str] = []

    @queue.task(name="note")
    async def note(word: str) -> None:
        done.append(word)

    return queue, done


class TestUpgrading:
    """U2: from the schema of the day before, with rows in every table of it."""

    def test_no_row_is_lost_and_tenants_are_still_kept_apart(
        self, fresh: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        old = [file for file in migrations.FOLDER.glob("*.sql") if file.name < YESTERDAY]
        assert 0 < len(old) < len(list(migrations.FOLDER.glob("*.sql")))
        migrate(fresh, folder_with(tmp_path / "old", *((f.name, f.read_text()) for f in old)))
        with psycopg.connect(fresh, autocommit=True) as owner:
            tables = read_tables(owner)
            for tag in ("AX", "BX"):
                populate(owner, tables, sign_up(owner, tag))
            before = {name: keys(owner, table) for name, table in tables.items()}
        assert min(map(len, before.values())) > 0
        migrate(fresh)
        with psycopg.connect(fresh, autocommit=True) as owner:
            after = {name: keys(owner, table) for name, table in tables.items()}
        assert {name for name in before if not before[name] <= after[name]} == set()
        code = verify.run(database_url=fresh, as_json=False, data_dir=tmp_path)
        assert code == 0, capsys.readouterr().out


def keys(connection: psycopg.Connection[Any], table: Table) -> set[tuple[Any, ...]]:
    names = ", ".join(table.primary_key)
    return set(connection.execute(f"select {names} from public.{table.name}".encode()).fetchall())
