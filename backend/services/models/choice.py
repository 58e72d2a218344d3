"""Which provider `MODEL_PROVIDER` names. A provider imports its client when it is loaded, not here."""

from collections.abc import Callable

from backend.core.config import REPLAY, Settings
from backend.services.models.anywhere import Anywhere
from backend.services.models.composer import Composer
from backend.services.models.contract import ModelProvider
from backend.services.models.google import Google
from backend.services.models.replay import Replay
from backend.services.models.vertexai import VertexAI

PROVIDERS: dict[str, Callable[[Settings], ModelProvider]] = {
    "composer": lambda settings: Composer(),
    "google": Google,
    "vertexai": VertexAI,
}


def make_provider(settings: Settings) -> ModelProvider:
    """The provider in charge, not loaded yet; `provider:model` is anybody LangChain knows."""
    if settings.model_provider.startswith(REPLAY):
        return Replay(settings)
    return PROVIDERS.get(settings.model_provider, Anywhere)(settings)
