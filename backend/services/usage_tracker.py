"""Budget and usage: the ledger of what users may spend on models and have spent (ADR 0051).

Costs are integers in micro-USD. A month's row holds what is spent and what is reserved, and no sequence of
calls makes their sum exceed the user's limit unless a provider bills more than the cap it was given:

    reserve (a run is admitted) -> cover (a call begins) -> spend (its bill is known) -> close (the run ends)

`amount_micro_usd` of a reservation is what is still set aside: a bill moves from there to the month's spent
at once, so a crash loses nothing, and the month's reserved is the sum of its held reservations. Whoever locks
both rows takes the reservation first, then the month.
"""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

import structlog
from psycopg.rows import DictRow

from backend.core.database import Database, Tx
from backend.core.errors import BudgetExceeded
from backend.core.wire import Statement

log = structlog.get_logger(__name__)

MICRO = 1_000_000
RUN_RESERVE_MICRO_USD = 10_000
"""USD 0.01: the specification's conservative estimate of a run, and the least that one reserves."""
RESERVATION_TTL_SECONDS = 900
"""A reservation nobody touched for this long belongs to no living run."""
WAYS_OUT = [
    {"title": "Buy more model budget", "request": "POST /api/v1/billing/topup"},
    {"title": "Take a larger plan", "request": "POST /api/v1/billing/subscription"},
    {
        "title": "See what was spent, and when the month begins anew",
        "request": "GET /api/v1/billing/usage",
    },
]
"""What somebody can do whose budget is spent."""
_TTL = {"ttl": RESERVATION_TTL_SECONDS}

REMAINING = """
select public.budget_micro_usd(u.id, m.month) - coalesce(b.spent_micro_usd + b.reserved_micro_usd, 0)
  as remaining
from public.users u
cross join lateral (select public.budget_month(u.id) as month) m
left join public.budget_months b on b.user_id = u.id and b.month = m.month
where u.id = %(user_id)s
"""
REMAINING_FOR_RUN = """
select public.budget_micro_usd(r.user_id, m.month) - coalesce(b.spent_micro_usd + b.reserved_micro_usd, 0)
  + case when r.status = 'held' and r.month = m.month then r.amount_micro_usd else 0 end as remaining
from public.budget_reservations r
cross join lateral (select public.budget_month(r.user_id) as month) m
left join public.budget_months b on b.user_id = r.user_id and b.month = m.month
where r.run_id = %(run_id)s
"""
TAKE = """
insert into public.budget_months as b (user_id, month, reserved_micro_usd, plan_micro_usd)
select u.id, m.month, %(micro)s, (u.budget_limit_monthly * 1000000)::bigint
from public.users u
cross join lateral (select coalesce(%(month)s::date, public.budget_month(u.id)) as month) m
where u.id = %(user_id)s and public.budget_micro_usd(u.id, m.month) >= %(micro)s
on conflict (user_id, month) do update
set reserved_micro_usd = b.reserved_micro_usd + excluded.reserved_micro_usd,
  plan_micro_usd = greatest(b.plan_micro_usd, excluded.plan_micro_usd)
where b.spent_micro_usd + b.reserved_micro_usd + excluded.reserved_micro_usd
  <= public.budget_micro_usd(b.user_id, b.month)
returning month
"""
RESERVE = """
insert into public.budget_reservations (run_id, user_id, workspace_id, month, amount_micro_usd, expires_at)
values (%(run_id)s, %(user_id)s, %(workspace_id)s, %(month)s, %(micro)s,
  now() + make_interval(secs => %(ttl)s))
"""
TOUCH = """
update public.budget_reservations set expires_at = now() + make_interval(secs => %(ttl)s)
where run_id = %(run_id)s and status = 'held'
"""
LOCK = """
select user_id, month, case when status = 'held' then amount_micro_usd else 0 end as amount,
  status = 'held' as held
from public.budget_reservations where run_id = %(run_id)s for update
"""
IN_FLIGHT = """
select coalesce(sum(reserved_micro_usd), 0)::bigint as micro from public.run_calls
where run_id = %(run_id)s and status = 'reserved'
"""
SET_AMOUNT = """
update public.budget_reservations set month = %(month)s, amount_micro_usd = %(amount)s, status = 'held',
  settled_micro_usd = null, closed_at = null, expires_at = now() + make_interval(secs => %(ttl)s)
where run_id = %(run_id)s
"""
BOOK = """
update public.budget_months set spent_micro_usd = spent_micro_usd + %(cost)s,
  reserved_micro_usd = reserved_micro_usd - %(freed)s
where user_id = %(user_id)s and month = %(month)s
"""
ALERT = """
insert into public.budget_alerts (user_id, month, percent)
select b.user_id, b.month, level
from public.budget_months b, unnest(array[50, 80, 100]) as level
where b.user_id = %(user_id)s and b.month = %(month)s and b.spent_micro_usd > 0
  and b.spent_micro_usd * 100 >= level * public.budget_micro_usd(b.user_id, b.month)
on conflict do nothing
returning percent
"""
SHRINK = """
with old as (
  select amount_micro_usd from public.budget_reservations where run_id = %(run_id)s
), shrunk as (
  update public.budget_reservations
  set amount_micro_usd = %(amount)s, expires_at = now() + make_interval(secs => %(ttl)s)
  where run_id = %(run_id)s returning user_id, month
)
update public.budget_months b
set reserved_micro_usd = b.reserved_micro_usd - (old.amount_micro_usd - %(amount)s)
from old, shrunk where b.user_id = shrunk.user_id and b.month = shrunk.month
"""
CLOSE = """
with closed as (
  update public.budget_reservations
  set status = %(status)s, settled_micro_usd = %(settled)s, closed_at = now()
  where run_id = %(run_id)s and status = 'held'
  returning user_id, month, amount_micro_usd
)
update public.budget_months b set reserved_micro_usd = b.reserved_micro_usd - closed.amount_micro_usd
from closed where b.user_id = closed.user_id and b.month = closed.month
"""
EXPIRED = """
select run_id from public.budget_reservations where status = 'held' and expires_at < now()
order by run_id limit 500 for update skip locked
"""
RECORD = """
insert into public.usage_records as r (user_id, workspace_id, date, tokens_input, tokens_output, cost_usd,
  agent_usage, request_count)
values (%(user_id)s, %(workspace_id)s, public.workspace_today(%(workspace_id)s), %(tokens_input)s,
  %(tokens_output)s, %(cost_micro_usd)s / 1000000.0, jsonb_build_object(%(agent_type)s::text, 1), 1)
on conflict (user_id, date) do update set
  tokens_input = r.tokens_input + excluded.tokens_input,
  tokens_output = r.tokens_output + excluded.tokens_output,
  cost_usd = r.cost_usd + excluded.cost_usd,
  request_count = r.request_count + 1,
  agent_usage = r.agent_usage || jsonb_build_object(%(agent_type)s::text,
    coalesce((r.agent_usage ->> %(agent_type)s)::int, 0) + 1)
"""


@dataclass(frozen=True, slots=True)
class Budget:
    """What a user may still promise this month; `remaining` is USD."""

    can_afford: bool
    remaining: float


def _insufficient(remaining_micro_usd: int) -> BudgetExceeded:
    """The refusal with the specification's text."""
    remaining = max(remaining_micro_usd, 0) / MICRO
    return BudgetExceeded(
        f"Insufficient budget. Remaining: ${remaining:.4f}",
        remaining=remaining,
        ways_out=WAYS_OUT,
    )


def touch(run_id: UUID) -> Statement:
    """Keeps the reservation of a run that is being worked on."""
    return TOUCH, {"run_id": run_id, **_TTL}


async def budget_of(database: Database, run_id: UUID) -> Budget:
    """What the run may still spend: its own reservation, and what the month has not promised. One trip."""
    found = await database.service_trip("run_engine", (REMAINING_FOR_RUN, {"run_id": run_id}))
    return _budget(found.first)


def _budget(row: DictRow | None, cost_usd: float = RUN_RESERVE_MICRO_USD / MICRO) -> Budget:
    remaining = int(row["remaining"]) if row else 0
    return Budget(remaining >= round(cost_usd * MICRO), max(remaining, 0) / MICRO)


class UsageTracker:
    """The ledger within one service transaction."""

    def __init__(self, tx: Tx) -> None:
        self.tx = tx

    async def check_budget(
        self, user_id: UUID, estimated_cost_usd: float = RUN_RESERVE_MICRO_USD / MICRO
    ) -> Budget:
        """A look without a promise; only `reserve` promises."""
        return _budget(await self.tx.one(REMAINING, {"user_id": user_id}), estimated_cost_usd)

    async def reserve(
        self, run_id: UUID, *, user_id: UUID, workspace_id: UUID, micro_usd: int
    ) -> None:
        """Set money aside for a new run. Raises BudgetExceeded when the month cannot bear it."""
        month = await self._take(user_id, None, micro_usd)
        values = {"run_id": run_id, "user_id": user_id, "workspace_id": workspace_id}
        self.tx.later(RESERVE, {**values, "month": month, "micro": micro_usd, **_TTL})

    async def cover(self, run_id: UUID) -> None:
        """See that the run's reservation bears the caps of all its calls in flight.

        Enlarges it out of the month when it is too small, and opens it again when it had expired. Raises
        BudgetExceeded when the month cannot bear that.
        """
        row = await self._lock(run_id)
        missing = await self._in_flight(run_id) - row["amount"]
        month = row["month"]
        if missing > 0:
            month = await self._take(row["user_id"], month if row["held"] else None, missing)
        self._set_amount(run_id, month, row["amount"] + max(missing, 0))

    async def spend(self, run_id: UUID, cost_micro_usd: int) -> None:
        """Book a call's bill: out of the reservation, into the month's spent."""
        row = await self._lock(run_id)
        freed = min(row["amount"], cost_micro_usd)
        if row["held"]:
            self._set_amount(run_id, row["month"], row["amount"] - freed)
        self.tx.later(
            BOOK,
            {
                "user_id": row["user_id"],
                "month": row["month"],
                "cost": cost_micro_usd,
                "freed": freed,
            },
        )
        if cost_micro_usd:
            await self._alert(row["user_id"], row["month"])

    def close(self, run_id: UUID, spent_micro_usd: int | None) -> None:
        """Give back what is left at the end of a run; None when nothing was bought. Twice does nothing."""
        status = "released" if spent_micro_usd is None else "settled"
        self._close(run_id, status, spent_micro_usd)

    async def expire(self) -> int:
        """Give back reservations that no worker has touched for their time; returns how many.

        Caps of calls in flight stay: their bills may still come.
        """
        rows = await self.tx.all(EXPIRED)
        for row in rows:
            in_flight = await self._in_flight(row["run_id"])
            if in_flight:
                self.tx.later(SHRINK, {"run_id": row["run_id"], "amount": in_flight, **_TTL})
            else:
                self._close(row["run_id"], "expired", None)
        return len(rows)

    def record_usage(
        self,
        *,
        user_id: UUID,
        workspace_id: UUID,
        tokens_input: int,
        tokens_output: int,
        cost_micro_usd: int,
        agent_type: str,
    ) -> None:
        """Add one request to the day's usage, by increment in SQL."""
        self.tx.later(
            RECORD,
            {
                "user_id": user_id,
                "workspace_id": workspace_id,
                "tokens_input": tokens_input,
                "tokens_output": tokens_output,
                "cost_micro_usd": cost_micro_usd,
                "agent_type": agent_type,
            },
        )

    async def _alert(self, user_id: UUID, month: date) -> None:
        """Note each of 50, 80 and 100 percent when it is reached for the first time in a month."""
        for alert in await self.tx.all(ALERT, {"user_id": user_id, "month": month}):
            log.info("budget_alert", user_id=str(user_id), percent=alert["percent"])

    async def _remaining(self, user_id: UUID) -> int:
        row = await self.tx.one(REMAINING, {"user_id": user_id})
        return int(row["remaining"]) if row else 0

    async def _in_flight(self, run_id: UUID) -> int:
        row = await self.tx.one(IN_FLIGHT, {"run_id": run_id})
        return int(row["micro"]) if row else 0

    async def _take(self, user_id: UUID, month: date | None, micro_usd: int) -> date:
        taken = await self.tx.one(TAKE, {"user_id": user_id, "month": month, "micro": micro_usd})
        if taken is None:
            raise _insufficient(await self._remaining(user_id))
        first_day: date = taken["month"]
        return first_day

    async def _lock(self, run_id: UUID) -> DictRow:
        row = await self.tx.one(LOCK, {"run_id": run_id})
        assert row is not None, "a run is admitted together with its reservation"
        return row

    def _set_amount(self, run_id: UUID, month: date, amount: int) -> None:
        self.tx.later(SET_AMOUNT, {"run_id": run_id, "month": month, "amount": amount, **_TTL})

    def _close(self, run_id: UUID, status: str, settled: int | None) -> None:
        self.tx.later(CLOSE, {"run_id": run_id, "status": status, "settled": settled})
