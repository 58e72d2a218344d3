"""Every list of a founder's nouns at 10,000 rows: trips to the database, and a deep page beside the first.

`python -m benchmarks.lists [--rows 10000] [--rounds 25]`. The API runs in this process over its real
middleware; first and deep page take turns, and what is printed are medians of their ratio. The deep page is
the one that a client reaches by `next_cursor`, nine tenths of the way. Exits 1 when a deep page costs more
than 1.4 times the first (a shared machine wavers by a third), or a list goes to the database more often than
is noted beside it.
"""

import argparse
import asyncio
import contextlib
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import psycopg

from backend.core.config import Settings
from backend.core.database import Database
from backend.core.migrations import migrate
from backend.local import postgres, redis
from backend.main import create_app, lifespan
from benchmarks.moves_list import SECRET, _token

PAGE = 100
NAMED = {
    "move": "moves",
    "campaign": "campaigns",
    "asset": "muse_assets",
    "endpoint": "webhook_endpoints",
}
"""Path parameters, and the tables of which they are the newest row."""
MOST_RATIO = 1.4
SCENE = """
insert into public.campaigns (workspace_id, name, created_at)
  select %(ws)s, 'Campaign ' || n, now() - n * interval '1 minute' from generate_series(1, %(rows)s) n;
insert into public.icp_profiles (workspace_id, name, created_at)
  select %(ws)s, 'ICP ' || n, now() - n * interval '1 minute' from generate_series(1, %(rows)s) n;
insert into public.moves (workspace_id, name, category, goal, campaign_id, target_icp_id, created_at)
  select %(ws)s, 'Move ' || n, 'capture', repeat('goal ', 10),
    (select id from public.campaigns where workspace_id = %(ws)s order by created_at desc limit 1),
    (select id from public.icp_profiles where workspace_id = %(ws)s order by created_at desc limit 1),
    now() - n * interval '1 minute' from generate_series(1, %(rows)s) n;
insert into public.move_tasks (workspace_id, move_id, title, day_number, position, scheduled_date, platform)
  select %(ws)s, (select id from public.moves where workspace_id = %(ws)s order by created_at desc limit 1),
    'Task ' || n, 1 + n * 90 / (%(rows)s + 1), n, current_date - 26 + n * 26 / (%(rows)s + 1), 'LinkedIn'
  from generate_series(1, %(rows)s) n;
insert into public.muse_assets (workspace_id, title, type, content, created_at)
  select %(ws)s, 'Asset ' || n, 'social', repeat('word ', 60), now() - n * interval '1 minute'
  from generate_series(1, %(rows)s) n;
insert into public.blackbox_strategies (workspace_id, name, focus_area, created_at)
  select %(ws)s, 'Play ' || n, 'acquisition', now() - n * interval '1 minute'
  from generate_series(1, %(rows)s) n;
insert into public.daily_wins (workspace_id, topic, hook, won_on, generated_at)
  select %(ws)s, 'Topic', 'Hook ' || n, public.workspace_today(%(ws)s), now() - n * interval '1 second'
  from generate_series(1, %(rows)s) n;
insert into public.foundation_changes (workspace_id, changed_by, field, after, created_at)
  select %(ws)s, 'user', 'industry', to_jsonb('Industry ' || n), now() - n * interval '1 minute'
  from generate_series(1, %(rows)s) n;
insert into public.episodic_memory (workspace_id, episode_type, content, created_at)
  select %(ws)s, 'preference', jsonb_build_object('text', 'Short lines ' || n),
    now() - n * interval '1 minute'
  from generate_series(1, %(rows)s) n;
insert into public.agent_executions (workspace_id, user_id, request_type, status, started_at)
  select %(ws)s, %(user)s, 'moves', 'completed', now() - n * interval '1 minute'
  from generate_series(1, %(rows)s) n;
insert into public.audit_log (workspace_id, user_id, actor, channel, action, event, created_at)
  select %(ws)s, %(user)s, 'user', 'api', 'create_move', 'move.created', now() - n * interval '1 minute'
  from generate_series(1, %(rows)s) n;
insert into public.muse_versions (workspace_id, asset_id, version, reason, title, content)
  select %(ws)s,
    (select id from public.muse_assets where workspace_id = %(ws)s order by created_at desc limit 1),
    n, 'edited', 'Asset', repeat('word ', 60) from generate_series(1, %(rows)s) n;
insert into public.approval_gates (workspace_id, gate_type, pending_output, created_at)
  select %(ws)s, 'content', '{}', now() - n * interval '1 minute' from generate_series(1, %(rows)s) n;
insert into public.webhook_endpoints (workspace_id, url, events, secret)
  select %(ws)s, 'https://example.com/hook', '{*}', 'whsec_' || repeat('a', 44);
insert into public.webhook_deliveries
  (workspace_id, endpoint_id, message_id, event, payload, status, created_at)
  select %(ws)s, (select id from public.webhook_endpoints where workspace_id = %(ws)s), gen_random_uuid(),
    'move.created', '{"type": "move.created"}', 'delivered', now() - n * interval '1 minute'
  from generate_series(1, %(rows)s) n;
insert into public.api_keys (workspace_id, user_id, name, hint, key_hash, scopes, revoked_at, created_at)
  select %(ws)s, %(user)s, 'Key ' || n, 'rf_', 'hash ' || n, '{read}', now(), now() - n * interval '1 minute'
  from generate_series(1, %(rows)s) n;
insert into public.payments (user_id, amount_inr, gst_amount, total_amount, status, created_at)
  select %(user)s, 799, 143.82, 942.82, 'completed', now() - n * interval '1 minute'
  from generate_series(1, %(rows)s) n;
insert into public.subscription_events
  (user_id, cause, plan_before, plan, status_before, status, created_at)
  select %(user)s, 'renewed', 'starter', 'starter', 'active', 'active', now() - n * interval '1 minute'
  from generate_series(1, %(rows)s) n;
insert into public.invoices (user_id, payment_id, series, fy, number, invoice_number, invoice_date, seller,
    buyer, place_of_supply, items, gst_type, gst_rate, subtotal_paise, cgst_paise, sgst_paise,
    total_gst_paise, total_amount_paise, created_at)
  select %(user)s, p.id, 'BM', '26-27', p.n, 'BM/26-27/' || p.n, current_date, '{}', '{}', '29', '[]',
    'INTRA', 18, 79900, 7191, 7191, 14382, 94282, p.created_at
  from (select *, row_number() over ()::int as n from public.payments where user_id = %(user)s) p;
insert into public.credit_notes (user_id, invoice_id, payment_id, refund_id, series, fy, number,
    credit_note_number, credit_note_date, invoice_number, invoice_date, reason, seller, buyer,
    place_of_supply, items, gst_type, gst_rate, subtotal_paise, cgst_paise, sgst_paise, total_gst_paise,
    total_amount_paise, created_at)
  select i.user_id, i.id, i.payment_id, gen_random_uuid(), 'BC', i.fy, i.number, 'BC/26-27/' || i.number,
    current_date, i.invoice_number, i.invoice_date, 'refund', i.seller, i.buyer, i.place_of_supply, i.items,
    i.gst_type, i.gst_rate, i.subtotal_paise, i.cgst_paise, i.sgst_paise, i.total_gst_paise,
    i.total_amount_paise, i.created_at
  from public.invoices i where i.user_id = %(user)s
"""


@dataclass
class List:
    """A list; `trips` is how often it may go to the database."""

    path: str
    trips: int = 1
    asked: dict[str, Any] = field(default_factory=dict)


LISTS = (
    List("/moves"),
    List("/moves/{move}/tasks"),
    List("/campaigns"),
    List("/campaigns/{campaign}/moves"),
    List("/icps"),
    List("/muse/assets"),
    List("/blackbox/strategies"),
    List("/daily-wins"),
    List("/foundation/history"),
    List("/memory"),
    List("/agents/runs"),
    List("/audit-log"),
    List("/analytics/tasks"),
    List("/muse/assets/{asset}/versions"),
    List("/approvals"),
    List("/approvals/pending"),
    List("/webhook-endpoints/{endpoint}/deliveries"),
    List("/api-keys"),
    List("/billing/payments"),
    List("/billing/subscription/history"),
    List("/billing/invoices"),
    List("/billing/credit-notes"),
)
BOUNDED = {
    "/webhook-endpoints": "20 a workspace",
    "/webhook-endpoints/events": "those of the code",
    "/daily-wins/feeds": "20 a workspace",
    "/exports/calendar-links": "20 a workspace",
    "/onboarding/{session_id}/vault": "50 files and pages a workspace",
    "/muse/templates": "files of the code",
    "/agents/skills": "files of the code",
    "/agents/tools": "those of the code",
}
"""Lists that cannot grow beyond what is said here."""


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rows", type=int, default=10_000)
    options.add_argument("--rounds", type=int, default=25)
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
        user = uuid4()
        ids = _make_scene(database, user, chosen.rows)
        settings = Settings(
            database_url=database.dsn("raptorflow_app"),
            redis_url=cache.url,
            supabase_url="http://127.0.0.1:1",
            supabase_anon_key="none",
            supabase_service_key="none",
            supabase_jwt_secret=SECRET,
            log_level="WARNING",
            rate_limit_api=1_000_000,
        )
        if not asyncio.run(_measure(settings, user, ids, chosen)):
            sys.exit(1)


def _make_scene(database: postgres.Server, user: UUID, rows: int) -> dict[str, str]:
    """One workspace with so many rows of each noun; a move and a campaign that hold as many."""
    migrate(database.dsn())
    postgres.set_password(database, "raptorflow_app")
    with psycopg.connect(database.dsn(postgres.SUPERUSER), autocommit=True) as connection:
        connection.execute(
            "insert into auth.users (id, email) values (%s, %s)", (user, f"{user}@example.com")
        )
        found = connection.execute(
            "select id from public.workspaces where user_id = %s", (user,)
        ).fetchone()
        assert found is not None
        ids = fill(connection, found[0], user, rows)
        connection.execute("vacuum analyze")
    return ids


def fill(connection: psycopg.Connection, workspace: UUID, user: UUID, rows: int) -> dict[str, str]:
    """So many rows of each noun; gives the ids of NAMED. The connection is a superuser's."""
    values = {"ws": workspace, "user": user, "rows": rows}
    connection.execute("set session_replication_role = replica")  # no trigger rolls anything up
    for statement in SCENE.strip().split(";\n"):
        connection.execute(statement.encode(), values)
    connection.execute("reset session_replication_role")
    ids = {}
    for name, table in NAMED.items():
        found = connection.execute(
            f"select id::text from public.{table} where workspace_id = %s"
            " order by created_at desc limit 1".encode(),
            (workspace,),
        ).fetchone()
        assert found is not None
        ids[name] = found[0]
    return ids


@contextlib.contextmanager
def _trips(database: Database) -> Iterator[list[int]]:
    """Counts how often a connection is taken: each read takes one, and makes one trip with it."""
    count = [0]
    take = database.pool.getconn

    async def counted(*given: Any, **named: Any) -> Any:
        count[0] += 1
        return await take(*given, **named)

    database.pool.getconn = counted  # type: ignore[method-assign]
    try:
        yield count
    finally:
        database.pool.getconn = take  # type: ignore[method-assign]


async def _measure(
    settings: Settings, user: UUID, ids: dict[str, str], chosen: argparse.Namespace
) -> bool:
    app = create_app(settings)
    kept = True
    async with lifespan(app):
        transport = httpx.ASGITransport(app)
        headers = {"authorization": f"Bearer {_token(user)}"}
        async with httpx.AsyncClient(
            transport=transport, base_url="http://api/api/v1", headers=headers, timeout=60
        ) as client:
            print(f"{'list':<41}{'rows':>7}{'trips':>7}{'first ms':>10}{'deep / first':>14}")
            for wanted in LISTS:
                path = wanted.path.format(**ids)
                kept &= await _one(client, app.state.database, path, wanted, chosen)
    return kept


async def _one(
    client: httpx.AsyncClient,
    database: Database,
    path: str,
    wanted: List,
    chosen: argparse.Namespace,
) -> bool:
    total, cursor = await _walk(client, path, chosen.rows * 9 // 10)
    first, deep = {"limit": 20}, {"limit": 20, "cursor": cursor}
    with _trips(database) as trips:
        await client.get(path, params=deep)
    times: list[tuple[float, float]] = []
    for _ in range(chosen.rounds):
        times.append((await _timed(client, path, first), await _timed(client, path, deep)))
    ratio = statistics.median(b / a for a, b in times)
    quickest = 1000 * statistics.median(a for a, _ in times)
    good = 1 <= trips[0] <= wanted.trips and ratio <= MOST_RATIO and total == chosen.rows
    mark = "" if good else "  <- not kept"
    print(f"{wanted.path:<41}{total:>7}{trips[0]:>7}{quickest:>10.1f}{ratio:>14.2f}{mark}")
    return good


async def _walk(client: httpx.AsyncClient, path: str, rows: int) -> tuple[int, str]:
    """Read on until so many rows are behind; the total, and the cursor there."""
    cursor, total = None, 0
    for _ in range(rows // PAGE):
        asked = {"limit": PAGE, **({"cursor": cursor} if cursor else {})}
        answer = await client.get(path, params=asked)
        answer.raise_for_status()
        cursor, total = answer.json()["next_cursor"], answer.json()["total"]
    assert cursor is not None, f"{path} ended early"
    return total, cursor


async def _timed(client: httpx.AsyncClient, path: str, asked: dict[str, Any]) -> float:
    began = time.perf_counter()
    (await client.get(path, params=asked)).raise_for_status()
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
