"""Keys for programs. Managed by people: no key makes, widens or revokes keys."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, Field

from backend.api.deps import CurrentUser, WorkspaceDB, WorkspaceReader
from backend.api.paging import PageQuery, paged
from backend.domain import api_keys
from backend.domain.api_keys import ApiKey, ApiKeyCreate, ApiKeyPage, ApiKeyUpdate, Rotation
from backend.services.api_keys import ApiKeys

router = APIRouter()


class ApiKeyEnvelope(BaseModel):
    api_key: ApiKey


class ApiKeyMade(ApiKeyEnvelope):
    key: str = Field(description="The key itself. It is shown this once.")


async def _keys(request: Request) -> ApiKeys:
    keys: ApiKeys = request.app.state.keys
    return keys


class KeyQuery(PageQuery):
    limit: int = Field(50, ge=1, le=100, description="Rows on a page.")


@router.get("")
async def list_api_keys(db: WorkspaceReader, query: Annotated[KeyQuery, Query()]) -> ApiKeyPage:
    """Keys of the workspace, newest first, revoked ones too."""
    rows, total = await api_keys.table.list(
        db, limit=query.limit, offset=query.offset, after=query.after()
    )
    return ApiKeyPage.model_validate(paged("api_keys", rows, total, query))


@router.post("")
async def create_api_key(new: ApiKeyCreate, db: WorkspaceDB) -> ApiKeyMade:
    """Make a key; it is shown in this answer alone."""
    row, key = await api_keys.create(db, new)
    return ApiKeyMade.model_validate({"api_key": row, "key": key})


@router.get("/{api_key_id}")
async def get_api_key(api_key_id: UUID, db: WorkspaceReader) -> ApiKeyEnvelope:
    return ApiKeyEnvelope.model_validate({"api_key": await api_keys.table.get(db, api_key_id)})


@router.put("/{api_key_id}")
async def update_api_key(
    api_key_id: UUID, changes: ApiKeyUpdate, db: WorkspaceDB
) -> ApiKeyEnvelope:
    """Change name, scopes or end."""
    sent = changes.model_dump(exclude_unset=True)
    row = await api_keys.table.update(db, api_key_id, sent)
    return ApiKeyEnvelope.model_validate({"api_key": row})


@router.post("/{api_key_id}/rotate")
async def rotate_api_key(
    api_key_id: UUID,
    wish: Rotation,
    user: CurrentUser,
    db: WorkspaceReader,
    keys: Annotated[ApiKeys, Depends(_keys)],
) -> ApiKeyMade:
    """A new key with the same scopes; the old one stays good for `grace_hours`."""
    await api_keys.table.get(db, api_key_id)
    key = await keys.rotate(user.workspace_id, api_key_id, wish.grace_hours)
    row = await api_keys.table.get(db, api_key_id)
    return ApiKeyMade.model_validate({"api_key": row, "key": key})


@router.delete("/{api_key_id}")
async def revoke_api_key(api_key_id: UUID, db: WorkspaceDB) -> ApiKeyEnvelope:
    """The key stops at once. Safe to repeat."""
    return ApiKeyEnvelope.model_validate({"api_key": await api_keys.revoke(db, api_key_id)})
