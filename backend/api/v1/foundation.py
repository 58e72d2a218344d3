"""The foundation of the workspace."""

from fastapi import APIRouter
from pydantic import BaseModel

from backend.api.cache import DropsFoundation
from backend.api.deps import WorkspaceDB, WorkspaceReader
from backend.domain import foundation
from backend.domain.foundation import Foundation, FoundationUpdate

router = APIRouter()


class FoundationEnvelope(BaseModel):
    foundation: Foundation


class Summary(BaseModel):
    summary: str


@router.get("")
async def get_foundation(db: WorkspaceReader) -> FoundationEnvelope:
    """The checked picture of the business, with the source of each part."""
    return FoundationEnvelope.model_validate({"foundation": await foundation.get(db)})


@router.put("", dependencies=[DropsFoundation])
async def update_foundation(changes: FoundationUpdate, db: WorkspaceDB) -> FoundationEnvelope:
    """Change the fields that are sent; they count as the founder's own from then on."""
    return FoundationEnvelope.model_validate({"foundation": await foundation.update(db, changes)})


@router.get("/summary")
async def get_foundation_summary(db: WorkspaceReader) -> Summary:
    """The compressed text that prompts carry; empty before the onboarding is completed."""
    row = await foundation.get(db)
    return Summary(summary=row["summary"] or "")
