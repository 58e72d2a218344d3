"""Keeping what somebody says about an output: by the feedback endpoint, or by rating the thing itself."""

from typing import Any

from fastapi import Request

from backend.core.database import Tx
from backend.core.identity import AuthenticatedUser
from backend.domain import feedback
from backend.domain.feedback import FeedbackCreate
from backend.memory import indexing
from backend.memory.controller import MemoryController, write_feedback
from backend.services.cache_manager import CacheManager


async def keep(
    new: FeedbackCreate, user: AuthenticatedUser, db: Tx, request: Request
) -> dict[str, Any]:
    """Feedback as a row and as memories. What was learned before is counted anew after the commit."""
    row = await feedback.create(db, new)
    write_feedback(db, row)
    cache = CacheManager(request.app.state.redis)
    workspace_id = db.workspace_id
    memory = MemoryController(request.app.state.database, request.app.state.redis)
    memories = [indexing.of_feedback(row["id"], row["output_type"], row)]
    db.after_commit(lambda: cache.drop_preferences(workspace_id))
    db.after_commit(lambda: memory.remember(user, memories))
    return row
