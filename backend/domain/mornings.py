"""The morning's daily wins: once a day, in the workspace's own time zone, for founders who use them.

"Use" is: asked for ideas by hand, or did something with one, in the last thirty days. What nobody reads is
not paid for.
"""

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from psycopg.sql import SQL
from pydantic import BaseModel, Field, StrictBool

from backend.core.database import Reads, Tx
from backend.domain.values import INPUT

Outcome = Literal["queued", "no_budget"]
HOUR = 7
FIRST_HOUR, LAST_HOUR = 4, 11
GRACE_HOURS = 4
"""So late a morning still begins, when no worker ran at its hour."""
AT_ONCE = 200
"""Workspaces of one look; the next look takes the next ones."""

Hour = Annotated[int, Field(ge=FIRST_HOUR, le=LAST_HOUR)]


class Morning(BaseModel):
    """`hour` is where the founder is. `in_use`: on, and ideas were used in the last thirty days."""

    is_on: bool
    hour: Hour
    in_use: bool
    last_run_on: date | None
    last_outcome: Outcome | None


class MorningUpdate(BaseModel):
    """Only what is sent is changed."""

    model_config = INPUT

    is_on: StrictBool | None = None
    hour: Hour | None = None


USED = SQL("""
(exists (select from public.daily_wins x where x.workspace_id = w.id and x.status <> 'generated'
    and x.won_on > public.workspace_today(w.id) - 30)
  or exists (select from public.agent_executions e where e.workspace_id = w.id
    and e.request_type = 'daily_wins' and not e.background and e.started_at > now() - interval '30 days'))
""")
GET = SQL("""
select coalesce(m.is_on, true) as is_on, coalesce(m.hour, %(hour)s) as hour, m.last_run_on, m.last_outcome,
  coalesce(m.is_on, true) and {used} as in_use
from public.workspaces w left join public.win_mornings m on m.workspace_id = w.id
where w.id = %(workspace_id)s
""").format(used=USED)
SET = """
insert into public.win_mornings as m (workspace_id, is_on, hour)
values (%(workspace_id)s, coalesce(%(is_on)s, true), coalesce(%(hour)s, %(usual)s))
on conflict (workspace_id) do update set
  is_on = coalesce(%(is_on)s, m.is_on), hour = coalesce(%(hour)s, m.hour)
"""
# Taken before it is queued: a worker that dies in between costs one morning, never two runs in one.
TAKE = SQL("""
with due as (
  select w.id, w.user_id, public.workspace_today(w.id) as today
  from public.workspaces w left join public.win_mornings m on m.workspace_id = w.id
  where coalesce(m.is_on, true)
    and coalesce(m.last_run_on < public.workspace_today(w.id), true)
    and extract(hour from public.workspace_now(w.id))
      between coalesce(m.hour, %(hour)s) and coalesce(m.hour, %(hour)s) + %(grace)s
    and {used}
    and not exists (select from public.daily_wins x
      where x.workspace_id = w.id and x.won_on = public.workspace_today(w.id))
  order by w.id limit %(most)s
), taken as (
  insert into public.win_mornings as m (workspace_id, last_run_on)
  select id, today from due
  on conflict (workspace_id) do update set last_run_on = excluded.last_run_on
    where m.last_run_on is null or m.last_run_on < excluded.last_run_on
  returning m.workspace_id
)
select due.id as workspace_id, due.user_id from due join taken on taken.workspace_id = due.id
""").format(used=USED)
NOTE = """
update public.win_mornings set last_outcome = %(outcome)s where workspace_id = %(workspace)s
"""


async def get(db: Reads) -> dict[str, Any]:
    row = await db.one(GET, {"hour": HOUR})
    assert row is not None, "a signed-in user has a workspace"
    return row


async def set(tx: Tx, changes: MorningUpdate) -> dict[str, Any]:
    """Turn the mornings on or off, or choose another hour."""
    await tx.run(SET, {**changes.model_dump(), "usual": HOUR})
    return await get(tx)


async def take_due(tx: Tx) -> list[tuple[UUID, UUID]]:
    """(user, workspace) of each morning that has come, taken for today. Through the service door."""
    rows = await tx.all(TAKE, {"hour": HOUR, "grace": GRACE_HOURS, "most": AT_ONCE})
    return [(row["user_id"], row["workspace_id"]) for row in rows]


async def note(tx: Tx, workspace_id: UUID, outcome: Outcome) -> None:
    """What became of today's. Through the service door."""
    await tx.run(NOTE, {"workspace": workspace_id, "outcome": outcome})
