"""The graph of a run: perceive -> route -> plan -> steps -> act -> reflect -> critic -> approve -> finish.

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
from langgraph.types import Send

from backend.agents import work
from backend.agents.base import RunContext, Specialist
from backend.agents.specialists import SPECIALISTS
from backend.agents.state import AgentState
from backend.core.errors import AppError
from backend.domain import approvals
from backend.domain.runs import RunCancelled
from backend.routing import pipeline, recall
from backend.routing.pipeline import Routing
from backend.routing.semantic_router import UNKNOWN
from backend.skills.provenance import provenance

MAX_REVISIONS = 3
NOTHING_EARLIER = (
    "I find nothing earlier in this session to go by. What should be achieved, and for whom?"
)
TOLD = (
    "perceived",
    "plan",
    "routing_path",
    "agents_invoked",
    "skills_used",
    "critique",
    "held",
    "note",
)

Update = dict[str, Any]
Node = Callable[[AgentState, RunContext], Awaitable[Update]]
Graph = CompiledStateGraph[AgentState, RunContext, AgentState, AgentState]


async def perceive(state: AgentState, ctx: RunContext) -> Update:
    if not state["query"]:
        return {"perceived": None, "routing_path": ["perception:skipped"]}
    perceived = await ctx.stages.perceive(state["query"], ctx.judge)
    update: Update = {
        "perceived": perceived,
        "routing_path": [f"perception:{perceived['made_by']}"],
    }
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
    request = _request(state, specialist)
    made = await ctx.stages.plan(
        state["request_type"],
        specialist.agent,
        specialist.skills(request),
        [work.described(step) for step in work.steps_of(specialist, request, ctx).values()],
        query=_words(state),
        budget_usd=ctx.background.get("budget_remaining"),
        judge=ctx.judge,
    )
    return {"plan": made}


async def step(state: AgentState, ctx: RunContext) -> Update:
    """One step of the plan, perhaps beside others."""
    specialist = SPECIALISTS[state["request_type"]]
    request = _request(state, specialist)
    chosen = work.steps_of(specialist, request, ctx)[state["step_id"]]
    return {"done": {chosen.id: await work.do(ctx, chosen, request, state)}}


async def replan(state: AgentState, ctx: RunContext) -> Update:
    """A second plan around the step that failed; there is no third."""
    failed = work.lost(state)
    assert failed, "the graph goes here for a failed step alone"
    why = state["done"][failed]["error"]
    return {"plan": ctx.stages.replan(state["plan"], failed, why)}


async def act(state: AgentState, ctx: RunContext) -> Update:
    """The specialist's draft; on the way back from a judgement, that draft as it wants it."""
    if "reflection" in state:
        return await _again(state, ctx)
    specialist = SPECIALISTS[state["request_type"]]
    ctx.found = work.found(state)
    ctx.allowance = work.allowance(ctx, state["plan"], work.DRAFT)
    draft = await specialist.act(ctx, _request(state, specialist))
    plan = work.with_outcomes(state)
    used = [s["skill"] for s in plan["steps"] if s["skill"] and s["status"] == "completed"]
    return {"draft": draft, "revisions": 0, "skills_used": used, "plan": plan}


async def _again(state: AgentState, ctx: RunContext) -> Update:
    """The draft without what failed; written anew where a model wants it better, which is paid for."""
    critique = state.get("critique")
    found = critique if critique and not state.get("heard") else state["reflection"]
    draft = ctx.stages.revise(state["draft"], found)
    update: Update = {"revisions": state["revisions"] + 1, "draft": draft}
    if not found["wanted"]:
        return update
    skill = _skills(state)[-1]
    specialist = SPECIALISTS[state["request_type"]]
    ctx.found = work.found(state)
    ctx.allowance = work.allowance(ctx, state["plan"], work.DRAFT)
    ctx.revision = work.revision(skill, found, update["revisions"])
    try:
        written = await specialist.act(ctx, _request(state, specialist))
    except RunCancelled:
        raise
    except AppError as error:  # the draft before is a draft: the run goes on with it
        return {**update, "revisions": MAX_REVISIONS, "heard": True, "note": error.detail}
    finally:
        ctx.revision = None
    if found is critique:
        written = await ctx.stages.cleared(skill, written, ctx.checker)
        return {**update, "draft": written, "heard": True}
    if written == draft:  # nothing more is to be had from asking
        return {**update, "revisions": MAX_REVISIONS}
    return {**update, "draft": written, "before": {"draft": draft, "reflection": found}}


async def reflect(state: AgentState, ctx: RunContext) -> Update:
    """Judge the draft by the card of its last skill; what no skill made is not a matter of quality.

    A revision that scores lower than what it revised is not kept.
    """
    if not _skills(state):
        return {"reflection": {"needs_revision": False, "wanted": []}}
    skill, draft = _skills(state)[-1], state["draft"]
    found = await ctx.stages.reflect(skill, draft, ctx.checker, _words(state), ctx.judge)
    update: Update = {"reflection": found, "quality_scores": [found["scores"]]}
    before = state.get("before")
    if before and _overall(before["reflection"]) > _overall(found):
        kept = {**before["reflection"], "drop": [], "note": "The revision scored lower."}
        update |= {"reflection": kept, "draft": before["draft"]}
    elif state["revisions"] >= MAX_REVISIONS:  # nobody revises after this: what failed goes here
        update["draft"] = ctx.stages.revise(draft, found)
    return update


async def critic(state: AgentState, ctx: RunContext) -> Update:
    skill, draft = _skills(state)[-1], state["draft"]
    found = await ctx.stages.critique(skill, draft, ctx.checker, _words(state), ctx.judge)
    cut = bool(found["drop"])
    return {
        "critique": found,
        "draft": ctx.stages.revise(draft, found),
        "revisions": state["revisions"] + cut,
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


# Where it goes on from a node. Coroutines, though none waits: LangGraph takes a plain function to a thread.


async def _first(state: AgentState) -> str:
    return "approve" if "verdict" in state else "perceive"


async def _after_approve(state: AgentState) -> str:
    return "finish" if "verdict" in state or "held" not in state else END


async def _after_perceive(state: AgentState) -> str:
    return END if state.get("output") else "route"


async def _after_route(state: AgentState) -> str:
    return END if state.get("output") else "plan"


async def _after_reflect(state: AgentState) -> str:
    if state.get("critique"):
        return "approve"
    if state["reflection"]["needs_revision"] and state["revisions"] < MAX_REVISIONS:
        return "act"
    return "critic" if state["plan"]["risk_level"] == "high" and _skills(state) else "approve"


async def _after_critic(state: AgentState) -> str:
    return "act" if (state["critique"] or {})["wanted"] else "approve"


def create_raptorflow_graph() -> Graph:
    """Compile the graph; once per process."""
    builder = StateGraph(AgentState, context_schema=RunContext)
    for node in (perceive, route, plan, step, replan, act, reflect, critic, approve, finish):
        builder.add_node(node.__name__, _told(node))
    builder.add_node("join", _join)
    builder.add_conditional_edges(START, _first, ["perceive", "approve"])
    builder.add_conditional_edges("perceive", _after_perceive, ["route", END])
    builder.add_conditional_edges("route", _after_route, ["plan", END])
    onward = ["step", "replan", "act"]
    builder.add_conditional_edges("plan", _next_steps, onward)
    builder.add_edge("step", "join")
    builder.add_conditional_edges("join", _next_steps, onward)
    builder.add_conditional_edges("replan", _next_steps, onward)
    builder.add_edge("act", "reflect")
    builder.add_conditional_edges("reflect", _after_reflect, ["act", "critic", "approve"])
    builder.add_conditional_edges("critic", _after_critic, ["act", "approve"])
    builder.add_conditional_edges("approve", _after_approve, ["finish", END])
    builder.add_edge("finish", END)
    return builder.compile(name="raptorflow")


async def _join(state: AgentState) -> Update:
    """Where steps that went side by side meet; what is next follows from what they gave."""
    return {}


async def _next_steps(state: AgentState) -> list[Send] | str:
    if work.lost(state):
        return "replan"
    ready = work.ready(state)
    return [Send("step", {**state, "step_id": step_id}) for step_id in ready] or "act"


class _GraphNode(Protocol):
    """A node as LangGraph calls it."""

    async def __call__(self, state: AgentState, *, runtime: Runtime[RunContext]) -> Update: ...


def _told(node: Node) -> _GraphNode:
    """The run's followers hear when the node is done, and how long it took."""

    async def run(state: AgentState, *, runtime: Runtime[RunContext]) -> Update:
        started = time.perf_counter()
        update = await node(state, runtime.context)
        milliseconds = round((time.perf_counter() - started) * 1000)
        details = {"ms": milliseconds, **_details(update)}
        await runtime.context.emit(node.__name__, details)
        return update

    return run


def _details(update: Update) -> dict[str, Any]:
    """What of a node's result is worth telling; the run's trace is made of it."""
    told = {name: update[name] for name in TOLD if name in update}
    if scores := update.get("quality_scores"):
        told["scores"] = scores[-1]
        told["issues"] = update["reflection"]["issues"]
        told["judged_by"] = update["reflection"]["made_by"]
        if note := update["reflection"]["note"]:
            told["note"] = note
    for step_id, gave in update.get("done", {}).items():
        told |= {"step_id": step_id, "success": "output" in gave, "error": gave.get("error")}
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


def _words(state: AgentState) -> str:
    return state["query"] or work.words_of(state)


def _overall(reflection: dict[str, Any]) -> int:
    return int(reflection["scores"]["overall_score"])


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
        "analytics": "Which days? For example: the last 3 weeks.",
        "foundation": "What about your foundation: show its summary, or refresh it?",
    }
    return wishes.get(request_type, "What should be done?")
