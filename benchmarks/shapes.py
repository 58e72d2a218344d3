"""The two neighbours of `GET /api/v1/moves`: the limit a bare ASGI function reaches, and the shape of the
specification's sample code.

Both read the same rows of the same database. Run as `uvicorn benchmarks.shapes:limit` or `:naive`.
"""

import os
from contextlib import asynccontextmanager
from typing import Annotated, Any

import asyncpg
from fastapi import Depends, FastAPI, HTTPException, Request
from jose import JWTError, jwt
from psycopg.rows import dict_row
from psycopg_pool import ConnectionPool
from starlette.middleware.base import BaseHTTPMiddleware

DATABASE_URL = os.environ["DATABASE_URL"]
SECRET = os.environ["SUPABASE_JWT_SECRET"]

# --- the limit: no framework, no token check, one prepared call of the same function -----------------------

_pool: asyncpg.Pool | None = None


async def limit(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Bare ASGI on asyncpg. The user's claims come ready in a header: nothing is verified."""
    global _pool
    if scope["type"] == "lifespan":
        await receive()
        _pool = await asyncpg.create_pool(DATABASE_URL, min_size=10, max_size=10, reset=_keep)
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await _pool.close()
        await send({"type": "lifespan.shutdown.complete"})
        return
    claims = next(value for name, value in scope["headers"] if name == b"x-claims").decode()
    assert _pool is not None
    body = (
        await _pool.fetchval("select api.list_moves($1, null, 20, 0, null, null)", claims)
    ).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _keep(_: Any) -> None:
    """asyncpg's own reset costs a round trip; the function leaves nothing behind."""


# --- the sample's shape: sync client in an async app, looked up twice, rows built in Python -----------------


class SyncClient:
    """Stands where the sample has its synchronous Supabase client; each query is a transaction of its own."""

    def __init__(self) -> None:
        self.pool = ConnectionPool(
            DATABASE_URL, min_size=10, max_size=10, kwargs={"row_factory": dict_row}
        )

    def rows(self, sql: str, *params: Any) -> list[dict[str, Any]]:
        with self.pool.connection() as connection:
            connection.execute("set local role service_role")
            return connection.execute(sql, params).fetchall()


client: SyncClient | None = None
WORKSPACE = "select id from public.workspaces where user_id = %s limit 1"


class AuthContextMiddleware(BaseHTTPMiddleware):
    async def dispatch(self, request: Request, call_next: Any) -> Any:
        request.state.user_id = request.state.workspace_id = None
        header = request.headers.get("Authorization")
        if header and header.startswith("Bearer "):
            try:
                payload = jwt.decode(
                    header[7:], SECRET, algorithms=["HS256"], audience="authenticated"
                )
            except JWTError:
                payload = {}
            if payload.get("sub"):
                request.state.user_id = payload["sub"]
                found = client.rows(WORKSPACE, payload["sub"]) if client else []
                request.state.workspace_id = found[0]["id"] if found else None
        return await call_next(request)


async def get_current_user(request: Request) -> dict[str, Any]:
    if request.state.user_id is None or client is None:
        raise HTTPException(401)
    found = client.rows(WORKSPACE, request.state.user_id)
    return {"id": request.state.user_id, "workspace_id": found[0]["id"]}


@asynccontextmanager
async def _open(_: FastAPI) -> Any:
    global client
    client = SyncClient()
    yield
    client.pool.close()


naive = FastAPI(lifespan=_open)
naive.add_middleware(AuthContextMiddleware)


@naive.get("/api/v1/moves")
async def list_moves(
    user: Annotated[dict[str, Any], Depends(get_current_user)], limit: int = 20, offset: int = 0
) -> dict[str, Any]:
    assert client is not None
    rows = client.rows(
        "select m.*, json_build_object('id', i.id, 'name', i.name) as target_icp from public.moves m"
        " left join public.icp_profiles i on i.id = m.target_icp_id"
        " where m.workspace_id = %s order by m.created_at desc limit %s offset %s",
        user["workspace_id"],
        limit,
        offset,
    )
    return {"moves": rows, "total": len(rows), "limit": limit, "offset": offset}
