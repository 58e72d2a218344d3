"""The neighbours of `GET /api/v1/moves` that PERFORMANCE names: E, the limit a bare ASGI function reaches,
and A, the shape of the specification's sample code.

All read the same rows of one database. Run as `uvicorn benchmarks.shapes:limit`, `:naive` or `:rest`.
"""

import json
import os
from typing import Annotated, Any
from urllib.parse import parse_qs

import asyncpg
from fastapi import Depends, FastAPI, HTTPException, Request
from jose import JWTError, jwt
from postgrest import SyncPostgrestClient
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.middleware.cors import CORSMiddleware

DATABASE_URL = os.environ["DATABASE_URL"]
SECRET = os.environ["SUPABASE_JWT_SECRET"]
REST_URL = os.environ.get("BENCHMARK_REST_URL", "")

# --- the limit: no framework, no token check, one prepared call of the same function -----------------------

_pool: asyncpg.Pool | None = None


async def limit(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Bare ASGI on asyncpg. The user's claims come ready in a header: nothing is verified."""
    if scope["type"] == "lifespan":
        await _live(receive, send)
        return
    claims = next(value for name, value in scope["headers"] if name == b"x-claims").decode()
    assert _pool is not None
    body = (
        await _pool.fetchval("select api.list_moves($1, null, 20, 0, null, null)", claims)
    ).encode()
    await _answer(body, send)


async def _live(receive: Any, send: Any) -> None:
    """The pool, as long as the server."""
    global _pool
    await receive()
    _pool = await asyncpg.create_pool(DATABASE_URL, min_size=10, max_size=10, reset=_keep)
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await _pool.close()
    await send({"type": "lifespan.shutdown.complete"})


async def _answer(body: bytes, send: Any) -> None:
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _keep(_: Any) -> None:
    """asyncpg's own reset costs a round trip; the function leaves nothing behind."""


# --- PostgREST's part in the sample's shape: a transaction, the role, the claims, one query as JSON ---------

WORKSPACES = """
with found as (select id from naive.workspaces where user_id = $1::uuid limit 1)
select coalesce(json_agg(found), '[]')::text from found
"""
MOVES = """
with found as (
  select m.*, json_build_object('id', i.id, 'name', i.name) as target_icp
  from naive.moves m left join naive.icp_profiles i on i.id = m.target_icp_id
  where m.workspace_id = $1::uuid order by m.created_at desc limit $2 offset $3
)
select coalesce(json_agg(found), '[]')::text from found
"""


async def rest(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Stands where PostgREST does, and does less than it: it knows its two queries, and takes the user from
    the token without a check. What it costs is not counted."""
    if scope["type"] == "lifespan":
        await _live(receive, send)
        return
    asked = {name: values[0] for name, values in parse_qs(scope["query_string"].decode()).items()}
    token = next(value for name, value in scope["headers"] if name == b"authorization").decode()
    claims = jwt.get_unverified_claims(token.removeprefix("Bearer "))
    assert _pool is not None
    async with _pool.acquire() as connection, connection.transaction():
        await connection.execute(
            "select set_config('role', 'authenticated', true),"
            " set_config('request.jwt.claims', $1, true)",
            json.dumps({"sub": claims["sub"], "role": "authenticated"}),
        )
        if scope["path"] == "/workspaces":
            body = await connection.fetchval(WORKSPACES, asked["user_id"].removeprefix("eq."))
        else:
            page = int(asked["limit"]), int(asked.get("offset", 0))
            workspace_id = asked["workspace_id"].removeprefix("eq.")
            body = await connection.fetchval(MOVES, workspace_id, *page)
    await _answer(body.encode(), send)


# --- the sample's shape: a synchronous client in an async app, rows through Python --------------------------


def client_for(token: str) -> SyncPostgrestClient:
    """The sample's Supabase client, of one connection kept alive, as it reads under row-level security."""
    client.headers["Authorization"] = f"Bearer {token}"
    return client


client = SyncPostgrestClient(REST_URL or "http://127.0.0.1:1")


class AuthContextMiddleware(BaseHTTPMiddleware):
    async def dispatch(self, request: Request, call_next: Any) -> Any:
        request.state.user_id = request.state.workspace_id = None
        header = request.headers.get("Authorization")
        if header and header.startswith("Bearer "):
            request.state.token = header[7:]
            try:
                payload = jwt.decode(
                    header[7:], SECRET, algorithms=["HS256"], audience="authenticated"
                )
            except JWTError:
                payload = {}
            if user_id := payload.get("sub"):
                request.state.user_id = user_id
                asking = client_for(header[7:]).table("workspaces").select("id")
                found = asking.eq("user_id", user_id).limit(1).execute().data
                request.state.workspace_id = found[0]["id"] if found else None
        return await call_next(request)


async def get_current_user(request: Request) -> Request:
    if request.state.workspace_id is None:
        raise HTTPException(401)
    return request


naive = FastAPI()
naive.add_middleware(
    CORSMiddleware,
    allow_origins=["http://localhost:3000"],
    allow_credentials=True,
    allow_methods=["*"],
    allow_headers=["*"],
)
naive.add_middleware(AuthContextMiddleware)


@naive.get("/api/v1/moves")
async def list_moves(
    user: Annotated[Request, Depends(get_current_user)], limit: int = 20, offset: int = 0
) -> dict[str, Any]:
    asking = client_for(user.state.token).table("moves")
    rows = (
        asking.select("*, target_icp:icp_profiles(id, name)")
        .eq("workspace_id", user.state.workspace_id)
        .order("created_at", desc=True)
        .range(offset, offset + limit - 1)
        .execute()
        .data
    )
    return {"moves": rows, "total": len(rows), "limit": limit, "offset": offset}
