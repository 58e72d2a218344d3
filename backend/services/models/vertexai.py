"""Gemini on Vertex AI by `langchain-google-vertexai`, over gRPC. Its import costs some 12 s of CPU."""

import warnings
from typing import Any
from urllib.parse import urlsplit

from backend.core.config import Settings
from backend.services.models import chat
from backend.services.models.chat import ChatProvider
from backend.services.models.contract import ModelFailed, ModelRequest


class VertexAI(ChatProvider):
    name = "vertexai"

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings.models)
        self._settings = settings
        self._made_on_loop = False

    def _import(self) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            import langchain_google_vertexai  # noqa: F401

    def _client(self, model: str) -> Any:
        from langchain_google_vertexai import ChatVertexAI

        options: dict[str, Any] = {}
        base = self._settings.model_base_url
        if base:
            from google.auth.credentials import AnonymousCredentials

            credentials = AnonymousCredentials()  # type: ignore[no-untyped-call]
            options = {"credentials": credentials, "base_url": urlsplit(base).netloc}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # of the class, announced for 4.0
            return ChatVertexAI(
                model=model,
                project=self._settings.gcp_project_id,
                location=self._settings.gcp_location,
                max_retries=1,
                timeout=self._settings.model_timeout_seconds,
                **options,
            )

    async def generate(self, request: ModelRequest, idempotency_key: str) -> Any:
        self._speak_plainly(self.model_id(request))
        return await super().generate(request, idempotency_key)

    def _speak_plainly(self, model: str) -> None:
        """On a loopback address gRPC has no TLS; a channel belongs to the event loop it is made on."""
        base, client = self._settings.model_base_url, self._clients.get(model)
        if not base or urlsplit(base).scheme != "http" or client is None or client.async_client:
            return
        import grpc
        from google.cloud.aiplatform_v1beta1.services.prediction_service import (
            PredictionServiceAsyncClient,
        )
        from google.cloud.aiplatform_v1beta1.services.prediction_service.transports.grpc_asyncio import (
            PredictionServiceGrpcAsyncIOTransport,
        )

        channel = grpc.aio.insecure_channel(urlsplit(base).netloc)
        client.async_client = PredictionServiceAsyncClient(
            transport=PredictionServiceGrpcAsyncIOTransport(channel=channel)
        )

    async def _close(self, client: Any) -> None:
        if client.async_client is not None:
            await client.async_client.transport.close()

    def _options(self, request: ModelRequest, max_tokens: int) -> dict[str, Any]:
        return {
            "temperature": request.temperature,
            "max_output_tokens": max_tokens,
            "response_mime_type": "application/json",
        }

    def _failure(self, error: Exception) -> ModelFailed | None:
        from google.api_core.exceptions import GoogleAPICallError, RetryError
        from google.auth.exceptions import GoogleAuthError

        cause: BaseException | None = error.cause if isinstance(error, RetryError) else error
        if isinstance(cause, GoogleAuthError):
            return chat.by_status(401, str(cause))
        if not isinstance(cause, GoogleAPICallError):
            return None
        if cause.code in (502, 504) or "Stream removed" in str(cause):
            return chat.broke_off()
        return chat.by_status(int(cause.code or 500), str(cause.message))
