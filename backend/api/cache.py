"""Dependencies of writing endpoints: drop what the cache holds of a workspace after the commit."""

import functools

from fastapi import Depends, Request

from backend.api.deps import WorkspaceDB
from backend.services.cache_manager import CacheManager


async def _drop_foundation(db: WorkspaceDB, request: Request) -> None:
    cache = CacheManager(request.app.state.redis)
    db.after_commit(functools.partial(cache.drop_foundation, db.workspace_id))


async def _drop_icps(db: WorkspaceDB, request: Request) -> None:
    cache = CacheManager(request.app.state.redis)
    db.after_commit(functools.partial(cache.drop_icps, db.workspace_id))


DropsFoundation = Depends(_drop_foundation)
DropsIcps = Depends(_drop_icps)
