"""The offline default: a skill's own composer, run in a thread. No tokens, no cost, and it says so."""

import asyncio

from backend.core.config import REPLAY, Settings
from backend.core.errors import Unprocessable
from backend.services.models.contract import ModelReply, ModelRequest


class Composer:
    name = "composer"
    live = False

    async def load(self) -> None:
        """Composers are part of the product: there is nothing to load."""

    async def aclose(self) -> None:
        """It holds nothing."""

    def cap_micro_usd(self, request: ModelRequest) -> int:
        return 0

    async def generate(self, request: ModelRequest, idempotency_key: str) -> ModelReply:
        if request.compose is None:
            raise Unprocessable(
                f"{request.skill_id} needs a language model; none is configured.",
                code="model_needed",
            )
        return ModelReply(await asyncio.to_thread(request.compose), model=self.name)


def bills(settings: Settings) -> bool:
    """Whether the provider in charge bills (its `live`), without making or importing one."""
    named = settings.model_provider
    return named != Composer.name and not named.startswith(REPLAY)
