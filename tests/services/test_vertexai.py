"""Gemini on Vertex AI over gRPC, against a server on the loopback that speaks its protocol."""

from collections.abc import AsyncIterator
from typing import Any

import grpc
import pytest
from google.cloud.aiplatform_v1beta1.types import content, prediction_service

from backend.core.config import Settings
from backend.services.models.contract import ModelFailed
from backend.services.models.vertexai import VertexAI
from tests.services.paying import ask

SERVICE = "google.cloud.aiplatform.v1beta1.PredictionService"
SAID = '{"said": "hello"}'


class Vertex:
    """Answers, or aborts with `status`."""

    status: grpc.StatusCode | None = None

    async def generate(self, request: Any, context: Any) -> Any:
        if self.status:
            await context.abort(self.status, "said by the fake")
        return self._answer()

    async def stream(self, request: Any, context: Any) -> AsyncIterator[Any]:
        yield self._answer()

    @staticmethod
    def _answer() -> Any:
        said = content.Content(role="model", parts=[content.Part(text=SAID)])
        stop = content.Candidate.FinishReason.STOP
        return prediction_service.GenerateContentResponse(
            candidates=[content.Candidate(content=said, finish_reason=stop)],
            usage_metadata=prediction_service.GenerateContentResponse.UsageMetadata(
                prompt_token_count=110,
                candidates_token_count=70,
                thoughts_token_count=30,
                cached_content_token_count=10,
                total_token_count=210,
            ),
        )


@pytest.fixture
async def vertex(settings: Settings) -> AsyncIterator[tuple[Vertex, VertexAI]]:
    fake, server = Vertex(), grpc.aio.server()
    wire = {
        "request_deserializer": prediction_service.GenerateContentRequest.deserialize,
        "response_serializer": prediction_service.GenerateContentResponse.serialize,
    }
    methods = {
        "GenerateContent": grpc.unary_unary_rpc_method_handler(fake.generate, **wire),
        "StreamGenerateContent": grpc.unary_stream_rpc_method_handler(fake.stream, **wire),
    }
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(SERVICE, methods),))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    changes = {
        "model_provider": "vertexai",
        "model_base_url": f"http://127.0.0.1:{port}",
        "gcp_project_id": "a-project",
    }
    provider = VertexAI(settings.model_copy(update=changes))
    await provider.load()
    yield fake, provider
    await provider.aclose()
    await server.stop(0)


async def test_thinking_is_counted_as_output(vertex: tuple[Vertex, VertexAI]) -> None:
    reply = await vertex[1].generate(ask(), "key")
    assert reply.output == {"said": "hello"}
    assert (reply.tokens_input, reply.tokens_output, reply.tokens_cached) == (110, 100, 10)
    assert reply.cost_micro_usd == 281


async def test_streams(vertex: tuple[Vertex, VertexAI]) -> None:
    heard: list[str] = []

    async def hear(piece: str) -> None:
        heard.append(piece)

    reply = await vertex[1].generate(ask(on_delta=hear), "key")
    assert (heard, reply.tokens_output) == ([SAID], 100)


@pytest.mark.parametrize(
    ("status", "code", "retryable"),
    [
        (grpc.StatusCode.RESOURCE_EXHAUSTED, "model_overloaded", True),
        (grpc.StatusCode.UNAVAILABLE, "model_failed", True),
        (grpc.StatusCode.INVALID_ARGUMENT, "model_refused", False),
    ],
)
async def test_failure_in_our_words(
    vertex: tuple[Vertex, VertexAI], status: grpc.StatusCode, code: str, retryable: bool
) -> None:
    vertex[0].status = status
    with pytest.raises(ModelFailed) as failed:
        await vertex[1].generate(ask(), "key")
    assert (failed.value.code, failed.value.retryable) == (code, retryable)
