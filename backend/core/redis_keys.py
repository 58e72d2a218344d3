"""Every Redis key and its life, in one place (PRODUCT 9)."""

from uuid import UUID

HEALTH_STARTUP = "health:startup"
HEALTH_STARTUP_TTL_SECONDS = 60

MODEL_STATE = "health:model"
MODEL_STATE_TTL_SECONDS = 30

CACHE_TTL_SECONDS = 3600
WORKING_MEMORY_TTL_SECONDS = 3600


RATE_LIMIT_PREFIX = "rl"
"""Sliding windows of `services.rate_limiter`: `rl:api:...` and `rl:agent:...`."""


def cache_foundation(workspace_id: UUID) -> str:
    return f"cache:foundation:{workspace_id}"


def cache_icps(workspace_id: UUID) -> str:
    return f"cache:icps:{workspace_id}"


APPROVAL_TTL_SECONDS = 24 * 3600


def approval(gate_id: UUID) -> str:
    """A gate that waits, for whoever wants to know without asking Postgres, which decides."""
    return f"approval:{gate_id}"


def preferences(workspace_id: UUID) -> str:
    return f"prefs:{workspace_id}"


def run_channel(run_id: UUID) -> str:
    """Pub/sub channel that says "this run has new events"; the events themselves are in Postgres."""
    return f"run:{run_id}"


def working_memory(workspace_id: UUID, session_id: UUID) -> str:
    """A session's working memory. With the workspace, because clients choose their session ids."""
    return f"wm:{workspace_id}:{session_id}"
