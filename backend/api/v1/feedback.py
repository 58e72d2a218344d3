"""Feedback: what users say about outputs, and what it has taught."""

from fastapi import APIRouter, Request
from pydantic import BaseModel

from backend.api.deps import CurrentUser, WorkspaceDB, WorkspaceReader
from backend.domain import feedback
from backend.domain.feedback import Feedback, FeedbackCreate, Preferences
from backend.memory import indexing
from backend.memory.controller import MemoryController, write_feedback
from backend.services.cache_manager import CacheManager

router = APIRouter()


class FeedbackEnvelope(BaseModel):
    feedback: Feedback
    preferences: Preferences


class PreferencesEnvelope(BaseModel):
    preferences: Preferences


@router.post("")
async def give_feedback(
    new: FeedbackCreate, user: CurrentUser, db: WorkspaceDB, request: Request
) -> FeedbackEnvelope:
    """Keep it, and answer with the preferences that the next outputs will follow."""
    row = await feedback.create(db, new)
    await write_feedback(db, row)
    learned = await feedback.preferences(db)
    cache = CacheManager(request.app.state.redis)
    workspace_id = db.workspace_id
    memory = MemoryController(request.app.state.database, request.app.state.redis)
    memories = [indexing.of_feedback(row["id"], row["output_type"], row)]
    db.after_commit(lambda: cache.drop_preferences(workspace_id))
    db.after_commit(lambda: memory.remember(user, memories))
    return FeedbackEnvelope.model_validate({"feedback": row, "preferences": learned})


@router.get("/preferences")
async def get_preferences(db: WorkspaceReader) -> PreferencesEnvelope:
    """What feedback has taught so far."""
    return PreferencesEnvelope(preferences=await feedback.preferences(db))
