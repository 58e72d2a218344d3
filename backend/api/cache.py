"""Drop what the cache holds of a workspace once a write has committed."""

from backend.core.database import Tx
from backend.core.redis import get_redis
from backend.services.cache_manager import CacheManager


def drop_foundation(tx: Tx) -> None:
    workspace_id = tx.workspace_id
    tx.after_commit(lambda: CacheManager(get_redis()).drop_foundation(workspace_id))


def drop_icps(tx: Tx) -> None:
    workspace_id = tx.workspace_id
    tx.after_commit(lambda: CacheManager(get_redis()).drop_icps(workspace_id))
