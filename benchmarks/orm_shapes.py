"""`GET /api/v1/moves` as applications on an ORM have it (F and G of PERFORMANCE).

`template` has the shape of FastAPI's own full-stack template: synchronous sessions in the threadpool, the
user looked up by a dependency, count and page as two queries, rows through a response model. `orm` has an
asynchronous session and all of it in one query.

Both do the work that the row asks for: the session's transaction takes the user's role and claims first, as
such applications do under row-level security, and the policies are the same. Run as
`uvicorn benchmarks.orm_shapes:template` or `:orm`.
"""

import json
import os
from collections.abc import AsyncIterator, Iterator
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, FastAPI, HTTPException
from fastapi.security import OAuth2PasswordBearer
from jose import JWTError, jwt
from pydantic import BaseModel, ConfigDict
from sqlalchemy import ForeignKey, create_engine, func, select, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    Session,
    joinedload,
    mapped_column,
    relationship,
)
from sqlalchemy.types import Text

from backend.domain import moves

ADDRESS = os.environ["DATABASE_URL"].replace("postgresql://", "postgresql+psycopg://")
SECRET = os.environ["SUPABASE_JWT_SECRET"]
POOL: dict[str, Any] = {"pool_size": 10, "max_overflow": 0}
TEMPLATE_POOL = {**POOL, "pool_size": 40}
"""One connection for each thread of the pool that requests run in, or they wait for each other."""


class Base(DeclarativeBase):
    type_annotation_map = {dict[str, Any]: JSONB, list[Any]: JSONB, list[str]: ARRAY(Text)}  # noqa: RUF012
    __table_args__ = {"schema": "public"}  # noqa: RUF012


class Workspace(Base):
    __tablename__ = "workspaces"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID]


class Icp(Base):
    __tablename__ = "icp_profiles"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]


def _columns() -> dict[str, Any]:
    """Those of the API's own model, with the same types."""
    found: dict[str, Any] = {"__tablename__": "moves", "__annotations__": {}}
    for name, field in moves.Move.model_fields.items():
        plain = list[Any] if name == "execution" else field.annotation
        if plain not in (list[Any], dict[str, Any], list[str]) and "Literal" in str(plain):
            plain = str
        found["__annotations__"][name] = Mapped[plain]  # type: ignore[valid-type]
    found["id"] = mapped_column(primary_key=True)
    found["target_icp_id"] = mapped_column(ForeignKey(Icp.id))
    found["target_icp"] = relationship(Icp)
    return found


Move: Any = type("Move", (Base,), _columns())


class IcpPublic(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    id: UUID
    name: str


class MovePublic(moves.Move):
    model_config = ConfigDict(from_attributes=True)
    target_icp: IcpPublic | None


class MovesPublic(BaseModel):
    moves: list[MovePublic]
    total: int


Token = Annotated[str, Depends(OAuth2PasswordBearer(tokenUrl="/login"))]


def get_subject(token: Token) -> UUID:
    try:
        claims = jwt.decode(token, SECRET, algorithms=["HS256"], audience="authenticated")
    except JWTError as error:
        raise HTTPException(403) from error
    return UUID(claims["sub"])


Subject = Annotated[UUID, Depends(get_subject)]
BECOME = text(
    "select set_config('role', 'authenticated', true),"
    " set_config('request.jwt.claims', :claims, true)"
)


def _claims(subject: UUID) -> dict[str, str]:
    return {"claims": json.dumps({"sub": str(subject), "role": "authenticated"})}


# --- the template's shape -------------------------------------------------------------------------------

template = FastAPI()
engine = create_engine(ADDRESS, **TEMPLATE_POOL)


def get_session(subject: Subject) -> Iterator[Session]:
    with Session(engine) as session:
        session.execute(BECOME, _claims(subject))
        yield session


SessionDep = Annotated[Session, Depends(get_session)]


def get_workspace(session: SessionDep, subject: Subject) -> Workspace:
    found = session.scalar(select(Workspace).where(Workspace.user_id == subject))
    if found is None:
        raise HTTPException(404)
    return found


@template.get("/api/v1/moves", response_model=MovesPublic)
def read_moves(
    session: SessionDep,
    workspace: Annotated[Workspace, Depends(get_workspace)],
    limit: int = 20,
    offset: int = 0,
) -> Any:
    own = Move.workspace_id == workspace.id
    total = session.scalar(select(func.count()).select_from(Move).where(own))
    page = (
        select(Move)
        .where(own)
        .options(joinedload(Move.target_icp))
        .order_by(Move.created_at.desc())
        .offset(offset)
        .limit(limit)
    )
    return MovesPublic(moves=list(session.scalars(page)), total=total or 0)


# --- an asynchronous session ------------------------------------------------------------------------------

orm = FastAPI()
async_engine = create_async_engine(ADDRESS, **POOL)


async def get_async_session(subject: Subject) -> AsyncIterator[AsyncSession]:
    async with AsyncSession(async_engine, expire_on_commit=False) as session:
        await session.execute(BECOME, _claims(subject))
        yield session


@orm.get("/api/v1/moves", response_model=MovesPublic)
async def read_moves_at_once(
    session: Annotated[AsyncSession, Depends(get_async_session)],
    subject: Subject,
    limit: int = 20,
    offset: int = 0,
) -> Any:
    page = (
        select(Move, func.count().over())
        .join(Workspace, Workspace.id == Move.workspace_id)
        .where(Workspace.user_id == subject)
        .options(joinedload(Move.target_icp))
        .order_by(Move.created_at.desc())
        .offset(offset)
        .limit(limit)
    )
    rows = (await session.execute(page)).all()
    return MovesPublic(moves=[row[0] for row in rows], total=rows[0][1] if rows else 0)
