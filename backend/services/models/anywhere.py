"""Any `provider:model` that LangChain's `init_chat_model` knows, with the keys that its client reads."""

from typing import Any

import httpx
from langchain_core.exceptions import ModelError

from backend.core.config import ConfigError, Settings
from backend.services.models import chat
from backend.services.models.chat import ChatProvider
from backend.services.models.contract import ModelFailed, ModelRequest


class Anywhere(ChatProvider):
    def __init__(self, settings: Settings) -> None:
        super().__init__(settings.models)
        self.name = settings.model_provider
        self._settings = settings

    def _import(self) -> None:
        import langchain.chat_models  # noqa: F401

    def _client(self, model: str) -> Any:
        from langchain.chat_models import init_chat_model

        options: dict[str, Any] = {}
        if self._settings.model_base_url:
            options["base_url"] = self._settings.model_base_url
        try:
            return init_chat_model(
                model,
                model_provider=self.name.partition(":")[0],
                max_retries=0,
                timeout=self._settings.model_timeout_seconds,
                **options,
            )
        except (ImportError, ValueError) as error:
            raise ConfigError([f"MODEL_PROVIDER: {error}"]) from error

    def _options(self, request: ModelRequest, max_tokens: int) -> dict[str, Any]:
        return {"temperature": request.temperature, "max_tokens": max_tokens}

    def _failure(self, error: Exception) -> ModelFailed | None:
        if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout):
            return chat.unreachable()
        if isinstance(error, httpx.TransportError | httpx.StreamError):
            return chat.broke_off()
        status = getattr(error, "status_code", None)
        if isinstance(status, int):
            headers = getattr(getattr(error, "response", None), "headers", {})
            return chat.by_status(status, str(error), chat.seconds(headers.get("retry-after")))
        if isinstance(error, ModelError):
            return chat.by_status(503 if error.is_retryable else 400, str(error))
        return None
