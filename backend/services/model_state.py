"""How the model is: workers ask it, so they tell; `/ready` and `raptorflow doctor` read it out of Redis."""

import json
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel
from redis.asyncio import Redis
from redis.exceptions import RedisError

from backend.core.redis_keys import MODEL_STATE, MODEL_STATE_TTL_SECONDS

if TYPE_CHECKING:
    from backend.services.llm import ModelDoor
    from backend.services.models.contract import ModelProvider

PUBLISH_SECONDS = 5.0


class ModelState(BaseModel):
    """`unknown`: no worker has said anything for half a minute, or Redis is away."""

    provider: str
    state: Literal["ok", "loading", "degraded", "down", "unknown"]
    detail: str = ""
    models: dict[str, str] = {}
    """Name on a skill card -> the provider's id."""


def loading(provider: "ModelProvider") -> ModelState:
    return ModelState(provider=provider.name, state="loading", detail="a worker is starting")


def of(door: "ModelDoor") -> ModelState:
    """What the worker that asks through this door has seen."""
    state = door.breaker.state
    detail = "" if state == "ok" else door.breaker.last_failure
    return ModelState(
        provider=door.provider.name,
        state=state,
        detail=detail,
        models=getattr(door.provider, "models", {}),
    )


async def publish(redis: Redis, state: ModelState) -> None:
    """Tell, if Redis listens."""
    try:
        await redis.set(MODEL_STATE, state.model_dump_json(), ex=MODEL_STATE_TTL_SECONDS)
    except (RedisError, OSError):
        return


async def read(redis: Redis, provider: str) -> ModelState:
    """The last that a worker said."""
    try:
        told = await redis.get(MODEL_STATE)
    except (RedisError, OSError):
        return ModelState(provider=provider, state="unknown", detail="Redis is away")
    if told is None:
        return ModelState(provider=provider, state="unknown", detail="no worker is running")
    return ModelState.model_validate(json.loads(told))
