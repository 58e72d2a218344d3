"""Feedback: what users say about outputs, and what it has taught."""

from fastapi import APIRouter, Request
from pydantic import BaseModel

from backend.api import opinions
from backend.api.deps import CurrentUser, WorkspaceDB, WorkspaceReader
from backend.domain import feedback
from backend.domain.feedback import Feedback, FeedbackCreate, Preferences

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
    row = await opinions.keep(new, user, db, request)
    learned = await feedback.preferences(db)
    return FeedbackEnvelope.model_validate({"feedback": row, "preferences": learned})


@router.get("/preferences")
async def get_preferences(db: WorkspaceReader) -> PreferencesEnvelope:
    """What feedback has taught so far."""
    return PreferencesEnvelope(preferences=await feedback.preferences(db))
