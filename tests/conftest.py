"""A real Postgres and a real Valkey for the whole run; a migrated database for each test process.

The servers live in a folder that later runs use again (a warm start takes a fifth of a second) and stop when
the last test process ends. The migrated template is made anew whenever a migration changes.
"""

import getpass
import hashlib
import json
import tempfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import httpx
import psycopg
import pytest
from fastapi import FastAPI
from psycopg import sql
from starlette.applications import Starlette

from backend.core.config import Settings, load_settings
from backend.core.migrations import FOLDER, migrate
from backend.local import postgres, redis
from backend.local.auth import LocalKeys
from backend.local.objects import Stored
from backend.local.phonepe import Simulator
from backend.local.postgres import SHIM, SUPERUSER, Server
from backend.local.supabase import local_supabase
from backend.main import create_app, lifespan
from tests import examples
from tests.loopback import serving
from tests.payments.gateway import credentials, simulator
from tests.people import Person, sign_up
from tests.workers import working

SHARED_SECRET = "a-shared-secret-that-only-tests-know-0123456789"


@dataclass(frozen=True)
class TestDatabase:
    """One migrated database, as each of its roles."""

    __test__ = False

    server: Server
    name: str

    @property
    def superuser_dsn(self) -> str:
        return self.server.dsn(SUPERUSER, self.name)

    @property
    def owner_dsn(self) -> str:
        return self.server.dsn("postgres", self.name)

    @property
    def app_dsn(self) -> str:
        return self.server.dsn("raptorflow_app", self.name)

    @property
    def auth_dsn(self) -> str:
        return self.server.dsn("supabase_auth_admin", self.name)


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--full`: the tests of `tests/trust` at full size, with figures (`make trust`)."""
    parser.addoption("--full", action="store_true", help="tests/trust at full size")


def _digest(paths: list[Path]) -> str:
    content = b"".join(path.name.encode() + path.read_bytes() for path in sorted(paths))
    return hashlib.sha256(content).hexdigest()[:12]


def _folder() -> Path:
    """Open to enter, because as root Postgres runs under another account."""
    folder = Path(tempfile.gettempdir()) / f"raptorflow-tests-{getpass.getuser()}"
    folder.mkdir(mode=0o711, exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    started = postgres.start(_folder() / "postgres")
    yield started
    started.leave()


@pytest.fixture(scope="session")
def template(server: Server) -> str:
    """The name of a migrated database that tests clone; made by whichever process comes first.

    Nobody connects to `postgres` or to a template: a database in use cannot be cloned.
    """
    name = f"template_{_digest([*FOLDER.glob('*.sql'), SHIM])}"
    with psycopg.connect(server.dsn(SUPERUSER, "template1"), autocommit=True) as connection:
        connection.execute("select pg_advisory_lock(7)")
        if not connection.execute(
            "select 1 from pg_database where datname = %s", (name,)
        ).fetchone():
            _make_template(server, connection, name)
    return name


def _make_template(server: Server, connection: psycopg.Connection, name: str) -> None:
    unfinished = f"making_{name}"
    _drop(connection, unfinished)
    _clone(connection, "postgres", unfinished)
    migrate(server.dsn("postgres", unfinished))
    postgres.set_password(server, "raptorflow_app")
    rename = "alter database {} rename to {}"
    connection.execute(sql.SQL(rename).format(sql.Identifier(unfinished), sql.Identifier(name)))


def _clone(connection: psycopg.Connection, source: str, target: str) -> None:
    statement = "create database {} template {} owner postgres"
    connection.execute(sql.SQL(statement).format(sql.Identifier(target), sql.Identifier(source)))


def _drop(connection: psycopg.Connection, name: str) -> None:
    connection.execute(
        sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name))
    )


@pytest.fixture(scope="session")
def pg_shared(server: Server, template: str) -> Iterator[TestDatabase]:
    """The database of this test process. Tests keep apart by using people of their own."""
    yield from _database(server, template)


@pytest.fixture
def pg(server: Server, template: str) -> Iterator[TestDatabase]:
    """A database for one test alone."""
    yield from _database(server, template)


def _database(server: Server, template: str) -> Iterator[TestDatabase]:
    name = f"test_{uuid4().hex[:16]}"
    with psycopg.connect(server.dsn(SUPERUSER, "template1"), autocommit=True) as connection:
        connection.execute("select pg_advisory_lock(8)")  # one clone of a template at a time
        _clone(connection, template, name)
        connection.execute("select pg_advisory_unlock(8)")
        yield TestDatabase(server, name)
        _drop(connection, name)


@pytest.fixture(scope="session")
def redis_url(worker_id: str) -> Iterator[str]:
    """The embedded Valkey; each test process has a database number of its own."""
    number = int(worker_id.removeprefix("gw")) + 1 if worker_id.startswith("gw") else 0
    started = redis.start(_folder() / "valkey")
    yield started.url.removesuffix("/0") + f"/{number}"
    started.leave()


@pytest.fixture(scope="session")
def worker_id(request: pytest.FixtureRequest) -> str:
    """`gw0`, `gw1` ... under xdist, else `master`."""
    return str(getattr(request.config, "workerinput", {}).get("workerid", "master"))


@dataclass(frozen=True)
class TestSupabase:
    """Auth and storage on a port of this test process."""

    __test__ = False

    url: str
    keys: LocalKeys
    folder: Path

    def objects_of(self, person: Person) -> list[Stored]:
        """What the storage holds below somebody's workspace, whether or not a row names it."""
        stored = []
        for file in self.folder.glob("storage/*/*/*"):
            about, _, data = file.read_bytes().partition(b"\n")
            stored.append(Stored(**json.loads(about), data=data))
        return [object for object in stored if object.path.startswith(f"{person.workspace_id}/")]


@pytest.fixture(scope="session")
def supabase(
    pg_shared: TestDatabase, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[TestSupabase]:
    folder = tmp_path_factory.mktemp("supabase")
    keys = LocalKeys.load_or_create(folder)
    with serving(
        lambda url: local_supabase(pg_shared.auth_dsn, keys, folder, url, "http://localhost:3000")
    ) as url:
        yield TestSupabase(url, keys, folder)


@pytest.fixture(scope="session")
def phonepe() -> Iterator[Simulator]:
    """The simulated gateway on a port of this test process; it calls nobody back."""
    made: list[Simulator] = []

    def make(url: str) -> Starlette:
        made.append(simulator(url))
        return made[0].app

    with serving(make):
        yield made[0]


@pytest.fixture(scope="session")
def settings(
    pg_shared: TestDatabase, redis_url: str, supabase: TestSupabase, phonepe: Simulator
) -> Settings:
    return load_settings(
        **credentials(phonepe.url),
        environment="test",
        log_level="WARNING",
        database_url=pg_shared.app_dsn,
        migration_database_url=pg_shared.owner_dsn,
        redis_url=redis_url,
        supabase_url=supabase.url,
        supabase_anon_key=supabase.keys.anon_key,
        supabase_service_key=supabase.keys.service_key,
        supabase_jwt_secret=SHARED_SECRET,
        auth_webhook_secret="a-webhook-secret-that-only-tests-know",
        egress_allow_networks="127.0.0.0/8",
        rate_limit_api=100_000,
        rate_limit_agent=100_000,
        run_wait_seconds=60,
        _env_file=None,
    )


@pytest.fixture(scope="session")
async def app(settings: Settings) -> AsyncIterator[FastAPI]:
    """The API with everything open, as uvicorn would have it."""
    application = create_app(settings)
    async with lifespan(application):
        yield application


@pytest.fixture(scope="session")
async def http(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    record = examples.recorder()
    hooks = {"response": [record]} if record else {}
    async with httpx.AsyncClient(
        transport=transport, base_url="http://api", event_hooks=hooks
    ) as client:
        yield client


@pytest.fixture(scope="module")
async def engine_worker(app: FastAPI, settings: Settings) -> AsyncIterator[None]:
    """Somebody who executes what the API admits, for the tests of one file."""
    async with working(settings):
        yield


@pytest.fixture
def owner(settings: Settings, pg_shared: TestDatabase, http: httpx.AsyncClient) -> Person:
    """Somebody on the free plan."""
    return sign_up(settings, pg_shared.superuser_dsn, http)


@pytest.fixture
def paying_owner(settings: Settings, pg_shared: TestDatabase, http: httpx.AsyncClient) -> Person:
    """Somebody whose plan has no limits on ICPs and moves."""
    return sign_up(settings, pg_shared.superuser_dsn, http, plan="growth")


@pytest.fixture
def stranger(settings: Settings, pg_shared: TestDatabase, http: httpx.AsyncClient) -> Person:
    """Somebody of another workspace."""
    return sign_up(settings, pg_shared.superuser_dsn, http)
