"""Routing: semantic -> HLK -> intent. What is known already is skipped, and `routing_path` says so."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from backend.routing import hlk_router, intent_router, semantic_router
from backend.routing.semantic_router import UNKNOWN

AGENTS: dict[str, str] = {
    "onboarding": "onboarding_orchestrator",
    "icps": "icp_architect",
    "moves": "moves_generator",
    "campaigns": "campaign_planner",
    "muse": "muse_engine",
    "blackbox": "blackbox_engine",
    "daily_wins": "daily_wins_engine",
    "analytics": "analytics_agent",
    "foundation": "foundation_manager",
    "settings": "settings_handler",
}
ORCHESTRATOR = "orchestrator"


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From the settings `ROUTING_ACCEPT` and `ROUTING_MARGIN`."""

    accept: float
    margin: float


@dataclass(frozen=True, slots=True)
class Routing:
    """Where a request goes and how that was found. `category` is "unknown" when nobody can say."""

    category: str
    agent: str
    routing_path: list[str]
    action: str = "generate"
    parameters: dict[str, Any] | None = None
    semantic: dict[str, Any] | None = None
    hlk: dict[str, Any] | None = None
    intent: dict[str, Any] | None = None
    total_latency_ms: float = 0.0


def direct(request_type: str) -> Routing:
    """A product endpoint names what it wants: nothing is left to find out."""
    path = [f"request_type:{request_type}", "semantic:skipped", "hlk:skipped", "intent:skipped"]
    return Routing(request_type, AGENTS[request_type], path)


def carried(request_type: str, query: str, earlier: Mapping[str, Any]) -> Routing:
    """A request that refers to an earlier one of its session: `earlier` with what the sentence says anew."""
    action = hlk_router.action_of(query.lower())
    intent = intent_router.read(query, request_type, action)
    return Routing(
        category=request_type,
        agent=AGENTS[request_type],
        routing_path=[
            f"request_type:{request_type}",
            "memory:carried",
            "semantic:skipped",
            "hlk:skipped",
            f"intent:rules:{intent.intent}",
        ],
        action=action,
        parameters={**earlier, **intent.parameters},
        intent=asdict(intent),
    )


async def route(request_type: str | None, query: str, thresholds: Thresholds) -> Routing:
    """Route free text. The request type the client chose stays in force; the text says what is wanted of it.

    When the text is clearly about something else, or about nothing we know, `category` says that.
    """
    started = time.perf_counter()
    found = await asyncio.to_thread(
        semantic_router.match, query, accept=thresholds.accept, margin=thresholds.margin
    )
    path = [
        f"request_type:{request_type or 'none'}",
        f"semantic:{found.category}:{found.score:.2f}",
    ]
    category = found.category if found.accepted else None
    decision = hlk_router.decide(query, hint=category)
    path.append(f"hlk:rules:{decision.category}.{decision.action}")
    category = category or _settle(request_type, found, decision)
    intent = intent_router.read(query, category, decision.action)
    path.append(f"intent:rules:{intent.intent}")
    return Routing(
        category=category,
        agent=AGENTS.get(category, ORCHESTRATOR),
        routing_path=path,
        action=decision.action,
        parameters=intent.parameters,
        semantic=asdict(found),
        hlk=asdict(decision),
        intent=asdict(intent),
        total_latency_ms=round((time.perf_counter() - started) * 1000, 2),
    )


def _settle(
    request_type: str | None, found: semantic_router.SemanticMatch, decision: hlk_router.HlkDecision
) -> str:
    """Between two near meanings the client's own choice decides; without any, cue words do."""
    if found.ambiguous and request_type and request_type in (found.category, found.runner_up):
        return request_type
    return decision.category if decision.category != UNKNOWN else found.category
