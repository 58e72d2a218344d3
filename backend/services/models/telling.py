"""What a trace is told of a model call, in the words of OpenTelemetry's conventions for generative AI."""

from backend.core.tracing import Value
from backend.domain.runs import ClaimedRun
from backend.services.models.contract import ModelReply, ModelRequest

PROVIDER_NAMES = {"google": "gcp.gemini", "vertexai": "gcp.vertex_ai"}
MICRO = 1_000_000


def attempted(run: ClaimedRun) -> dict[str, Value]:
    """Of the run that asks."""
    return {"raptorflow.request": run.request_type, "raptorflow.attempt": run.attempt}


def asked(provider: str, request: ModelRequest) -> dict[str, Value]:
    """Of the question; neither prompt nor inputs."""
    name = provider.partition(":")[0]
    return {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": PROVIDER_NAMES.get(name, name),
        "gen_ai.request.model": request.model or name,
        "gen_ai.request.temperature": request.temperature,
        "gen_ai.request.max_tokens": request.max_tokens,
        "gen_ai.output.type": "json",
        "raptorflow.skill": f"{request.skill_id}@{request.skill_version}",
        "raptorflow.repair": bool(request.repair_of),
    }


def answered(reply: ModelReply) -> dict[str, Value]:
    """Of the answer: the provider's own counts, and the bill where it is known."""
    told: dict[str, Value] = {
        "gen_ai.response.model": reply.model,
        "gen_ai.usage.input_tokens": reply.tokens_input,
        "gen_ai.usage.output_tokens": reply.tokens_output,
        "gen_ai.usage.cache_read.input_tokens": reply.tokens_cached,
    }
    if reply.cost_micro_usd is not None:
        told["raptorflow.cost_usd"] = reply.cost_micro_usd / MICRO
    return told
