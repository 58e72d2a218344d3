"""How far a run over several steps is: the last progress that it told, beside its own state."""

from typing import Any
from uuid import UUID

from backend.core.database import Reads
from backend.core.errors import NotFound

PROGRESS = """
select r.id as run_id, r.status, r.error, e.data
from public.agent_executions r
left join lateral (select e.data from public.run_events e
  where e.workspace_id = r.workspace_id and e.run_id = r.id and e.data ->> 'node' = 'progress'
  order by e.seq desc limit 1) e on true
where r.workspace_id = %(workspace_id)s and r.session_id = %(session_id)s
  and r.request_type = 'onboarding' and r.request_data ->> 'action' = 'run'
order by r.started_at desc, r.id desc limit 1
"""


async def of_session(db: Reads, session_id: UUID) -> dict[str, Any]:
    """The latest run over several steps. Raises NotFound `run_not_found`."""
    row = await db.one(PROGRESS, {"session_id": session_id})
    if row is None:
        raise NotFound("No run over several steps was started yet.", code="run_not_found")
    told = {name: value for name, value in (row["data"] or {}).items() if name != "node"}
    return {"run_id": row["run_id"], "status": row["status"], "error": row["error"], **told}
