"""How soon the API is ready once its process begins, and how much memory it takes then.

`python -m benchmarks.startup [--rounds 5]`. Postgres and Valkey run already, as they do where a process is
started again. Memory is read after a first list, and again after a first search by meaning, which brings the
embedder. Exits 1 when the medians are above the aims.
"""

import argparse
import contextlib
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import httpx
import psutil

from backend.local import postgres, redis
from backend.local.ports import free_port
from benchmarks.moves_list import ROOT, SECRET, _make_scene, _token

READY_SECONDS, WITHOUT_MB, WITH_MB = 3.0, 130.0, 250.0
PATIENCE_SECONDS = 120.0


@dataclass(frozen=True)
class Start:
    """Seconds to `/ready`, processor seconds by then, and resident MB."""

    ready: float
    cpu: float
    without: float
    with_embedder: float


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=5)
    chosen = options.parse_args()
    with (
        tempfile.TemporaryDirectory(
            prefix="raptorflow-bench-", ignore_cleanup_errors=True
        ) as directory,
        contextlib.ExitStack() as stopping,
    ):
        home = Path(directory)
        home.chmod(0o755)
        database, cache = postgres.start(home / "postgres"), redis.start(home / "valkey")
        stopping.callback(database.leave)  # while its folder is there
        stopping.callback(cache.leave)
        user = _make_scene(database)[0]
        environment = {
            "DATABASE_URL": database.dsn("raptorflow_app"),
            "REDIS_URL": cache.url,
            "SUPABASE_URL": "http://127.0.0.1:1",
            "SUPABASE_ANON_KEY": "none",
            "SUPABASE_SERVICE_KEY": "none",
            "SUPABASE_JWT_SECRET": SECRET,
            "LOG_LEVEL": "WARNING",
        }
        starts = [_start(environment, user) for _ in range(chosen.rounds)]
    if not _print(starts):
        sys.exit(1)


def _start(environment: dict[str, str], user: UUID) -> Start:
    port = free_port("127.0.0.1", 0)
    command = [sys.executable, "-m", "uvicorn", "backend.main:app", "--port", str(port)]
    began = time.perf_counter()
    process = subprocess.Popen(
        [*command, "--no-access-log", "--log-level", "warning"],
        env={**os.environ, **environment},
        cwd=ROOT,
    )
    try:
        headers = {"authorization": f"Bearer {_token(user)}"}
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=60) as http:
            _wait(http)
            ready, seen = time.perf_counter() - began, psutil.Process(process.pid)
            cpu = sum(seen.cpu_times()[:2])
            http.get("/api/v1/moves").raise_for_status()
            without = seen.memory_info().rss / 1e6
            http.get("/api/v1/memory", params={"q": "flour", "limit": 5}).raise_for_status()
            return Start(ready, cpu, without, seen.memory_info().rss / 1e6)
    finally:
        process.terminate()
        process.wait()


def _wait(http: httpx.Client) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        try:
            if http.get("/ready").status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.02)
    sys.exit("the API does not become ready")


def _print(starts: list[Start]) -> bool:
    kept = True
    print(f"{len(starts)} starts, medians\n")
    for label, unit, aim, values in (
        ("process to /ready", "s", READY_SECONDS, [s.ready for s in starts]),
        ("processor time by then", "s", None, [s.cpu for s in starts]),
        ("resident, without the embedder", "MB", WITHOUT_MB, [s.without for s in starts]),
        ("resident, with the embedder", "MB", WITH_MB, [s.with_embedder for s in starts]),
    ):
        median = statistics.median(values)
        kept &= aim is None or median <= aim
        wanted = "" if aim is None else f"   at most {aim:g} {unit}"
        print(f"{label:34}{median:>8.1f} {unit:<3}{wanted}")
    return kept


if __name__ == "__main__":
    main()
