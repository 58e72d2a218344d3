"""Workers in tests: inside the test's own process, or as processes that can be killed."""

import asyncio
import contextlib
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

from backend.core.config import Settings
from backend.services.llm import ModelProvider
from backend.worker import run_worker


@contextlib.asynccontextmanager
async def working(
    settings: Settings, provider: ModelProvider | None = None, grace_seconds: float = 5
) -> AsyncIterator[asyncio.Event]:
    """A worker in this event loop; setting the event stops it early."""
    stop, ready = asyncio.Event(), asyncio.Event()
    work = run_worker(
        settings, stop=stop, ready=ready.set, provider=provider, grace_seconds=grace_seconds
    )
    task = asyncio.create_task(work)
    started = asyncio.create_task(ready.wait())
    await asyncio.wait([task, started], return_when=asyncio.FIRST_COMPLETED)
    started.cancel()
    try:
        yield stop
    finally:
        stop.set()
        await task


def environment(settings: Settings, **changes: str) -> dict[str, str]:
    """The variables that give a child process these settings."""
    secrets = {
        "DATABASE_URL": settings.database_url,
        "REDIS_URL": settings.redis_url,
        "SUPABASE_ANON_KEY": settings.supabase_anon_key,
        "SUPABASE_SERVICE_KEY": settings.supabase_service_key,
    }
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    plain = {"ENVIRONMENT": "test", "SUPABASE_URL": settings.supabase_url, "LOG_LEVEL": "WARNING"}
    shown = {name: value.get_secret_value() for name, value in secrets.items() if value}
    return {**kept, **plain, **shown, **changes}


@contextlib.contextmanager
def crew_of_the_dying(
    settings: Settings, folder: Path, size: int, max_attempts: int
) -> Iterator[subprocess.Popen[bytes]]:
    """Workers of `tests.fakes.dying_worker`, replaced as they die."""
    (folder / "markers").mkdir()
    command = [sys.executable, "-m", "tests.fakes.dying_worker", str(folder), str(size)]
    env = environment(settings, WORKER_CONCURRENCY="1", RUN_MAX_ATTEMPTS=str(max_attempts))
    crew = subprocess.Popen(command, env=env)
    try:
        yield crew
    finally:
        crew.terminate()
        try:
            crew.wait(20)
        except subprocess.TimeoutExpired:
            crew.kill()
            crew.wait()
