"""An API in a process of its own, and clients that follow runs line by line."""

import asyncio
import contextlib
import json
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import psutil

from backend.core.config import Settings
from tests.people import Person
from tests.workers import environment

PATIENCE = httpx.Timeout(240, connect=30)


class Api:
    """`uvicorn backend.main:app` on a port that it keeps; it can be killed and started again."""

    def __init__(self, settings: Settings, **changes: str) -> None:
        assert settings.supabase_jwt_secret is not None
        with socket.create_server(("127.0.0.1", 0)) as listener:
            self.port: int = listener.getsockname()[1]
        self.root = f"http://127.0.0.1:{self.port}"
        self.url = f"{self.root}/api/v1"
        self._env = environment(
            settings,
            SUPABASE_JWT_SECRET=settings.supabase_jwt_secret.get_secret_value(),
            RATE_LIMIT_API="1000000",
            RATE_LIMIT_AGENT="1000000",
            **changes,
        )
        self._process: subprocess.Popen[bytes] | None = None

    async def start(self) -> None:
        command = [sys.executable, "-m", "uvicorn", "backend.main:app", "--port", str(self.port)]
        self._process = subprocess.Popen([*command, "--log-level", "warning"], env=self._env)
        async with httpx.AsyncClient(timeout=2) as http, asyncio.timeout(120):
            while True:
                with contextlib.suppress(httpx.HTTPError):
                    if (await http.get(f"http://127.0.0.1:{self.port}/live")).status_code == 200:
                        return
                await asyncio.sleep(0.1)

    def kill(self) -> None:
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def stop(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            self._process.wait(30)

    @property
    def process(self) -> psutil.Process:
        assert self._process is not None
        return psutil.Process(self._process.pid)

    @property
    def resident_bytes(self) -> int:
        return int(self.process.memory_info().rss)


@contextlib.asynccontextmanager
async def serving_api(settings: Settings, **changes: str) -> AsyncIterator[Api]:
    """`changes`: more variables of its environment."""
    api = Api(settings, **changes)
    try:
        await api.start()
        yield api
    finally:
        api.stop()


def client(root: str = "") -> httpx.AsyncClient:
    """A connection for each request."""
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=0)
    return httpx.AsyncClient(base_url=root, timeout=PATIENCE, limits=limits)


@dataclass
class Follower:
    """One client with one run. It comes back after the last line it has when it loses the connection."""

    person: Person
    url: str
    http: httpx.AsyncClient
    number: int
    lines: list[dict[str, Any]] = field(default_factory=list)
    first_byte: float = 0.0
    came_back: int = 0
    begun: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def headers(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self.person.token}"}

    @property
    def body(self) -> dict[str, Any]:
        return {
            "request_type": "moves",
            "request_data": {"query": f"weather number {self.number}?"},
        }

    @property
    def ended(self) -> bool:
        return bool(self.lines) and self.lines[-1]["status"] in ("complete", "error")

    @property
    def unbroken(self) -> bool:
        """Every line once, in order."""
        return [line["seq"] for line in self.lines] == list(range(1, len(self.lines) + 1))

    async def follow(self) -> None:
        """To the end, whatever happens to the connection."""
        await self._read("POST", "/agents/execute/stream", json=self.body)
        while not self.ended:
            await asyncio.sleep(0.2)
            self.came_back += 1
            run, after = self.lines[0]["run_id"], self.lines[-1]["seq"]
            await self._read("GET", f"/agents/runs/{run}/events?after={after}")

    async def leave_after_first_line(self) -> None:
        url = f"{self.url}/agents/execute/stream"
        async with self.http.stream("POST", url, headers=self.headers, json=self.body) as answer:
            async for line in answer.aiter_lines():
                self.lines.append(json.loads(line))
                return

    async def _read(self, method: str, path: str, **options: Any) -> None:
        began = time.perf_counter()
        with contextlib.suppress(httpx.TransportError):
            async with self.http.stream(
                method, f"{self.url}{path}", headers=self.headers, **options
            ) as answer:
                assert answer.status_code == 200, await answer.aread()
                async for line in answer.aiter_lines():
                    self.first_byte = self.first_byte or time.perf_counter() - began
                    self.lines.append(json.loads(line))
                    self.begun.set()
