"""What a composer run costs beside its composer: processor time of everything else this process does for it.

    python -m benchmarks.engine_overhead [--runs 60]

Admission, claim, memory, routing, plan, journal, events, reflection, the claim check, storing and settling,
one run after the other, on servers of its own. Three kinds of run: a step of the onboarding, a question that
is asked back, and a planned week. What skills compose is measured in its own thread and taken off. The
databases' own time is not in it. Exits non-zero above a median of 40 ms for any kind.
"""

import argparse
import asyncio
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import uvloop

from backend.core.auth import AuthenticatedUser
from backend.core.config import Settings, load_settings
from backend.core.database import Database, init_database
from backend.core.logs import configure_logging
from backend.core.migrations import migrate
from backend.core.redis import connect
from backend.local import postgres, redis
from backend.local.postgres import SUPERUSER, Server
from backend.services import jobs
from backend.services.egress import Egress
from backend.services.llm import ModelDoor
from backend.services.models.composer import Composer
from backend.services.models.contract import ModelReply, ModelRequest
from backend.services.run_desk import RunDesk
from backend.skills.composers import scoring
from backend.worker import create_engine

MOST_MS = 40.0
WARM_UP = 5
DOCUMENT = """# Lantern Ledger

Lantern Ledger is bookkeeping software for independent bakeries and small dental clinics in Pune.
Independent bakeries lose hours every week because flour invoices arrive on paper.
Bakery owners start looking after the tax office sends a notice.
"I found out in March that January was in the red," says the owner of a bakery in Kothrud.
Bakeries pay Rs 900 a month.
Dental clinics pay Rs 2,400 a month for up to 3 chairs.
Unlike spreadsheets, every invoice is read from a photo in under 10 seconds.
212 businesses closed their books with us in 2025.
"""


class Measured(Composer):
    """The composer, with the processor seconds that composing took."""

    def __init__(self) -> None:
        self.seconds = 0.0

    async def generate(self, request: ModelRequest, idempotency_key: str) -> ModelReply:
        compose = request.compose

        def timed() -> dict[str, Any]:
            assert compose is not None
            began = time.thread_time()
            try:
                return compose()
            finally:
                self.seconds += time.thread_time() - began

        return await super().generate(replace(request, compose=timed), idempotency_key)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--runs", type=int, default=60, help="of each kind")
    chosen = parser.parse_args()
    configure_logging("WARNING")
    with tempfile.TemporaryDirectory(
        prefix="raptorflow-bench-", ignore_cleanup_errors=True
    ) as directory:
        home = Path(directory)
        home.chmod(0o755)
        server, valkey = postgres.start(home / "postgres"), redis.start(home / "valkey")
        try:
            migrate(server.dsn())
            postgres.set_password(server, "raptorflow_app")
            settings = _settings(server, valkey.url)
            passed = uvloop.run(measure(settings, server, chosen.runs))
        finally:
            valkey.leave()
            server.leave()
    sys.exit(0 if passed else 1)


async def measure(settings: Settings, server: Server, count: int) -> bool:
    """Run and print; True when every kind stays below the aim."""
    database, store = await init_database(settings), connect(settings)
    queue, egress = jobs.create_jobs_app(settings), Egress()
    composer = Measured()
    engine = create_engine(settings, database, store, ModelDoor(database, composer), egress)
    await asyncio.to_thread(scoring.warm_up)
    user = _sign_up(server)
    session = _bring(server, user)
    async with RunDesk(database, store, queue) as desk:

        async def run(request_type: str, data: dict[str, Any]) -> None:
            run_id = await desk.admit(user, request_type, data, session_id=uuid4())
            await engine.execute(run_id)
            await _check(database, user, run_id)

        for step in (1, 2):
            await run("onboarding", {"session_id": str(session), "step": step})
        kinds: dict[str, Callable[[int], Awaitable[None]]] = {
            "onboarding step": lambda n: run("onboarding", {"session_id": str(session), "step": 2}),
            "asked back": lambda n: run("moves", {"query": f"weather number {n}?"}),
            "planned week": lambda n: run(
                "moves", {"goal": f"{10 + n} demo bookings from bakeries", "category": "capture"}
            ),
        }
        print(
            f"{'CPU ms of a run, ' + str(count) + ' each':32}{'p50':>8}{'p95':>8}{'composer':>10}"
        )
        passed = True
        for name, act in kinds.items():
            spent, composed = await _figures(act, count, composer)
            p50 = statistics.median(spent)
            passed &= p50 <= MOST_MS
            p95 = sorted(spent)[int(0.95 * (count - 1))]
            print(f"{name:32}{p50:>8.1f}{p95:>8.1f}{statistics.median(composed):>10.1f}")
    await engine.ringer.aclose()
    await egress.aclose()
    await store.aclose()
    await database.close()
    return passed


async def _figures(
    act: Callable[[int], Awaitable[None]], count: int, composer: Measured
) -> tuple[list[float], list[float]]:
    """Milliseconds beside the composer, and in it."""
    spent, composed = [], []
    for number in range(count + WARM_UP):
        composer.seconds = 0.0
        began = time.process_time()
        await act(number)
        whole = time.process_time() - began
        spent.append(1000 * (whole - composer.seconds))
        composed.append(1000 * composer.seconds)
    return spent[WARM_UP:], composed[WARM_UP:]


async def _check(database: Database, user: AuthenticatedUser, run_id: UUID) -> None:
    row = await database.reader(user).one(
        "select status, error from public.agent_executions"
        " where workspace_id = %(workspace_id)s and id = %(id)s",
        {"id": run_id},
    )
    assert row is not None
    assert row["status"] == "completed", row


def _settings(server: Server, redis_url: str) -> Settings:
    return load_settings(
        environment="test",
        database_url=server.dsn("raptorflow_app"),
        redis_url=redis_url,
        supabase_url="http://127.0.0.1:1",
        supabase_anon_key="unused",
        supabase_service_key="unused",
        _env_file=None,
    )


def _sign_up(server: Server) -> AuthenticatedUser:
    """Somebody on a plan without limits."""
    id = uuid4()
    with psycopg.connect(server.dsn(SUPERUSER)) as sql:
        sql.execute("insert into auth.users (id, email) values (%s, %s)", (id, f"{id}@a.example"))
        sql.execute("update public.subscriptions set plan = 'growth' where user_id = %s", (id,))
        sql.execute("update public.users set budget_limit_monthly = 100 where id = %s", (id,))
        row = sql.execute("select id from public.workspaces where user_id = %s", (id,)).fetchone()
    assert row is not None
    claims = {"sub": str(id), "role": "authenticated"}
    return AuthenticatedUser(id, None, claims, json.dumps(claims), row[0])


def _bring(server: Server, user: AuthenticatedUser) -> UUID:
    """A document in the vault; returns the session."""
    with psycopg.connect(server.dsn(SUPERUSER)) as sql:
        row = sql.execute(
            "insert into public.evidence_items (workspace_id, session_id, source_type, source_name,"
            " content_type, size_bytes, sha256, text, word_count, processing_status)"
            " select workspace_id, id, 'file', 'a.md', 'text/markdown', 1, repeat('a', 64), %s, 90,"
            " 'completed' from public.onboarding_sessions where workspace_id = %s"
            " returning session_id",
            (DOCUMENT, user.workspace_id),
        ).fetchone()
    assert row is not None
    found: UUID = row[0]
    return found


if __name__ == "__main__":
    main()
