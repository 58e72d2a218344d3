"""What travels through the graph: plain JSON, so that a checkpoint can hold it."""

import operator
from typing import Annotated, Any, TypedDict


class AgentState(TypedDict, total=False):
    """One request on its way. Lists marked with `operator.add` grow, everything else is replaced."""

    request_type: str
    request: dict[str, Any]
    """The specialist's typed request, as JSON."""
    query: str
    """Free text; empty for a direct product endpoint."""
    perceived: dict[str, Any] | None
    routing: dict[str, Any]
    plan: dict[str, Any]
    step_id: str
    """Of the plan's step that a parallel branch works on."""
    done: Annotated[dict[str, dict[str, Any]], operator.or_]
    """What steps gave, by id: `{"output"}`, or `{"error", "code"}`."""
    draft: dict[str, Any]
    """The output of the main skill, before it is stored."""
    reflection: dict[str, Any]
    critique: dict[str, Any] | None
    heard: bool
    """Whether the draft has been written again for the critic."""
    before: dict[str, Any]
    """The `draft` and `reflection` that a revision must not fall behind."""
    note: str
    """Why a revision was not to be had."""
    revisions: int
    held: dict[str, Any]
    """The rule that holds the draft back until somebody has judged it."""
    verdict: dict[str, Any]
    """What was said of the held draft; a run that is taken up again starts with it."""
    output: dict[str, Any] | None
    """What the run answers; set by `finish`, or early when a question must be asked first."""
    routing_path: Annotated[list[str], operator.add]
    agents_invoked: Annotated[list[str], operator.add]
    skills_used: Annotated[list[str], operator.add]
    quality_scores: Annotated[list[dict[str, Any]], operator.add]
