"""What the founder did with an agent's earlier outputs: how many of each kind were kept, and thrown away."""

from collections.abc import Mapping
from typing import Any

from backend.core.database import Reader

LATEST = 30

OUTCOMES: Mapping[str, str] = {
    "muse": """
select structure as option,
  case when status in ('approved', 'published') or rating >= 4 then 'accepted'
    when status = 'archived' or rating <= 2 then 'rejected' end as outcome
from public.muse_assets where workspace_id = %(workspace_id)s and structure is not null
order by created_at desc, id desc limit %(latest)s
""",
    "daily_wins": """
select case source_kind when 'evidence' then split_part(source_key, ':', 2)
    when 'feed' then 'news' when 'search' then 'news' else source_kind end as option,
  case when status in ('saved', 'posted') then 'accepted'
    when status = 'skipped' then 'rejected' end as outcome
from public.daily_wins where workspace_id = %(workspace_id)s and source_kind is not null
order by won_on desc, id desc limit %(latest)s
""",
    "blackbox": """
select play as option,
  case when status in ('accepted', 'executing', 'completed') then 'accepted'
    when status = 'discarded' then 'rejected' end as outcome
from public.blackbox_strategies where workspace_id = %(workspace_id)s and play is not null
order by created_at desc, id desc limit %(latest)s
""",
}
"""Agent -> its last outputs: the order of a piece, the kind of an idea, the play of a strategy."""


async def outcomes(db: Reader, agent: str) -> dict[str, dict[str, int]]:
    """`{"accepted": {option: count}, "rejected": {option: count}}`, without what is empty."""
    if agent not in OUTCOMES:
        return {}
    found: dict[str, dict[str, int]] = {}
    rows: list[dict[str, Any]] = await db.all(OUTCOMES[agent], {"latest": LATEST})
    for row in rows:
        if row["outcome"] and row["option"]:
            counts = found.setdefault(row["outcome"], {})
            counts[row["option"]] = counts.get(row["option"], 0) + 1
    return found
