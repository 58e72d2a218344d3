"""`GET /api/v1/moves` (20 rows, ICP joined, exact total, row-level security, JWT) beside its neighbours.

`make bench`, or `python -m benchmarks.moves_list [--rounds 5] [--seconds 4] [--connections 16]`. All read
under row-level security, and all but the limit check a token. The five servers take turns in every round;
what is printed are medians of the ratios of one round, because a shared machine makes absolute numbers
worthless. Application CPU is read from /proc and is the steadier figure. The servers have one core; the
load, Postgres and what stands for PostgREST have another. Needs `wrk`.
"""

import argparse
import contextlib
import functools
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import psycopg
from jose import jwt

from backend.core.migrations import migrate
from backend.local import postgres, redis
from backend.local.accounts import home_of
from backend.local.ports import free_port

USERS, MOVES_EACH = 500, 50
SECRET = "a-secret-for-the-benchmark-alone-0123456789"
TICKS = os.sysconf("SC_CLK_TCK")
ROOT = Path(__file__).parents[1]
SERVER_CORE, LOAD_CORE = 0, 1

SCENE = """
insert into public.icp_profiles (workspace_id, name, is_primary)
  select id, 'ICP of ' || slug, true from public.workspaces;
insert into public.moves (workspace_id, name, category, goal, context, target_icp_id, channels,
  execution, created_at)
select w.id, 'Move ' || n, (array['ignite','capture','authority','repair','rally'])[1 + n %% 5],
  'Reach the goal number ' || n, repeat('context ', 12), i.id, array['email', 'phone'],
  jsonb_build_array(jsonb_build_object('day', 1, 'theme', 'Ask', 'tasks', jsonb_build_array(
    jsonb_build_object('title', repeat('task ', 8), 'minutes', 30)))),
  now() - n * interval '1 hour'
from public.workspaces w join public.icp_profiles i on i.workspace_id = w.id, generate_series(1, %(each)s) n;
create schema naive;
create table naive.workspaces as table public.workspaces;
create table naive.icp_profiles as table public.icp_profiles;
create table naive.moves as table public.moves;
create index on naive.workspaces (user_id);
create index on naive.icp_profiles (id);
create index on naive.moves (workspace_id, created_at desc);
alter table naive.workspaces enable row level security;
alter table naive.icp_profiles enable row level security;
alter table naive.moves enable row level security;
create policy own on naive.workspaces to authenticated using (user_id = auth.uid());
create policy own on naive.icp_profiles to authenticated using (public.user_owns_workspace(workspace_id));
create policy own on naive.moves to authenticated using (public.user_owns_workspace(workspace_id));
grant usage on schema naive to authenticated;
grant select on all tables in schema naive to authenticated;
"""
"""The schema `naive` has the same rows under the specification's policy, which is asked for every row."""


@dataclass
class Shape:
    """One server: how it is started, and what each request carries."""

    name: str
    target: str
    header: str
    process: subprocess.Popen[bytes] | None = None
    port: int = 0


@dataclass(frozen=True)
class Reading:
    """Requests a second, and microseconds of the application's CPU for each request."""

    rate: float
    cpu: float


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--seconds", type=int, default=4)
    options.add_argument("--connections", type=int, default=16)
    chosen = options.parse_args()
    if shutil.which("wrk") is None:
        sys.exit("wrk is needed: apt-get install wrk")
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
        print(f"{USERS} workspaces of {MOVES_EACH} moves ...", file=sys.stderr)
        _pin(_postmaster(home / "postgres"), LOAD_CORE)
        users = _make_scene(database)
        environment = {
            "DATABASE_URL": database.dsn("raptorflow_app"),
            "REDIS_URL": cache.url,
            "SUPABASE_URL": "http://127.0.0.1:1",
            "SUPABASE_ANON_KEY": "none",
            "SUPABASE_SERVICE_KEY": "none",
            "SUPABASE_JWT_SECRET": SECRET,
            "LOG_LEVEL": "WARNING",
            "RATE_LIMIT_API": "1000000",  # counted, never refused
        }
        rest = Shape("rest", "benchmarks.shapes:rest", "Authorization")
        shapes = [
            Shape("ours", "backend.main:app", "Authorization"),
            Shape("limit", "benchmarks.shapes:limit", "x-claims"),
            Shape("naive", "benchmarks.shapes:naive", "Authorization"),
            Shape("template", "benchmarks.orm_shapes:template", "Authorization"),
            Shape("orm", "benchmarks.orm_shapes:orm", "Authorization"),
        ]
        with (
            _running([rest], environment, LOAD_CORE),
            _running(
                shapes,
                {**environment, "BENCHMARK_REST_URL": f"http://127.0.0.1:{rest.port}"},
                SERVER_CORE,
            ),
        ):
            _check_alike(shapes, users)
            rounds = [_round(shapes, users, home, chosen) for _ in range(chosen.rounds)]
    if not _print(rounds, chosen):
        raise SystemExit(1)


def _make_scene(database: postgres.Server) -> list[UUID]:
    migrate(database.dsn())
    postgres.set_password(database, "raptorflow_app")
    users = [uuid4() for _ in range(USERS)]
    with psycopg.connect(database.dsn(postgres.SUPERUSER), autocommit=True) as connection:
        with connection.cursor() as cursor:
            cursor.executemany(
                "insert into auth.users (id, email) values (%s, %s)",
                [(user, f"{user}@example.com") for user in users],
            )
        for statement in SCENE.strip().rstrip(";").split(";\n"):
            connection.execute(
                statement.encode(), {"each": MOVES_EACH} if "%(" in statement else None
            )
        connection.execute("vacuum analyze")
    return users


@functools.cache
def _token(user: UUID) -> str:
    """As long as a token of Supabase is, and good for an hour: a user has one for all rounds."""
    now = int(time.time())
    claims = {
        "iss": "http://127.0.0.1:1/auth/v1",
        "sub": str(user),
        "aud": "authenticated",
        "role": "authenticated",
        "iat": now,
        "exp": now + 3600,
        "email": f"{user}@example.com",
        "session_id": str(uuid4()),
        "aal": "aal1",
        "is_anonymous": False,
        "app_metadata": {"provider": "email", "providers": ["email"]},
        "user_metadata": {"email": f"{user}@example.com", "email_verified": True, "sub": str(user)},
    }
    return str(jwt.encode(claims, SECRET, algorithm="HS256"))


def _value(shape: Shape, user: UUID) -> str:
    if shape.header == "x-claims":
        return json.dumps({"sub": str(user), "role": "authenticated"})
    return f"Bearer {_token(user)}"


@contextlib.contextmanager
def _running(shapes: list[Shape], environment: dict[str, str], core: int) -> Iterator[None]:
    try:
        for shape in shapes:
            shape.port = free_port("127.0.0.1", 0)
            shape.process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "uvicorn", shape.target, "--port", str(shape.port)),
                    *(
                        "--no-access-log",
                        "--log-level",
                        "warning",
                        "--loop",
                        "uvloop",
                        "--http",
                        "httptools",
                    ),
                ],
                env={**os.environ, **environment},
                cwd=ROOT,
            )
            _pin(shape.process.pid, core)
        for shape in shapes:
            _wait(shape.port)
        yield
    finally:
        for shape in shapes:
            if shape.process:
                shape.process.terminate()
                shape.process.wait()


def _postmaster(directory: Path) -> int:
    pid_file = home_of(directory) / "data" / "postmaster.pid"
    return int(pid_file.read_text().split()[0])


def _pin(pid: int, core: int) -> None:
    """The process and what it starts from here on; 0 is this one."""
    if hasattr(os, "sched_setaffinity") and (os.cpu_count() or 1) > 1:
        os.sched_setaffinity(pid, {core})


def _wait(port: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), contextlib.closing(_connect(port)):
            return
        time.sleep(0.1)
    sys.exit(f"nothing answers on port {port}")


def _connect(port: int) -> Any:
    import socket

    return socket.create_connection(("127.0.0.1", port), 1)


def _check_alike(shapes: list[Shape], users: list[UUID]) -> None:
    """All of them give the same twenty moves, or there is nothing to compare."""
    pages = []
    for shape in shapes:
        answer = httpx.get(
            f"http://127.0.0.1:{shape.port}/api/v1/moves",
            headers={shape.header: _value(shape, users[0])},
            timeout=10,
        )
        answer.raise_for_status()
        pages.append([move["id"] for move in answer.json()["moves"]])
    if len(pages[0]) != 20 or any(page != pages[0] for page in pages):
        sys.exit("the servers do not answer alike")


def _round(shapes: list[Shape], users: list[UUID], home: Path, chosen: Any) -> dict[str, Reading]:
    return {shape.name: _measure(shape, users, home, chosen) for shape in shapes}


def _measure(shape: Shape, users: list[UUID], home: Path, chosen: Any) -> Reading:
    script = home / f"{shape.name}.lua"
    values = ",".join(json.dumps(_value(shape, user)) for user in users)
    script.write_text(
        f"local values = {{{values}}}\nlocal requests = {{}}\nlocal n = 0\n"
        "function init()\n  for i, value in ipairs(values) do\n"
        f"    requests[i] = wrk.format('GET', nil, {{['{shape.header}'] = value}})\n  end\nend\n"
        "function request()\n  n = n % #requests + 1\n  return requests[n]\nend\n"
    )
    assert shape.process is not None
    before = _cpu_seconds(shape.process.pid)
    output = subprocess.run(
        [
            *("wrk", "-t1", f"-c{chosen.connections}", f"-d{chosen.seconds}s", "-s", str(script)),
            f"http://127.0.0.1:{shape.port}/api/v1/moves",
        ],
        capture_output=True,
        text=True,
        check=True,
        preexec_fn=lambda: _pin(0, LOAD_CORE),  # no thread here
    ).stdout
    spent = _cpu_seconds(shape.process.pid) - before
    if "Non-2xx" in output:
        sys.exit(f"{shape.name} answered with errors:\n{output}")
    requests = int(re.search(r"(\d+) requests in", output)[1])  # type: ignore[index]
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", output)[1])  # type: ignore[index]
    return Reading(rate, spent / requests * 1e6)


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def _print(rounds: list[dict[str, Reading]], chosen: Any) -> bool:
    """Whether every ratio reaches its aim."""

    def median(of: Any) -> float:
        return statistics.median(of(r) for r in rounds)

    print(f"\nGET /api/v1/moves, 20 of {MOVES_EACH} rows, {USERS} users in rotation,")
    print(
        f"{chosen.connections} connections, {chosen.rounds} rounds of {chosen.seconds} s, medians\n"
    )
    print(f"{'':34}{'req/s':>9}{'app CPU µs':>12}")
    for name in rounds[0]:
        rate, cpu = median(lambda r, n=name: r[n].rate), median(lambda r, n=name: r[n].cpu)
        print(f"{_LABELS[name]:34}{rate:>9.0f}{cpu:>12.0f}")
    print(f"\n{'ratio':34}{'median':>9}{'aim':>9}")
    kept: dict[str, bool] = {}
    for label, row, aim, of in _RATIOS:
        print(f"{label:34}{median(of):>9.2f}{aim or '-':>9}")
        kept[row] = kept.get(row, True) and median(of) >= aim
    print()
    for row, reached in kept.items():
        print(f"{row}  {'held' if reached else 'short'}")
    return all(kept.values())


_LABELS = {
    "ours": "ours",
    "limit": "limit (bare ASGI, asyncpg, no JWT)",
    "naive": "naive (the sample's shape)",
    "template": "FastAPI template's (sync)",
    "orm": "SQLAlchemy async ORM",
}
_RATIOS = [
    ("req/s, ours to the limit", "L1", 0.80, lambda r: r["ours"].rate / r["limit"].rate),
    ("app CPU, the limit to ours", "L1", 0.50, lambda r: r["limit"].cpu / r["ours"].cpu),
    ("req/s, ours to naive", "L1", 10, lambda r: r["ours"].rate / r["naive"].rate),
    ("app CPU, naive to ours", "L1", 0, lambda r: r["naive"].cpu / r["ours"].cpu),
    ("req/s, ours to the template's", "L2", 8, lambda r: r["ours"].rate / r["template"].rate),
    ("app CPU, the template's to ours", "L2", 0, lambda r: r["template"].cpu / r["ours"].cpu),
    ("req/s, ours to the ORM's", "L2", 5, lambda r: r["ours"].rate / r["orm"].rate),
    ("app CPU, the ORM's to ours", "L2", 0, lambda r: r["orm"].cpu / r["ours"].cpu),
]

if __name__ == "__main__":
    main()
