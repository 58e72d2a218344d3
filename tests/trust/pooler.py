"""PgBouncer in transaction mode before a Postgres: each transaction may have another session."""

import contextlib
import shutil
import subprocess
import time
from collections.abc import Iterator
from urllib.parse import unquote, urlsplit

import psycopg
import pytest

from backend.core.config import Settings
from backend.local.accounts import server_account
from backend.local.ports import free_port
from tests.local.holders import temporary_folder

SESSIONS = 4
"""Fewer than there are callers, so that a session goes from tenant to tenant."""
CONFIGURATION = """[databases]
* = host=127.0.0.1 port={postgres}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
pool_mode = transaction
default_pool_size = {sessions}
max_client_conn = 500
auth_type = scram-sha-256
auth_file = {folder}/users
logfile = {folder}/log
log_connections = 0
log_disconnections = 0
"""


def program() -> str:
    """Where it is; the test is skipped when it is nowhere."""
    found = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")
    if found is None:
        pytest.skip("PgBouncer is not installed (Debian: pgbouncer)")
    return found


@contextlib.contextmanager
def pooled(settings: Settings, sessions: int = SESSIONS) -> Iterator[Settings]:
    """The same settings, with the database behind the pooler."""
    command, direct = program(), urlsplit(settings.database_url.get_secret_value())
    port = free_port("127.0.0.1", 0)
    with temporary_folder() as folder:
        account = server_account(folder / "none")
        users, file = folder / "users", folder / "pgbouncer.ini"
        users.write_text(f'"{direct.username}" "{unquote(direct.password or "")}"\n')
        file.write_text(
            CONFIGURATION.format(port=port, postgres=direct.port, sessions=sessions, folder=folder)
        )
        users.chmod(0o600)
        account.own(folder, users, file)
        process = subprocess.Popen([command, "-q", file], **account.options)
        try:
            changed = direct._replace(netloc=direct.netloc.replace(f":{direct.port}", f":{port}"))
            _wait(changed.geturl(), process)
            secret = type(settings.database_url)
            yield settings.model_copy(update={"database_url": secret(changed.geturl())})
        finally:
            process.terminate()
            process.wait()


def _wait(dsn: str, process: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + 30
    while True:
        try:
            psycopg.connect(dsn, prepare_threshold=None).close()
        except psycopg.OperationalError:
            assert process.poll() is None, "PgBouncer ended"
            if time.monotonic() > until:
                raise
            time.sleep(0.05)
        else:
            return
