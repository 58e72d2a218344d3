"""The web app beside the API: built once for its sources, served by Node, and ended with the stack."""

import asyncio
import contextlib
import hashlib
import ipaddress
import os
import re
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import httpx
import structlog

from backend.local.processes import FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS, child_environment

log = structlog.get_logger("stack")

FOLDER = Path(__file__).parents[2] / "frontend"
OLDEST_NODE = (20, 19)
SOURCES = ("src", "scripts", "public", "package.json", "package-lock.json", "next.config.ts")
BUILT = ".next/raptorflow-sources"
"""In a built app: the digest of the sources it was built from."""
INSTALLED = "node_modules/.package-lock.json"
READY_SECONDS = 60.0
LOOK_SECONDS = 0.1
GRACE_SECONDS = 5.0
BUILD_MEMORY_MB = 3000

Announce = Callable[[str], None]


class WebError(Exception):
    """Why the web app is not there, in one sentence."""


def why_not(folder: Path = FOLDER) -> str | None:
    """Why this machine cannot serve the web app, or None when it can."""
    if not (folder / "package.json").exists():
        return "not part of this installation"
    if not (shutil.which("node") and shutil.which("npm")):
        return f"needs Node {_version(OLDEST_NODE)} or newer with npm, which is not installed"
    return None


class WebApp:
    """`run` builds what has changed, serves, and serves again what has died; `stop` ends it.

    A build that fails is told and ends `run`: the stack goes on without its web app.
    """

    def __init__(
        self,
        port: int,
        host: str,
        settings: Mapping[str, str],
        logs: Path,
        announce: Announce,
        folder: Path = FOLDER,
    ) -> None:
        self._folder, self._port, self._host = folder, port, host
        self._settings, self._announce = settings, announce
        self._log = logs / "web.log"
        self._told_to_stop = asyncio.Event()

    @property
    def url(self) -> str:
        """By name, because a browser's development tools and cookies treat `localhost` as safe."""
        address = ipaddress.ip_address(self._host)
        here = address.is_loopback or address.is_unspecified
        return f"http://{'localhost' if here else self._host}:{self._port}"

    @property
    def is_built(self) -> bool:
        mark = self._folder / BUILT
        return mark.exists() and mark.read_text() == self._digest()

    async def run(self) -> None:
        try:
            await self._check_node()
            if not self.is_built:
                await self._build()
            if not self._told_to_stop.is_set():
                await self._serve()
        except WebError as error:
            self._announce(f"{error}; {self._log} says more")

    def stop(self) -> None:
        self._told_to_stop.set()

    # --- building ------------------------------------------------------------------------------------

    def _digest(self) -> str:
        """Of the names and contents of every source."""
        found = hashlib.sha256()
        for name in SOURCES:
            path = self._folder / name
            files = sorted(path.rglob("*")) if path.is_dir() else [path]
            for file in files:
                if file.is_file():
                    found.update(str(file.relative_to(self._folder)).encode())
                    found.update(file.read_bytes())
        return found.hexdigest()

    async def _check_node(self) -> None:
        asking = await asyncio.create_subprocess_exec(
            "node", "--version", stdout=asyncio.subprocess.PIPE
        )
        said, _ = await asking.communicate()
        numbers = re.match(r"v(\d+)\.(\d+)", said.decode())
        if not numbers or tuple(map(int, numbers.groups())) < OLDEST_NODE:
            raise WebError(
                f"needs Node {_version(OLDEST_NODE)} or newer, found {said.decode().strip()}"
            )

    async def _build(self) -> None:
        self._announce("building for the first time, which takes a minute or two")
        digest = self._digest()
        if self._is_out_of_date():
            await self._npm("ci", "--no-audit", "--no-fund")
        await self._npm("run", "build")
        if not self._told_to_stop.is_set():
            (self._folder / BUILT).write_text(digest)

    def _is_out_of_date(self) -> bool:
        installed, wanted = self._folder / INSTALLED, self._folder / "package-lock.json"
        return not installed.exists() or installed.stat().st_mtime < wanted.stat().st_mtime

    async def _npm(self, *words: str) -> None:
        if self._told_to_stop.is_set():
            return
        settings = {
            "NODE_OPTIONS": f"--max-old-space-size={BUILD_MEMORY_MB}",
            "NEXT_TELEMETRY_DISABLED": "1",
            "PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD": "1",
        }
        process = await self._start("npm", *words, settings=settings)
        await self._until_ended_or_stopped(process)
        if process.returncode and not self._told_to_stop.is_set():
            raise WebError(f"`npm {' '.join(words)}` failed")

    # --- serving -------------------------------------------------------------------------------------

    async def _serve(self) -> None:
        pause, was_ready = FIRST_PAUSE_SECONDS, False
        settings = {
            **self._settings,
            "PORT": str(self._port),
            "HOSTNAME": self._host,
            "NODE_ENV": "production",
        }
        while not self._told_to_stop.is_set():
            process = await self._start("node", "scripts/serve.mjs", settings=settings)
            if not was_ready and await self._answers(process):
                was_ready = True
                self._announce(self.url)
            await self._until_ended_or_stopped(process)
            if self._told_to_stop.is_set():
                return
            if not was_ready:
                raise WebError("it ended before it answered")
            log.warning("web_app_died", code=process.returncode, restart_in_seconds=pause)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._told_to_stop.wait(), pause)
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)

    async def _answers(self, process: asyncio.subprocess.Process) -> bool:
        """Whether it does in time, while it lives and is wanted."""
        deadline = asyncio.get_running_loop().time() + READY_SECONDS
        async with httpx.AsyncClient(timeout=5, trust_env=False) as http:
            while asyncio.get_running_loop().time() < deadline:
                if process.returncode is not None or self._told_to_stop.is_set():
                    return False
                with contextlib.suppress(httpx.HTTPError):
                    await http.get(f"{self.url}/icon.svg")
                    return True
                await asyncio.sleep(LOOK_SECONDS)
        raise WebError("it does not answer")

    # --- processes -----------------------------------------------------------------------------------

    async def _start(
        self, *command: str, settings: Mapping[str, str]
    ) -> asyncio.subprocess.Process:
        """Its standard input stays open as long as we live: the server ends when it closes."""
        with self._log.open("ab") as output:
            return await asyncio.create_subprocess_exec(
                *command,
                cwd=self._folder,
                env=child_environment(settings),
                stdin=asyncio.subprocess.PIPE,
                stdout=output,
                stderr=output,
                start_new_session=True,  # npm and its children are ended as one group
            )

    async def _until_ended_or_stopped(self, process: asyncio.subprocess.Process) -> None:
        ended = asyncio.ensure_future(process.wait())
        stopped = asyncio.ensure_future(self._told_to_stop.wait())
        try:
            await asyncio.wait([ended, stopped], return_when=asyncio.FIRST_COMPLETED)
            if process.returncode is None:
                _tell(process, 15)
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(asyncio.shield(ended), GRACE_SECONDS)
                if process.returncode is None:
                    _tell(process, 9)
                    await ended
        finally:
            ended.cancel()
            stopped.cancel()


def _tell(process: asyncio.subprocess.Process, signal: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal)


def _version(numbers: tuple[int, int]) -> str:
    return ".".join(map(str, numbers))
