"""Gemini by `langchain-google-genai`: with an API key, or on Vertex AI with a project."""

import warnings
from collections.abc import Mapping
from typing import Any

import httpx

from backend.core.config import Settings
from backend.services.models import chat
from backend.services.models.chat import ChatProvider
from backend.services.models.contract import ModelFailed, ModelRequest
from backend.services.models.reading import is_tight


class Google(ChatProvider):
    name = "google"

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings.models)
        self._settings = settings

    def _import(self) -> None:
        import langchain_google_genai  # noqa: F401

        # A card's temperature is a wish; models that sample by fixed rules say so at every call.
        warnings.filterwarnings("ignore", message=".*fixed sampling defaults", category=UserWarning)

    def _client(self, model: str) -> Any:
        from langchain_google_genai import ChatGoogleGenerativeAI

        return ChatGoogleGenerativeAI(
            model=model,
            max_retries=1,
            temperature=None,
            timeout=self._settings.model_timeout_seconds,
            base_url=self._settings.model_base_url,
            **self._access(),
        )

    def _access(self) -> dict[str, Any]:
        key = self._settings.gemini_key
        if key:
            return {"api_key": key.get_secret_value(), "vertexai": False}
        return {
            "vertexai": True,
            "project": self._settings.gcp_project_id,
            "location": self._settings.gcp_location,
        }

    async def _close(self, client: Any) -> None:
        await client.async_client.aclose()
        client.client.close()

    def _options(self, request: ModelRequest, max_tokens: int) -> dict[str, Any]:
        options: dict[str, Any] = {
            "temperature": request.temperature,
            "max_output_tokens": max_tokens,
            "response_mime_type": "application/json",
        }
        if is_tight(request.output_schema):
            options["response_json_schema"] = dict(request.output_schema)
        return options

    def _failure(self, error: Exception) -> ModelFailed | None:
        if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout):
            return chat.unreachable()
        if isinstance(error, httpx.TransportError | httpx.StreamError):
            return chat.broke_off()
        from google.genai.errors import APIError, UnknownApiResponseError

        if isinstance(error, UnknownApiResponseError | ValueError):
            return chat.broke_off()
        cause = error if isinstance(error, APIError) else error.__cause__
        if isinstance(cause, APIError):
            return chat.by_status(cause.code, str(cause.message), _retry_after(cause))
        return None


def _retry_after(error: Any) -> float | None:
    """The header, or Google's RetryInfo in the body."""
    headers: Mapping[str, str] = getattr(error.response, "headers", None) or {}
    details = error.details if isinstance(error.details, dict) else {}
    hints = [
        part.get("retryDelay")
        for part in details.get("error", {}).get("details", [])
        if str(part.get("@type", "")).endswith("RetryInfo")
    ]
    found = (chat.seconds(value) for value in (headers.get("retry-after"), *hints))
    return next((value for value in found if value is not None), None)
