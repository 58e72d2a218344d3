"""The plan of a move: its days and their tasks, as `moves.execution` holds them (PRODUCT 7).

A plan is checked when it comes in, because starting the move turns it into rows of `move_tasks`.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from backend.domain.values import Name, Paragraph, Phrase

Kind = Literal["pillar", "story", "engagement", "outreach", "admin"]
Priority = Literal["must-do", "should-do", "nice-to-have"]
Minutes = Annotated[int, Field(ge=0, le=1440)]
DayNumber = Annotated[int, Field(ge=1, le=90)]

PART = ConfigDict(extra="forbid")


class Source(BaseModel):
    """The passage a task rests on: `quote` is the evidence's text from `start` to `end`."""

    model_config = PART

    fact_id: Phrase
    evidence_id: Phrase
    start: Annotated[int, Field(ge=0, le=10_000_000)]
    end: Annotated[int, Field(ge=0, le=10_000_000)]
    quote: Paragraph | None = None


class PlannedTask(BaseModel):
    """`card` names the play of the playbook it comes from."""

    model_config = PART

    title: Name
    description: Paragraph | None = None
    type: Kind | None = None
    platform: Phrase | None = None
    estimated_minutes: Minutes | None = None
    priority: Priority | None = None
    deliverable: Paragraph | None = None
    sources: Annotated[list[Source], Field(max_length=50)] | None = None
    card: Phrase | None = None


class PlannedDay(BaseModel):
    model_config = PART

    day: DayNumber
    theme: Phrase = ""
    tasks: Annotated[list[PlannedTask], Field(max_length=50)] = []
    total_minutes: Annotated[int, Field(ge=0, le=50 * 1440)] | None = None
