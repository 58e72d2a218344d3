"""The graph of a run: perceive -> route -> plan -> act -> reflect -> critic -> approve -> finish.

Nodes and edges, no prompts. What a node needs comes by LangGraph's context (`RunContext`), so one compiled
graph serves every run at once and holds nothing of any.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.runtime import Runtime

from backend.agents.base import RunContext, Specialist
from backend.agents.specialists import SPECIALISTS
from backend.agents.state import AgentState
from backend.domain import approvals
from backend.routing import pipeline, recall
from backend.routing.pipeline import Routing
from backend.routing.semantic_router import UNKNOWN
from backend.skills.provenance import provenance

MAX_REVISIONS = 3
NOTHING_EARLIER = (
    "I find nothing earlier in this session to go by. What should be achieved, and for whom?"
)
TOLD = ("perceived", "plan", "routing_path", "agents_invoked", "skills_used", "critique", "held")

Update = dict[str, Any]
Node = Callable[[AgentState, RunContext], Awaitable[Update]]
Graph = CompiledStateGraph[AgentState, RunContext, AgentState, AgentState]


async def perceive(state: AgentState, ctx: RunContext) -> Update:
    if not state["query"]:
        return {"perceived": None, "routing_path": ["perception:skipped"]}
    perceived = ctx.stages.perceive(state["query"])
    update: Update = {"perceived": perceived, "routing_path": ["perception:rules"]}
    if perceived["requires_clarification"] and not perceived["references_previous"]:
        update["output"] = _question(perceived["clarification_questions"])
    return update


async def route(state: AgentState, ctx: RunContext) -> Update:
    request_type, query = state["request_type"], state["query"]
    if not query:
        routing = pipeline.direct(request_type)
    elif (state.get("perceived") or {}).get("references_previous") and (
        earlier := _earlier(state, ctx)
    ):
        said = recall.carry(query, earlier, ctx.background.get("icps", []))
        routing = pipeline.carried(request_type, query, said)
    elif recall.refers_back(query) and not recall.has_own_goal(query):
        return {"routing_path": ["memory:nothing_earlier"], "output": _question([NOTHING_EARLIER])}
    else:
        routing = await pipeline.route(request_type, query, ctx.thresholds)
        if routing.category == UNKNOWN:
            return {"routing_path": routing.routing_path, "output": _question([_ask(request_type)])}
    specialist = SPECIALISTS[request_type]
    request = specialist.resolve(_request(state, specialist), routing)
    return {
        "request": request.model_dump(mode="json", exclude_unset=True),
        "routing": _described(routing),
        "routing_path": routing.routing_path,
        "agents_invoked": [specialist.agent],
    }


async def plan(state: AgentState, ctx: RunContext) -> Update:
    specialist = SPECIALISTS[state["request_type"]]
    skills = specialist.skills(_request(state, specialist))
    return {"plan": ctx.stages.plan(state["request_type"], specialist.agent, skills)}


async def act(state: AgentState, ctx: RunContext) -> Update:
    """The specialist's draft; on the way back from reflection, that draft without what failed."""
    if "reflection" in state:
        draft = ctx.stages.revise(state["draft"], state["reflection"])
        return {"draft": draft, "revisions": state["revisions"] + 1}
    specialist = SPECIALISTS[state["request_type"]]
    draft = await specialist.act(ctx, _request(state, specialist))
    return {"draft": draft, "revisions": 0, "skills_used": _skills(state)}


async def reflect(state: AgentState, ctx: RunContext) -> Update:
    """Judge the draft by the card of its last skill; what no skill made is not a matter of quality."""
    if not _skills(state):
        return {"reflection": {"needs_revision": False}}
    found = await ctx.stages.reflect(_skills(state)[-1], state["draft"], ctx.checker)
    return {"reflection": found, "quality_scores": [found["scores"]]}


async def critic(state: AgentState, ctx: RunContext) -> Update:
    found = await ctx.stages.critique(_skills(state)[-1], state["draft"], ctx.checker)
    draft = ctx.stages.revise(state["draft"], found)
    return {
        "critique": found,
        "draft": draft,
        "revisions": state["revisions"] + found["needs_revision"],
    }


async def approve(state: AgentState, ctx: RunContext) -> Update:
    """Let pass what no rule holds back, and what a person has let pass: exactly that content."""
    if "verdict" in state:
        return {"draft": {**state["draft"], "result": approvals.released(state["verdict"])}}
    rule = ctx.stages.approval_rule(state["draft"])
    return {"held": {**rule, "skill": next(reversed(_skills(state)), None)}} if rule else {}


async def finish(state: AgentState, ctx: RunContext) -> Update:
    specialist = SPECIALISTS[state["request_type"]]
    output = await specialist.persist(ctx, _request(state, specialist), state["draft"])
    return {"output": {**output, **await _provenance(state, ctx)}}


async def _provenance(state: AgentState, ctx: RunContext) -> Update:
    """Each claim of the output with its source; nothing where no skill wrote or nothing could be checked."""
    if ctx.checker is None or not _skills(state):
        return {}
    rules = ctx.skills.registry.get(_skills(state)[-1]).evaluation
    if not (rules.claims or rules.traced):
        return {}
    result = state["draft"]["result"]
    return {"provenance": await asyncio.to_thread(provenance, result, rules, ctx.checker)}


def _first(state: AgentState) -> str:
    return "approve" if "verdict" in state else "perceive"


def _after_approve(state: AgentState) -> str:
    return "finish" if "verdict" in state or "held" not in state else END


def _after_perceive(state: AgentState) -> str:
    return END if state.get("output") else "route"


def _after_route(state: AgentState) -> str:
    return END if state.get("output") else "plan"


def _after_reflect(state: AgentState) -> str:
    if state["reflection"]["needs_revision"] and state["revisions"] < MAX_REVISIONS:
        return "act"
    return "critic" if state["plan"]["risk_level"] == "high" else "approve"


def create_raptorflow_graph() -> Graph:
    """Compile the graph; once per process."""
    builder = StateGraph(AgentState, context_schema=RunContext)
    for node in (perceive, route, plan, act, reflect, critic, approve, finish):
        builder.add_node(node.__name__, _told(node))
    builder.add_conditional_edges(START, _first, ["perceive", "approve"])
    builder.add_conditional_edges("perceive", _after_perceive, ["route", END])
    builder.add_conditional_edges("route", _after_route, ["plan", END])
    builder.add_edge("plan", "act")
    builder.add_edge("act", "reflect")
    builder.add_conditional_edges("reflect", _after_reflect, ["act", "critic", "approve"])
    builder.add_edge("critic", "approve")
    builder.add_conditional_edges("approve", _after_approve, ["finish", END])
    builder.add_edge("finish", END)
    return builder.compile(name="raptorflow")


class _GraphNode(Protocol):
    """A node as LangGraph calls it."""

    async def __call__(self, state: AgentState, *, runtime: Runtime[RunContext]) -> Update: ...


def _told(node: Node) -> _GraphNode:
    """The run's followers hear when the node is done, and how long it took."""

    async def run(state: AgentState, *, runtime: Runtime[RunContext]) -> Update:
        started = time.perf_counter()
        update = await node(state, runtime.context)
        milliseconds = round((time.perf_counter() - started) * 1000)
        await runtime.context.emit(node.__name__, {"ms": milliseconds, **_details(update)})
        return update

    return run


def _details(update: Update) -> dict[str, Any]:
    """What of a node's result is worth telling; the run's trace is made of it."""
    told = {name: update[name] for name in TOLD if name in update}
    if scores := update.get("quality_scores"):
        told["scores"] = scores[-1]
        told["issues"] = update["reflection"]["issues"]
    if update.get("revisions"):
        told["revision"] = update["revisions"]
    return told


def _request(state: AgentState, specialist: Specialist[Any]) -> Any:
    return specialist.request.model_validate(state["request"])


def _earlier(state: AgentState, ctx: RunContext) -> dict[str, Any] | None:
    """The session's last request of this type, as it was understood."""
    session = ctx.background.get("session") or {}
    found: dict[str, Any] | None = session.get("requests", {}).get(state["request_type"])
    return found


def _skills(state: AgentState) -> list[str]:
    return [step["skill"] for step in state["plan"]["steps"] if step["skill"]]


def _described(routing: Routing) -> dict[str, Any]:
    return {
        "category": routing.category,
        "agent": routing.agent,
        "action": routing.action,
        "parameters": routing.parameters or {},
        "latency_ms": routing.total_latency_ms,
    }


def _question(questions: list[str]) -> dict[str, Any]:
    return {"type": "clarification_needed", "questions": questions}


def _ask(request_type: str) -> str:
    wishes = {
        "moves": "What should the move achieve? For example: 10 demo bookings this week.",
        "foundation": "What about your foundation: show its summary, or refresh it?",
    }
    return wishes.get(request_type, "What should be done?")
