"""A run in a worker's hands, with money reserved, for tests of what calls cost."""

from dataclasses import replace
from typing import Any
from uuid import uuid4

from backend.core.database import Database
from backend.domain import runs
from backend.domain.runs import ClaimedRun
from backend.services.llm import ModelRequest
from backend.services.usage_tracker import UsageTracker
from tests.people import Person

RESERVED = 10_000


async def running(owner: Person, database: Database) -> ClaimedRun:
    run_id = uuid4()
    async with database.service("admit_run") as tx:
        await runs.insert(
            tx,
            run_id,
            workspace_id=owner.workspace_id,
            user_id=owner.id,
            session_id=uuid4(),
            request_type="moves",
            request_data={},
        )
        await UsageTracker(tx).reserve(
            run_id, user_id=owner.id, workspace_id=owner.workspace_id, micro_usd=RESERVED
        )
        claimed = await tx.one(*runs.claim(run_id))
    assert claimed is not None
    return ClaimedRun(**claimed)


def ask(goal: str = "g", **changes: Any) -> ModelRequest:
    request = ModelRequest(
        skill_id="echo",
        skill_version="1",
        inputs={"goal": goal},
        compose=lambda: {"said": goal},
        prompt=lambda: f"Say {goal}",
        model="flash",
        max_tokens=1000,
        max_cost_micro_usd=5_000,
        output_schema={"type": "object", "properties": {"said": {"type": "string"}}},
        timeout_seconds=20,
    )
    return replace(request, **changes)


def month(owner: Person) -> tuple[int, int]:
    """Spent and reserved, in micro-USD."""
    with owner.sql() as sql:
        row = sql.execute(
            "select spent_micro_usd, reserved_micro_usd from public.budget_months where user_id = %s",
            (owner.id,),
        ).fetchone()
    assert row is not None
    return row[0], row[1]


def calls(owner: Person) -> list[dict[str, Any]]:
    columns = (
        "status, model, cost_micro_usd, lost_micro_usd, tokens_input, tokens_output, tokens_cached"
    )
    with owner.sql() as sql:
        rows = sql.execute(
            f"select {columns} from public.run_calls where workspace_id = %s".encode(),
            (owner.workspace_id,),
        ).fetchall()
    return [dict(zip(columns.split(", "), row, strict=True)) for row in rows]
