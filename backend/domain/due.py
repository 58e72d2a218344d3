"""The turn of the day: what was scheduled for today begins, and running moves count their days.

The worker calls it every few minutes for all workspaces; each has its own midnight.
"""

from backend.core.database import Tx
from backend.domain.moves import MAKE_TASKS

START_CAMPAIGNS = """
update public.campaigns set status = 'active'
where status = 'scheduled' and start_date <= public.workspace_today(workspace_id)
"""
# A day that nobody turned (no worker ran) is not held against the founder: the move begins today.
START_MOVES = """
update public.moves m set status = 'active', current_day = 1,
  start_date = public.workspace_today(m.workspace_id),
  end_date = public.workspace_today(m.workspace_id) + m.duration_days - 1
where m.status = 'scheduled' and m.start_date <= public.workspace_today(m.workspace_id)
  and (m.campaign_id is null or exists (
    select from public.campaigns c
    where c.workspace_id = m.workspace_id and c.id = m.campaign_id and c.status = 'active'))
returning m.id, m.workspace_id
"""
COUNT_DAYS = """
update public.moves set current_day = public.workspace_today(workspace_id) - start_date + 1
where status = 'active' and start_date < public.workspace_today(workspace_id)
  and current_day < duration_days
  and current_day <> public.workspace_today(workspace_id) - start_date + 1
  and public.workspace_today(workspace_id) - start_date + 1 <= duration_days
"""


async def turn(tx: Tx) -> int:
    """Begin what is due; returns how many moves began. Through the service door."""
    await tx.run(START_CAMPAIGNS)
    begun = await tx.all(START_MOVES)
    for move in begun:
        await tx.run(MAKE_TASKS, {"id": move["id"], "workspace_id": move["workspace_id"]})
    await tx.run(COUNT_DAYS)
    return len(begun)
