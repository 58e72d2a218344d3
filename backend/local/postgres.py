"""Embedded Postgres 18 with pgvector, made like a hosted Supabase project: `start(directory).dsn(role)`.

Any number of processes may start the same directory and share one server (`clients.py`); `cluster.py` is the
process that keeps it. What migrations expect of a project before the first of them is `supabase_shim.sql`.
"""

import hashlib
import urllib.parse
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from psycopg import sql

from backend.local import clients
from backend.local.clients import HOST, Claim, ServerError
from backend.local.cluster import SUPERUSER

SHIM = Path(__file__).with_name("supabase_shim.sql")
LOGIN_ROLES = ("postgres", "authenticator", "supabase_auth_admin")
SHIM_LOCK = "select pg_advisory_xact_lock(hashtextextended('raptorflow:shim', 0))"
SHIM_VERSION = "select obj_description(to_regnamespace('auth'), 'pg_namespace')"


@dataclass(frozen=True)
class Server:
    """A running Postgres, in use by this process until `leave` or its end."""

    port: int
    password: str = field(repr=False)
    claim: Claim = field(repr=False)

    def dsn(self, role: str = "postgres", database: str = "postgres") -> str:
        """The address for a role: `postgres` migrates, `raptorflow_app` serves, `supabase_auth_admin`
        signs people in. All of them have the one password of this directory.
        """
        password = urllib.parse.quote(self.password)
        return f"postgresql://{role}:{password}@{HOST}:{self.port}/{database}?sslmode=disable"

    def superuser_dsn(self, database: str = "postgres") -> str:
        return self.dsn(SUPERUSER, database)

    def is_running(self) -> bool:
        return self.claim.is_served()

    def leave(self) -> None:
        """Use it no more. It stops, before this returns, when nobody else uses it."""
        self.claim.release()


def start(directory: str | Path) -> Server:
    """Start the server of this directory, or join it. Raises ServerError."""
    home = Path(directory).expanduser().resolve()
    claim = clients.join(home, "backend.local.cluster")
    server = Server(int((home / "port").read_text()), (home / "password").read_text(), claim)
    try:
        _make_like_supabase(server)
    except psycopg.Error as error:
        server.leave()
        raise ServerError(f"the embedded Postgres cannot be set up: {error}") from error
    return server


def set_password(server: Server, role: str) -> None:
    """Let a role log in; migrations make `raptorflow_app` without a password."""
    with psycopg.connect(server.superuser_dsn(), autocommit=True) as connection:
        _set_password(connection, role, server.password)


def _make_like_supabase(server: Server) -> None:
    """Apply the shim where it has not been, or has been in an older form."""
    shim = SHIM.read_bytes()
    version = f"supabase shim {hashlib.sha256(shim).hexdigest()[:16]}"
    with (
        psycopg.connect(server.superuser_dsn(), autocommit=True) as connection,
        connection.transaction(),
    ):
        connection.execute(SHIM_LOCK)
        if connection.execute(SHIM_VERSION).fetchone() == (version,):
            return
        connection.execute(shim)
        for role in LOGIN_ROLES:
            _set_password(connection, role, server.password)
        connection.execute(sql.SQL("comment on schema auth is {}").format(version))


def _set_password(connection: psycopg.Connection, role: str, password: str) -> None:
    """Sent as a verifier: the statement may end up in a log."""
    verifier = connection.pgconn.encrypt_password(
        password.encode(), role.encode(), b"scram-sha-256"
    ).decode()
    statement = sql.SQL("alter role {} password {}").format(sql.Identifier(role), verifier)
    connection.execute(statement)
