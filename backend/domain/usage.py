"""What models cost a user: today, this month, by agent, by day, and what may still be spent (PRODUCT 10).

Money is USD as numbers for people here; the ledger below it is in integer micro-USD.
"""

import csv
import io
from datetime import date
from typing import Any

from pydantic import BaseModel

from backend.core.database import Reads
from backend.domain.calendar import zone

MICRO = 1_000_000
FEW_RUNS = 3
"""So many runs of a kind make their median worth more than the table below."""
TYPICAL_USD = {
    "onboarding": 0.05,
    "moves": 0.01,
    "campaigns": 0.015,
    "muse": 0.005,
    "blackbox": 0.008,
    "daily_wins": 0.003,
}
"""What a run of each kind usually costs with a paid model."""


class Daily(BaseModel):
    date: date
    tokens_input: int
    tokens_output: int
    cost_usd: float
    requests: int


class Monthly(BaseModel):
    """`month` as 2026-11, in the workspace's time zone."""

    month: str
    tokens_input: int
    tokens_output: int
    cost_usd: float
    requests: int


class BudgetView(BaseModel):
    """USD. `limit` is the plan's and the top-ups' together; `remaining` is what a new run may be promised."""

    limit: float
    plan: float
    top_ups: float
    used: float
    reserved: float
    remaining: float
    resets_on: date


class AgentUse(BaseModel):
    agent: str
    runs: int
    tokens_input: int
    tokens_output: int
    cost_usd: float


class Typical(BaseModel):
    """`from_own_runs` tells a median of one's own runs from the usual figure."""

    agent: str
    cost_usd: float
    from_own_runs: bool


class Alert(BaseModel):
    percent: int
    reached_at: str


class Usage(BaseModel):
    daily: Daily
    monthly: Monthly
    budget: BudgetView
    by_agent: list[AgentUse]
    by_day: list[Daily]
    typical_runs: list[Typical]
    alerts: list[Alert]


# One statement and so one round trip: the parts agree with each other.
USAGE = """
with at as (
  select public.workspace_today(%(workspace_id)s) as today, public.budget_month(%(user_id)s) as month
), days as (
  select r.date, r.tokens_input, r.tokens_output, r.cost_usd::float8 as cost_usd, r.request_count as requests
  from public.usage_records r, at
  where r.user_id = %(user_id)s and r.date >= at.month and r.date < at.month + interval '1 month'
), agents as (
  select e.request_type as agent, count(*)::int as runs, sum(e.tokens_input)::int as tokens_input,
    sum(e.tokens_output)::int as tokens_output, sum(e.total_cost)::float8 as cost_usd
  from public.agent_executions e, at
  where e.workspace_id = %(workspace_id)s and e.started_at >= at.month::timestamp at time zone %(zone)s
  group by e.request_type
), typical as (
  select e.request_type as agent, count(*)::int as runs,
    percentile_cont(0.5) within group (order by e.total_cost)::float8 as cost_usd
  from public.agent_executions e
  where e.workspace_id = %(workspace_id)s and e.status = 'completed' and e.total_cost > 0
    and e.started_at > now() - interval '90 days'
  group by e.request_type
)
select at.today, at.month,
  public.budget_micro_usd(%(user_id)s, at.month) as budget,
  public.topup_micro_usd(%(user_id)s, at.month) as top_ups,
  coalesce(b.spent_micro_usd, 0) as spent, coalesce(b.reserved_micro_usd, 0) as reserved,
  (select coalesce(jsonb_agg(to_jsonb(d) order by d.date), '[]') from days d) as days,
  (select coalesce(jsonb_agg(to_jsonb(a) order by a.cost_usd desc, a.agent), '[]') from agents a) as agents,
  (select coalesce(jsonb_agg(to_jsonb(t)), '[]') from typical t) as typical,
  (select coalesce(jsonb_agg(jsonb_build_object('percent', l.percent, 'reached_at', l.reached_at)
    order by l.percent), '[]')
    from public.budget_alerts l where l.user_id = %(user_id)s and l.month = at.month) as alerts
from at left join public.budget_months b on b.user_id = %(user_id)s and b.month = at.month
"""
LEDGER = """
select entry, at, run_id, kind, name, model, tokens_input, tokens_output, micro_usd from (
  select 'call' as entry, coalesce(c.completed_at, c.created_at) as at, c.run_id::text as run_id,
    e.request_type as kind, c.name, c.model, c.tokens_input, c.tokens_output,
    -c.charged_micro_usd as micro_usd
  from public.run_calls c
  join public.agent_executions e on e.workspace_id = c.workspace_id and e.id = c.run_id
  where c.workspace_id = %(workspace_id)s and c.charged_micro_usd > 0
  union all
  select 'top_up', t.created_at, null, null, 'top-up', null, null, null, t.amount_micro_usd
  from public.budget_topups t where t.user_id = %(user_id)s
) as entries
where at >= %(first)s::timestamp at time zone %(zone)s
  and at < (%(first)s::date + interval '1 month') at time zone %(zone)s
order by at, run_id, name
"""
COLUMNS = (
    "entry",
    "at",
    "run_id",
    "kind",
    "name",
    "model",
    "tokens_input",
    "tokens_output",
    "amount_usd",
)


async def usage(db: Reads) -> Usage:
    """Of the signed-in user."""
    row = await db.one(USAGE, {"zone": await zone(db)})
    assert row is not None
    days = [Daily.model_validate(day) for day in row["days"]]
    today = next((day for day in days if day.date == row["today"]), _nothing(row["today"]))
    return Usage(
        daily=today,
        monthly=_monthly(row["month"], days),
        budget=_budget(row),
        by_agent=[AgentUse.model_validate(agent) for agent in row["agents"]],
        by_day=days,
        typical_runs=_typical(row["typical"]),
        alerts=[Alert.model_validate(alert) for alert in row["alerts"]],
    )


def _nothing(day: date) -> Daily:
    return Daily(date=day, tokens_input=0, tokens_output=0, cost_usd=0.0, requests=0)


def _monthly(month: date, days: list[Daily]) -> Monthly:
    return Monthly(
        month=f"{month:%Y-%m}",
        tokens_input=sum(day.tokens_input for day in days),
        tokens_output=sum(day.tokens_output for day in days),
        cost_usd=round(sum(day.cost_usd for day in days), 6),
        requests=sum(day.requests for day in days),
    )


def _budget(row: dict[str, Any]) -> BudgetView:
    remaining = max(0, row["budget"] - row["spent"] - row["reserved"])
    return BudgetView(
        limit=row["budget"] / MICRO,
        plan=(row["budget"] - row["top_ups"]) / MICRO,
        top_ups=row["top_ups"] / MICRO,
        used=row["spent"] / MICRO,
        reserved=row["reserved"] / MICRO,
        remaining=remaining / MICRO,
        resets_on=_next_month(row["month"]),
    )


def _next_month(month: date) -> date:
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def _typical(own: list[dict[str, Any]]) -> list[Typical]:
    """One's own median where there are runs enough, else what is usual."""
    known = {row["agent"]: row["cost_usd"] for row in own if row["runs"] >= FEW_RUNS}
    return [
        Typical(
            agent=agent,
            cost_usd=round(known.get(agent, TYPICAL_USD.get(agent, 0.0)), 6),
            from_own_runs=agent in known,
        )
        for agent in sorted(TYPICAL_USD | known)
    ]


async def ledger(db: Reads, month: str) -> str:
    """Every charge and top-up of a month as CSV: charges negative, in USD with six decimals."""
    values = {"first": f"{month}-01", "zone": await zone(db)}
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for row in await db.all(LEDGER, values):
        amount = f"{row['micro_usd'] / MICRO:.6f}"
        plain = [row[name] for name in COLUMNS if name not in ("at", "amount_usd")]
        writer.writerow([plain[0], row["at"].isoformat(), *plain[1:], amount])
    return file.getvalue()
