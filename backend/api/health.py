"""Is it alive, is it ready. `/health` answers exactly as specified; `/ready` asks each part."""

import asyncio
from typing import Literal

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel
from redis.asyncio import Redis
from redis.exceptions import RedisError

from backend.agents.graph_door import GraphDoor
from backend.core.database import Database
from backend.core.errors import AppError
from backend.domain.invoices import missing_settings
from backend.services import model_state
from backend.services.model_state import ModelState

router = APIRouter(tags=["Health"])

State = Literal["ok", "degraded", "down"]


class Health(BaseModel):
    status: Literal["healthy", "unhealthy"]
    version: str
    graph_ready: bool


class Live(BaseModel):
    status: Literal["alive"] = "alive"


class Ready(BaseModel):
    """`degraded`: everything works, some of it slower (Redis away) or later (invoices held until the seller's
    settings, which `missing` names, are complete). `down`: requests will fail (503).
    """

    status: State
    database: State
    redis: State
    graph: State
    model: str
    model_state: ModelState
    invoices: State
    missing: list[str]


@router.get("/health")
async def health(request: Request) -> Health:
    """Liveness in the specification's shape."""
    app = request.app
    return Health(
        status="healthy", version=app.version, graph_ready=_graph_ready(app.state.raptorflow_graph)
    )


@router.get("/live")
async def live() -> Live:
    """The process answers."""
    return Live()


@router.get("/ready", responses={503: {"model": Ready}})
async def ready(request: Request, response: Response) -> Ready:
    """Every part, asked now."""
    state = request.app.state
    provider = state.settings.model_provider
    database, redis, model = await asyncio.gather(
        _database(state.database), _redis(state.redis), _model(state.redis, provider)
    )
    graph: State = "ok" if _graph_ready(state.raptorflow_graph) else "down"
    down = "down" in (database, graph)
    if down:
        response.status_code = 503
    missing = missing_settings(state.settings)
    invoices: State = "degraded" if missing else "ok"
    overall: State = "down" if down else "degraded" if "degraded" in (redis, invoices) else "ok"
    return Ready(
        status=overall,
        database=database,
        redis=redis,
        graph=graph,
        model=provider,
        model_state=model,
        invoices=invoices,
        missing=missing,
    )


def _graph_ready(door: GraphDoor | None) -> bool:
    return door is not None and door.ready


async def _database(database: Database) -> State:
    try:
        await database.ping()
    except AppError:
        return "down"
    return "ok"


async def _model(redis: Redis, provider: str) -> ModelState:
    try:
        async with asyncio.timeout(1):
            return await model_state.read(redis, provider)
    except TimeoutError:
        return ModelState(provider=provider, state="unknown", detail="Redis is slow")


async def _redis(redis: Redis) -> State:
    try:
        async with asyncio.timeout(1):
            await redis.ping()
    except (RedisError, OSError, TimeoutError):
        return "degraded"
    return "ok"
