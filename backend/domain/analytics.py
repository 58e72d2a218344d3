"""Analytics: what was planned, done, posted and spent in a period, and what of it worked (PRODUCT 2.1, 7).

Everything is counted from the founder's own rows in one statement, so the parts agree with each other. The
tasks behind any figure are listed by `tasks` with the same filter.
"""

from datetime import date, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

from psycopg.rows import DictRow
from psycopg.sql import SQL
from psycopg.sql import Literal as Value
from pydantic import BaseModel, Field

from backend.core.database import Reads
from backend.core.errors import Forbidden, Unprocessable
from backend.domain import billing
from backend.domain.calendar import zone
from backend.domain.tasks import Task
from backend.domain.values import Day

Outcome = Literal["done", "skipped", "missed", "open"]
"""`missed` is open though its day is past; tasks of a paused move wait and are `open`."""
USUAL_DAYS = 28
MOST_DAYS = 366
WITHOUT = "-"
"""The key of what has no channel, ICP or play."""


class CountedResult(BaseModel):
    """What the founder counted under one name, whatever its case; `tasks` is how many reported it."""

    name: str
    total: float
    tasks: int


class Counts(BaseModel):
    """Tasks by the day they are planned for: `planned` = done + skipped + missed + open.

    `posted` counts daily wins marked posted, and done tasks that carry a link to what went out. Minutes are
    of the `timed` tasks: done, with the time they took. `average_rating` is of `rated` tasks, 1 to 5.
    """

    planned: int = 0
    done: int = 0
    skipped: int = 0
    missed: int = 0
    open: int = 0
    posted: int = 0
    rated: int = 0
    average_rating: float | None = None
    results: list[CountedResult] = []
    spent_inr: float = 0.0
    timed: int = 0
    minutes_estimated: int = 0
    minutes_taken: int = 0


class Group(Counts):
    """`key` goes into the filter of the same name; `-` stands for tasks without one, whose name is null."""

    key: str
    name: str | None


class Week(Counts):
    """`starts_on` is a Monday; weeks without anything are there too."""

    starts_on: date


class Metrics(Counts):
    """The whole period. `copy_*` are Muse's pieces made in it; models are paid in USD."""

    moves_made: int
    ideas_found: int
    copy_made: int
    copy_published: int
    copy_rated: int
    copy_average_rating: float | None
    runs: int
    models_usd: float


class Report(BaseModel):
    """A period, both days included, in the workspace's time zone."""

    first: date
    last: date
    today: date
    metrics: Metrics
    by_week: list[Week]
    by_channel: list[Group]
    by_icp: list[Group]
    by_category: list[Group]
    by_play: list[Group]


class Filter(BaseModel):
    """Which tasks of the period; `result` is the name of something counted."""

    channel: Annotated[str, Field(max_length=200)] | None = None
    icp: UUID | Literal["-"] | None = None
    category: Annotated[str, Field(max_length=40)] | None = None
    play: Annotated[str, Field(max_length=100)] | None = None
    week: Day | None = None
    outcome: Outcome | None = None
    rated: bool | None = None
    timed: bool | None = None
    result: Annotated[str, Field(max_length=60)] | None = None


class ReportedTask(Task):
    move_name: str
    outcome: Outcome


class ReportedTasks(BaseModel):
    tasks: list[ReportedTask]
    total: int
    limit: int
    next_cursor: str | None = None


# The days asked for; four weeks up to today, if not said. What may be seen of them is for Python to say.
PERIOD = SQL("""
period as materialized (
  select now.today, till.last, coalesce(%(first)s::date, till.last - {days}) as first,
    (select s.plan from public.subscriptions s
     where s.user_id = %(user_id)s and s.status <> 'cancelled') as plan
  from (select public.workspace_today(%(workspace_id)s) as today) as now
  cross join lateral (
    select coalesce(%(last)s::date, greatest(now.today, %(first)s::date)) as last) as till
)""").format(days=Value(USUAL_DAYS - 1))

# The tasks of the period with everything that they are grouped by. A cancelled move asks for nothing more.
TASKS = SQL("""
{period}, tasks as materialized (
  select t.*, m.name as move_name, m.category,
    coalesce(lower(btrim(nullif(t.platform, ''))), '-') as channel,
    coalesce(m.target_icp_id::text, '-') as icp, coalesce(t.card, '-') as play,
    date_trunc('week', t.scheduled_date)::date as week,
    case when t.status = 'completed' then 'done' when t.status = 'skipped' then 'skipped'
      when t.scheduled_date < period.today and m.status <> 'paused' then 'missed' else 'open' end as outcome,
    t.status = 'completed' and t.actual_minutes is not null as timed
  from period
  join public.move_tasks t on t.scheduled_date between period.first and period.last
  join public.moves m on m.workspace_id = t.workspace_id and m.id = t.move_id
  where t.workspace_id = %(workspace_id)s and m.workspace_id = %(workspace_id)s
    and (m.status <> 'cancelled' or t.status in ('completed', 'skipped'))
)""").format(period=PERIOD)

REPORT = SQL("""
with {tasks}, wins as materialized (
  select coalesce(lower(btrim(nullif(w.platform, ''))), '-') as channel, w.platform,
    date_trunc('week', w.posted_on)::date as week
  from period join lateral (
    select x.platform, (x.posted_at at time zone %(zone)s)::date as posted_on from public.daily_wins x
    where x.workspace_id = %(workspace_id)s and x.status = 'posted'
  ) w on w.posted_on between period.first and period.last
), places as (
  select t.*, dim, key from tasks t cross join lateral (values
    ('all', ''), ('week', t.week::text), ('channel', t.channel), ('icp', t.icp),
    ('category', t.category), ('play', t.play)) as at (dim, key)
), counted as (
  select dim, key, max(platform) as platform, count(*)::int as planned,
    count(*) filter (where outcome = 'done')::int as done,
    count(*) filter (where outcome = 'skipped')::int as skipped,
    count(*) filter (where outcome = 'missed')::int as missed,
    count(*) filter (where outcome = 'open')::int as open,
    count(*) filter (where outcome = 'done' and deliverable_url is not null)::int as posted,
    count(rating)::int as rated, round(avg(rating), 2)::float8 as average_rating,
    sum(spent_inr)::float8 as spent_inr, count(*) filter (where timed)::int as timed,
    coalesce(sum(estimated_minutes) filter (where timed), 0)::int as minutes_estimated,
    coalesce(sum(actual_minutes) filter (where timed), 0)::int as minutes_taken
  from places group by dim, key
), won as (
  select dim, key, max(platform) as platform, count(*)::int as posted
  from wins w cross join lateral (values
    ('all', ''), ('week', w.week::text), ('channel', w.channel)) as at (dim, key)
  group by dim, key
), brought as (
  select dim, key, jsonb_agg(jsonb_build_object('name', name, 'total', total, 'tasks', tasks)
    order by tasks desc, name) as results
  from (
    select p.dim, p.key, lower(r.name) as name, sum(r.value)::float8 as total,
      count(distinct p.id)::int as tasks
    from places p cross join lateral jsonb_to_recordset(p.results) as r (name text, value numeric)
    group by p.dim, p.key, lower(r.name)
  ) as named group by dim, key
), pieces as (
  select count(*)::int as made, count(*) filter (where a.status = 'published')::int as published,
    count(a.rating)::int as rated, round(avg(a.rating), 2)::float8 as average_rating
  from period join public.muse_assets a
    on (a.created_at at time zone %(zone)s)::date between period.first and period.last
  where a.workspace_id = %(workspace_id)s
), engine as (
  select count(*)::int as runs, coalesce(sum(e.total_cost), 0)::float8 as usd
  from period join public.agent_executions e
    on (e.started_at at time zone %(zone)s)::date between period.first and period.last
  where e.workspace_id = %(workspace_id)s
)
select period.today,
  (select coalesce(jsonb_agg(coalesce(to_jsonb(c), '{{}}') - 'platform' - 'posted' || jsonb_build_object(
      'dim', coalesce(c.dim, w.dim), 'key', coalesce(c.key, w.key),
      'posted', coalesce(c.posted, 0) + coalesce(w.posted, 0),
      'results', coalesce(b.results, '[]'),
      'name', case coalesce(c.dim, w.dim)
        when 'channel' then btrim(coalesce(c.platform, w.platform))
        when 'icp' then (select i.name from public.icp_profiles i
          where i.workspace_id = %(workspace_id)s and i.id::text = c.key)
        when 'play' then initcap(replace(nullif(c.key, '-'), '-', ' '))
        else nullif(c.key, '-') end)
      order by coalesce(c.planned, 0) desc, coalesce(c.key, w.key)), '[]')
    from counted c full join won w on w.dim = c.dim and w.key = c.key
    left join brought b on b.dim = c.dim and b.key = c.key) as groups,
  (select to_jsonb(pieces) from pieces) as copy, (select to_jsonb(engine) from engine) as engine,
  (select count(*)::int from public.moves m where m.workspace_id = %(workspace_id)s
    and (m.created_at at time zone %(zone)s)::date between period.first and period.last) as moves_made,
  (select count(*)::int from public.daily_wins x where x.workspace_id = %(workspace_id)s
    and x.won_on between period.first and period.last) as ideas_found
from period
""").format(tasks=TASKS)

DAYS = SQL("with {period} select * from period").format(period=PERIOD)
LISTED = SQL("""
with {tasks}, chosen as materialized (
  select * from tasks t
  where (%(channel)s::text is null or channel = lower(%(channel)s))
    and (%(icp)s::text is null or icp = %(icp)s)
    and (%(category)s::text is null or category = %(category)s)
    and (%(play)s::text is null or play = %(play)s)
    and (%(week)s::date is null or week = %(week)s)
    and (%(outcome)s::text is null or outcome = %(outcome)s)
    and (%(rated)s::boolean is null or (rating is not null) = %(rated)s)
    and (%(timed)s::boolean is null or timed = %(timed)s)
    and (%(result)s::text is null or exists (
      select from jsonb_to_recordset(t.results) as r (name text) where lower(r.name) = lower(%(result)s)))
)
select counted.total, chosen.*, period.today, period.first, period.last, period.plan
from period cross join (select count(*)::int as total from chosen) as counted
left join lateral (
  select * from chosen
  where %(after_id)s::uuid is null
    or (scheduled_date, id) > (%(after_day)s::date, %(after_id)s::uuid)
  order by scheduled_date, id limit %(limit)s
) as chosen on true
order by scheduled_date, id
""").format(tasks=TASKS)


async def period(db: Reads, first: date | None, last: date | None) -> tuple[date, date]:
    """The days asked for; four weeks up to today, if not said.

    Raises Unprocessable `period_out_of_range`, and Forbidden `plan_required` where the plan looks back less.
    """
    row = await db.one(DAYS, {"first": first, "last": last})
    assert row is not None, "the period is a row"
    return _checked(row)


def _checked(period: DictRow) -> tuple[date, date]:
    """First and last day of a row of PERIOD, where they may be seen."""
    first, last, now = period["first"], period["last"], period["today"]
    if not timedelta(0) <= last - first < timedelta(MOST_DAYS):
        raise Unprocessable(
            f"A period has 1 to {MOST_DAYS} days, the first of them before the last.",
            code="period_out_of_range",
        )
    plan = billing.PLANS[period["plan"] or "free"]
    earliest = now - timedelta(plan.analytics_days - 1)
    if first < earliest:
        raise Forbidden(
            f"The {plan.name} plan looks back {plan.analytics_days} days, to {earliest.day} {earliest:%B %Y};"
            f" the Growth plan looks back {billing.PLANS['growth'].analytics_days}.",
            code="plan_required",
            plans=[
                found.id for found in billing.PLANS.values() if found.analytics_days >= MOST_DAYS
            ],
        )
    return first, last


async def report(db: Reads, first: date, last: date) -> Report:
    """Everything of the period, counted in one statement."""
    row = await db.one(REPORT, {"first": first, "last": last, "zone": await zone(db)})
    assert row is not None, "the period is a row"
    found: dict[str, list[dict[str, Any]]] = {}
    for group in row["groups"]:
        given = {name: value for name, value in group.items() if value is not None}
        found.setdefault(group["dim"], []).append({"name": None, **given})
    whole = found.get("all", [{}])[0]
    copy, engine = row["copy"], row["engine"]
    return Report(
        first=first,
        last=last,
        today=row["today"],
        metrics=Metrics.model_validate(
            {
                **whole,
                "moves_made": row["moves_made"],
                "ideas_found": row["ideas_found"],
                **{f"copy_{name}": value for name, value in copy.items()},
                "runs": engine["runs"],
                "models_usd": round(engine["usd"], 6),
            }
        ),
        by_week=_weeks(first, last, found.get("week", [])),
        by_channel=_groups(found, "channel"),
        by_icp=_groups(found, "icp"),
        by_category=_groups(found, "category"),
        by_play=_groups(found, "play"),
    )


def _groups(found: dict[str, list[dict[str, Any]]], dim: str) -> list[Group]:
    return [Group.model_validate(group) for group in found.get(dim, [])]


def _weeks(first: date, last: date, counted: list[dict[str, Any]]) -> list[Week]:
    known = {group["key"]: group for group in counted}
    monday = first - timedelta(first.weekday())
    mondays = [monday + timedelta(7 * at) for at in range((last - monday).days // 7 + 1)]
    return [
        Week.model_validate({**known.get(day.isoformat(), {}), "starts_on": day}) for day in mondays
    ]


async def tasks(
    db: Reads,
    wanted: Filter,
    *,
    first: date | None,
    last: date | None,
    limit: int,
    after: tuple[date, UUID] | None,
) -> ReportedTasks:
    """The tasks behind a figure, by day, without a cursor; `after` is the last one of the page before.

    Raises what `period` raises for the same days.
    """
    after_day, after_id = after or (None, None)
    values = {
        **wanted.model_dump(),
        "icp": str(wanted.icp) if wanted.icp else None,
        "first": first,
        "last": last,
        "limit": limit,
        "after_day": after_day,
        "after_id": after_id,
    }
    rows = await db.all(LISTED, values)
    _checked(rows[0])
    found = [ReportedTask.model_validate(row) for row in rows if row["id"] is not None]
    return ReportedTasks(tasks=found, total=rows[0]["total"], limit=limit)
