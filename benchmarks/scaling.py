"""More processes behind PgBouncer: lists a second of one API and two, runs a minute of one worker and two.

`python -m benchmarks.scaling [--seconds 5] [--runs 60]`. PgBouncer in transaction mode with eight sessions
stands before Postgres. All of it shares this machine, so what is printed says how far its cores go and no
more; nothing has to be reached. Needs `wrk` and PgBouncer.
"""

import argparse
import contextlib
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import httpx
import psycopg

from backend.core.config import Settings, load_settings
from backend.local import postgres, redis
from backend.local.ports import free_port
from benchmarks.moves_list import ROOT, SECRET, _make_scene, _token, _wait
from tests.trust.pooler import pooled

SESSIONS = 8
ENDED = "select count(*) from public.agent_executions where status = 'completed'"
GOAL = {"request_type": "moves", "request_data": {"query": "weather?"}}


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seconds", type=int, default=5)
    options.add_argument("--runs", type=int, default=60, help="for each count of workers")
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
        users = _make_scene(database)
        with psycopg.connect(database.superuser_dsn()) as sql:
            sql.execute("update public.subscriptions set plan = 'growth'")
        settings = load_settings(
            database_url=database.dsn("raptorflow_app"),
            redis_url=cache.url,
            supabase_url="http://127.0.0.1:1",
            supabase_anon_key="none",
            supabase_service_key="none",
            _env_file=None,
        )
        print(f"{os.cpu_count()} cores, PgBouncer with {SESSIONS} sessions\n")
        with pooled(settings, SESSIONS) as behind:
            for count in (1, 2):
                with _api(behind, count) as root:
                    rate = _lists(root, users, chosen.seconds, home)
                print(f"API processes: {count:<6}{rate:>10.0f} lists a second")
            for count in (1, 2):
                rate = _runs(behind, database, users, count, chosen.runs)
                print(f"workers: {count:<12}{rate:>10.0f} runs a minute")


def _environment(settings: Settings) -> dict[str, str]:
    return {
        **os.environ,
        "DATABASE_URL": settings.database_url.get_secret_value(),
        "REDIS_URL": settings.redis_url.get_secret_value(),
        "SUPABASE_URL": "http://127.0.0.1:1",
        "SUPABASE_ANON_KEY": "none",
        "SUPABASE_SERVICE_KEY": "none",
        "SUPABASE_JWT_SECRET": SECRET,
        "LOG_LEVEL": "WARNING",
        "RATE_LIMIT_API": "1000000",
        "RATE_LIMIT_AGENT": "1000000",
        "RUN_WAIT_SECONDS": "0.01",  # a run is admitted here, and not waited for
    }


@contextlib.contextmanager
def _running(command: list[str], settings: Settings) -> Iterator[None]:
    process = subprocess.Popen(
        [sys.executable, "-m", *command], env=_environment(settings), cwd=ROOT
    )
    try:
        yield
    finally:
        process.terminate()
        process.wait()


@contextlib.contextmanager
def _api(settings: Settings, count: int) -> Iterator[str]:
    """So many processes on one port."""
    port = free_port("127.0.0.1", 0)
    command = ["uvicorn", "backend.main:app", "--port", str(port), "--workers", str(count)]
    with _running([*command, "--no-access-log", "--log-level", "warning"], settings):
        _wait(port)
        root = f"http://127.0.0.1:{port}"
        until = time.monotonic() + 60
        while time.monotonic() < until:
            with contextlib.suppress(httpx.TransportError):
                if httpx.get(f"{root}/ready", timeout=60).status_code == 200:
                    break
        yield root


def _lists(root: str, users: list[UUID], seconds: int, home: Path) -> float:
    script = home / "scaling.lua"
    values = ",".join(f'"Bearer {_token(user)}"' for user in users)
    script.write_text(
        f"local values = {{{values}}}\nlocal n = 0\n"
        "function request()\n  n = n % #values + 1\n"
        "  return wrk.format('GET', nil, {Authorization = values[n]})\nend\n"
    )
    command = ["wrk", "-t1", "-c16", "-s", str(script), f"{root}/api/v1/moves"]
    for length in (2, seconds):  # the first warms every process
        output = subprocess.run(
            [*command, f"-d{length}s"], capture_output=True, text=True, check=True
        ).stdout
    if "Non-2xx" in output:
        sys.exit(f"errors:\n{output}")
    return float(re.search(r"Requests/sec:\s+([\d.]+)", output)[1])  # type: ignore[index]


def _runs(
    settings: Settings, database: postgres.Server, users: list[UUID], count: int, runs: int
) -> float:
    """A run of each user is admitted before the workers begin; the time counts from the first that ended."""
    with _api(settings, 1) as root, httpx.Client(base_url=root, timeout=60) as http:
        for user in users[:runs]:
            headers = {"authorization": f"Bearer {_token(user)}", "prefer": "respond-async"}
            answer = http.post("/api/v1/agents/execute", json=GOAL, headers=headers)
            if not answer.is_success:
                sys.exit(f"a run was refused: {answer.text}")
    with (
        psycopg.connect(database.superuser_dsn(), autocommit=True) as sql,
        contextlib.ExitStack() as stack,
    ):
        before = _count(sql)
        for _ in range(count):
            stack.enter_context(_running(["backend.worker"], settings))
        began = 0.0
        while (done := _count(sql) - before) < runs:
            began = began or (time.monotonic() if done else 0.0)
            time.sleep(0.05)
        return runs / max(time.monotonic() - began, 0.001) * 60


def _count(sql: psycopg.Connection) -> int:
    row = sql.execute(ENDED).fetchone()
    assert row is not None
    return int(row[0])


if __name__ == "__main__":
    main()
