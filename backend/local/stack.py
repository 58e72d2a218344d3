"""The embedded stack: what is not set in the environment is started here (ARCHITECTURE 3)."""

import secrets
import shutil
import socket
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Literal

import psycopg
from starlette.applications import Starlette

from backend.core import migrations
from backend.core.config import Settings, given_settings, load_settings
from backend.core.gst import check_character
from backend.domain.invoices import missing_settings
from backend.local import accounts, ports, postgres, redis
from backend.local.address import StackError
from backend.local.auth import LocalKeys
from backend.local.phonepe import Merchant, Simulator
from backend.local.supabase import local_supabase

Origin = Literal["real", "embedded"]
Server = postgres.Server | redis.Server
Step = Callable[[str], AbstractContextManager[Callable[[str], None]]]
"""`with step(name) as say:` surrounds one part of the start; `say(detail)` tells how far it is."""

NOT_GIVEN = {
    "database_url": "postgresql://embedded",
    "redis_url": "redis://embedded",
    "supabase_url": "http://embedded",
    "supabase_anon_key": "embedded",
    "supabase_service_key": "embedded",
}
"""Stands in the settings for what is embedded, as long as it has not been started."""
SUPABASE_PORT = 54321
PHONEPE_PORT = 54322
SITE_URL = "http://localhost:3000"
LOCAL_ORIGINS = (
    "https://app.raptorflow.com,https://raptorflow.com,http://localhost:3000,http://localhost:3001"
)


@dataclass
class Embedded:
    """A server of ours that this process uses; it stops when the last process that uses it ends."""

    name: str
    server: Server
    start: Callable[[], Server]

    def revive(self) -> bool:
        """Start it again if it was killed. Raises ServerError or StackError when that is of no use."""
        if self.server.is_running():
            return False
        before, self.server = self.server, self.start()
        before.leave()
        if self.server.port != before.port:
            raise StackError(f"{self.name} ended, and its port is taken since: start again")
        return True


@dataclass
class LocalApp:
    """Something else that speaks HTTP, to be served at the listener."""

    app: Starlette
    listener: socket.socket


@dataclass
class Stack:
    """A started stack. `environment` is what a child process needs beside its parent's own."""

    settings: Settings
    parts: dict[str, Origin]
    environment: dict[str, str] = field(repr=False)
    servers: list[Embedded]
    supabase: LocalApp | None
    phonepe: LocalApp | None

    def revive(self) -> list[str]:
        """Start what was killed; the names of what had to be."""
        return [embedded.name for embedded in self.servers if embedded.revive()]

    def leave(self) -> None:
        """Return when our servers have stopped, unless another process uses them."""
        for embedded in self.servers:
            embedded.server.leave()


@dataclass
class _Parts:
    """What was started so far, and the settings that follow from it."""

    home: Path
    host: str
    step: Step
    api_url: str
    environment: dict[str, str] = field(default_factory=dict)
    servers: list[Embedded] = field(default_factory=list)
    supabase: LocalApp | None = None
    phonepe: LocalApp | None = None


def check_settings() -> tuple[Settings, frozenset[str]]:
    """The settings before anything is started, and the names of those that are given.

    Raises ConfigError for half a setting and for a wrong one.
    """
    given = given_settings()
    return load_settings(**{k: v for k, v in NOT_GIVEN.items() if k not in given}), given


def start(data_dir: Path, host: str, step: Step, api_url: str) -> Stack:
    """Start what is missing; `host` is where the local sign-in and the pay page listen.

    `api_url` is where the simulated gateway calls back.

    Raises ConfigError for wrong settings; StackError, ServerError or MigrationError for what cannot start.
    """
    _, given = check_settings()
    parts = _Parts(data_dir.resolve(), host, step, api_url)
    try:
        _start_missing(parts, given)
        return _stack_of(parts, given)
    except BaseException:
        for embedded in parts.servers:
            embedded.server.leave()
        raise


def _start_missing(parts: _Parts, given: frozenset[str]) -> None:
    try:
        if "redis_url" not in given:
            _start_redis(parts)
        if "database_url" not in given:
            _start_database(parts)
            if "phonepe_client_id" not in given:
                _start_phonepe(parts)
    except OSError as error:
        raise StackError(f"{error.filename or parts.home}: {error.strerror or error}") from error


def _stack_of(parts: _Parts, given: frozenset[str]) -> Stack:
    if "cors_origins" not in given:
        parts.environment["CORS_ORIGINS"] = LOCAL_ORIGINS
    if "database_url" not in given and "mail_url" not in given:
        parts.environment["MAIL_URL"] = (parts.home / "mail").as_uri()
        parts.environment["APP_URL"] = SITE_URL
    ours = {name.lower(): value for name, value in parts.environment.items()}
    if "log_level" not in given:
        ours["log_level"] = "WARNING"  # of the API, which shares the terminal with us
    settings = load_settings(**ours)
    if "database_url" not in given:
        seller = sample_seller(settings)
        parts.environment |= seller
        settings = load_settings(**ours, **{name.lower(): value for name, value in seller.items()})
    if "database_url" in given:
        _require_current_schema(settings)
    names = {"database": "database_url", "redis": "redis_url", "supabase": "supabase_url"}
    return Stack(
        settings=settings,
        parts={part: "real" if name in given else "embedded" for part, name in names.items()},
        environment=parts.environment,
        servers=parts.servers,
        supabase=parts.supabase,
        phonepe=parts.phonepe,
    )


def sample_seller(settings: Settings) -> dict[str, str]:
    """Who invoices on one's own machine, where payments are simulated too; nobody if any of it is set."""
    if len(missing_settings(settings)) < 3:
        return {}
    first_14 = f"{settings.company_state}AAAAA0000A1Z"
    return {
        "COMPANY_NAME": "Sample Seller (not a real company)",
        "COMPANY_ADDRESS": "1 Sample Road",
        "COMPANY_GSTIN": first_14 + check_character(first_14),
    }


def _start_redis(parts: _Parts) -> None:
    start = partial(redis.start, parts.home / "valkey")
    with parts.step("Valkey"):
        server = start()
    parts.servers.append(Embedded("Valkey", server, start))
    parts.environment["REDIS_URL"] = server.url


def _start_database(parts: _Parts) -> None:
    start = partial(postgres.start, parts.home / "postgres")
    with parts.step("Postgres"):
        server = start()
    parts.servers.append(Embedded("Postgres", server, start))
    migrate_embedded(server, parts.step)
    keys = LocalKeys.load_or_create(parts.home)
    listener = _listen_as_before(parts.home / "supabase-port", parts.host, SUPABASE_PORT)
    url = ports.url(listener)
    auth_dsn = server.dsn("supabase_auth_admin")
    parts.supabase = LocalApp(local_supabase(auth_dsn, keys, parts.home, url, SITE_URL), listener)
    parts.environment |= {
        "DATABASE_URL": server.dsn("raptorflow_app"),
        "MIGRATION_DATABASE_URL": server.dsn(),
        "SUPABASE_URL": url,
        "SUPABASE_ANON_KEY": keys.anon_key,
        "SUPABASE_SERVICE_KEY": keys.service_key,
    }


def _start_phonepe(parts: _Parts) -> None:
    """Payments on one's own machine; with a database of one's own nothing is simulated."""
    listener = _listen_as_before(parts.home / "phonepe-port", parts.host, PHONEPE_PORT)
    merchant = Merchant(
        client_id="SIMULATED",
        client_secret=secrets.token_hex(16),
        merchant_id="SIMULATEDMERCHANT",
        webhook_username="simulator",
        webhook_password=secrets.token_hex(8),
        webhook_url=f"{parts.api_url}/api/v1/webhooks/phonepe",
    )
    url = ports.url(listener)
    gateway = Simulator(merchant, url, environment="development", file=parts.home / "phonepe.json")
    parts.phonepe = LocalApp(gateway.app, listener)
    parts.environment |= {
        "PHONEPE_CLIENT_ID": merchant.client_id,
        "PHONEPE_CLIENT_SECRET": merchant.client_secret,
        "PHONEPE_MERCHANT_ID": merchant.merchant_id,
        "PHONEPE_OAUTH_URL": f"{url}/apis",
        "PHONEPE_PG_URL": f"{url}/apis",
        "PHONEPE_REDIRECT_URL": f"{SITE_URL}/billing/return",
        "PHONEPE_WEBHOOK_USERNAME": merchant.webhook_username,
        "PHONEPE_WEBHOOK_PASSWORD": merchant.webhook_password,
        "PHONEPE_AUTOPAY": "checkout",
    }


def migrate_embedded(server: postgres.Server, step: Step) -> None:
    """Bring it to the newest schema, ready for its runtime role."""
    with step("Migrations") as say:
        migrations.migrate(server.dsn(), announce=say)
        postgres.set_password(server, "raptorflow_app")


def _listen_as_before(remembered: Path, host: str, preferred: int) -> socket.socket:
    """On the port of last time if it is free: tokens and pay pages name it."""
    try:
        wanted = int(remembered.read_text())
    except (OSError, ValueError):
        wanted = preferred
    try:
        listener = ports.listen(host, wanted)
    except ports.PortTaken:
        listener = ports.listen(host, 0)
    remembered.write_text(str(listener.getsockname()[1]))
    return listener


def _require_current_schema(settings: Settings) -> None:
    try:
        missing = migrations.pending(settings.owner_database_url)
    except psycopg.Error as error:
        raise StackError(f"DATABASE_URL: {' '.join(str(error).split())}") from error
    if missing:
        raise StackError(
            f"the database lacks {len(missing)} migrations, first {missing[0]}: run `raptorflow migrate`"
        )


def remove_data(data_dir: Path) -> None:
    """Remove what a stack that has ended kept, wherever its Postgres had to live."""
    home = accounts.home_of(data_dir.resolve() / "postgres")
    shutil.rmtree(home, ignore_errors=True)
    shutil.rmtree(data_dir, ignore_errors=True)
