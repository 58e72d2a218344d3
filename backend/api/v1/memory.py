"""What the product remembers of a workspace: look at it, search it, erase it."""

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, Field

from backend.api.deps import CurrentUser, WorkspaceReader
from backend.api.paging import PageQuery, PageRoute, json_page
from backend.core.database import Reader
from backend.core.errors import Unprocessable
from backend.domain.values import Timestamp
from backend.memory import vector_store
from backend.memory.controller import MemoryController
from backend.memory.vector_store import TYPES, MemoryType

router = APIRouter()

LIST = """
select api.list_memories(%(claims)s, %(type)s, %(session_id)s, %(limit)s, %(offset)s, %(at)s, %(id)s)
"""
Type = Literal[MemoryType, "execution", "preference"]


class MemoryItem(BaseModel):
    """One memory. `similarity` and `score` (merged rank of meaning and words) are those of a search."""

    id: UUID
    type: Type
    store: Literal["vector", "episode"]
    content: str
    metadata: Any
    session_id: UUID | None
    reference_table: str | None
    reference_id: UUID | None
    importance: float | None
    similarity: float | None = None
    score: float | None = None
    created_at: Timestamp


class MemoryPage(BaseModel):
    memories: list[MemoryItem]
    total: int
    limit: int
    offset: int
    next_cursor: str | None = None


class Erased(BaseModel):
    """`working_memory` is false when the short-term copy could not be reached: it ends within the hour."""

    deleted: bool = True
    count: int
    working_memory: bool


class MemoryErased(BaseModel):
    deleted: bool = True


class MemoryQuery(PageQuery):
    q: str | None = Field(
        None, min_length=1, max_length=500, description="Words or a question: a search, best first."
    )
    type: Type | None = Field(None, description="Only memories of this type.")
    session_id: UUID | None = Field(None, description="Only memories of this session.")


async def _controller(request: Request) -> MemoryController:
    return MemoryController(request.app.state.database, request.app.state.redis)


Controller = Annotated[MemoryController, Depends(_controller)]


async def list_memories(db: WorkspaceReader, query: Annotated[MemoryQuery, Query()]) -> Response:
    """What is remembered, newest first: texts with a meaning (`vector`) and what happened (`episode`).

    With `q`, the `limit` memories that are near in meaning or share its words; episodes are not searched.
    """
    if query.q:
        return await _search(db, query)
    at, id = query.after() or (None, None)
    values = {**query.model_dump(exclude={"cursor", "q"}), "at": at, "id": id}
    return json_page(await db.json(LIST, values))


async def _search(db: Reader, query: MemoryQuery) -> Response:
    if query.offset or query.cursor or query.session_id:
        raise Unprocessable("q goes with type and limit only.", code="search_not_paged")
    types = [kind for kind in TYPES if query.type in (None, kind)]
    if not types:
        raise Unprocessable(
            f"Memories of type {query.type} are not searched.", code="type_not_searched"
        )
    return json_page(
        await vector_store.search_json(db, str(query.q), types=types, limit=query.limit)
    )


router.add_api_route("", list_memories, response_model=MemoryPage, route_class_override=PageRoute)


@router.delete("")
async def erase_memories(
    user: CurrentUser,
    memory: Controller,
    type: Annotated[Type | None, Query(description="Only memories of this type.")] = None,
    session_id: Annotated[UUID | None, Query(description="Only those of this session.")] = None,
) -> Erased:
    """Erase everything remembered, or what fits the filters. The rows they tell of stay."""
    gone = await memory.forget(user, type=type, session_id=session_id)
    return Erased(count=gone.total, working_memory=gone.working)


@router.delete("/{memory_id}")
async def erase_memory(memory_id: UUID, user: CurrentUser, memory: Controller) -> MemoryErased:
    """Erase one memory."""
    await memory.forget_one(user, memory_id)
    return MemoryErased()
