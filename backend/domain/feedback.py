"""Feedback, and the preferences that it teaches (PRODUCT 5).

Postgres keeps what was said; preferences are counted from it, so a lost cache forgets nothing.
"""

from typing import Annotated, Literal, Self
from uuid import UUID

from psycopg.rows import DictRow
from pydantic import AfterValidator, BaseModel, Field, StringConstraints, model_validator

from backend.core.database import Reads, Tx
from backend.core.records import TextArray, WorkspaceTable
from backend.domain.values import INPUT, LongText, Name, Timestamp, storable

FeedbackType = Literal["helpful", "not_helpful", "wrong", "good", "needs_improvement"]
Length = Literal["shorter", "just_right", "longer"]
Detail = Literal["less_detail", "just_right", "more_detail"]
LATEST = 50
"""Preferences follow the newest so many records: people change their minds."""
SURE_AFTER = 5
"""So many votes for one tone make the confidence whole."""
Tone = Annotated[str, StringConstraints(min_length=1, max_length=40), AfterValidator(storable)]
Remarks = Annotated[list[Name], Field(max_length=20)]


# Each kind's winner among the newest records that speak of it; of two with as many votes the later one. What
# was erased from memory teaches nothing any more. Of the ratings of one output the last holds: a lower one
# takes back the vote for its tone.
COUNT = """
with said as (
  select case when not exists (select 1 from public.feedback_records later
      where later.workspace_id = f.workspace_id and later.output_id = f.output_id
        and f.rating is not null and later.rating is not null
        and (later.created_at, later.id) > (f.created_at, f.id)) then f.tone_preference end
      as tone_preference, f.length_preference, f.detail_preference, f.created_at
  from public.feedback_records f
  where f.workspace_id = %(workspace_id)s and exists (select 1 from public.episodic_memory e
    where e.workspace_id = f.workspace_id and e.episode_type = 'feedback'
      and e.content ->> 'feedback_id' = f.id::text)
  order by f.created_at desc, f.id desc limit %(latest)s
), tones as (
  select tone_preference as tone, count(*) as votes, max(created_at) as at from said
  where tone_preference is not null group by tone_preference
), lengths as (
  select length_preference as length, count(*) as votes, max(created_at) as at from said
  where length_preference is not null group by length_preference
), details as (
  select detail_preference as detail, count(*) as votes, max(created_at) as at from said
  where detail_preference is not null group by detail_preference
)
select (select tone from tones order by votes desc, at desc limit 1) as preferred_tone,
  (select length from lengths order by votes desc, at desc limit 1) as preferred_length,
  (select detail from details order by votes desc, at desc limit 1) as preferred_detail,
  coalesce((select max(votes) from tones), 0) as tone_votes,
  coalesce((select sum(votes) from tones), 0) as all_tone_votes,
  (select count(*) from public.feedback_records where workspace_id = %(workspace_id)s) as feedback_count
"""


class Feedback(BaseModel):
    id: UUID
    output_type: str
    output_id: UUID | None
    rating: int | None
    feedback_type: FeedbackType | None
    what_was_good: TextArray
    what_needs_improvement: TextArray
    free_text: str | None
    tone_preference: str | None
    length_preference: Length | None
    detail_preference: Detail | None
    created_at: Timestamp


class FeedbackCreate(BaseModel):
    """What somebody says about an output; at least one thing must be said."""

    model_config = INPUT

    output_type: Name
    output_id: UUID | None = None
    rating: int | None = Field(None, ge=1, le=5)
    feedback_type: FeedbackType | None = None
    what_was_good: Remarks = []
    what_needs_improvement: Remarks = []
    free_text: LongText | None = None
    tone_preference: Tone | None = None
    length_preference: Length | None = None
    detail_preference: Detail | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        said = self.model_dump(exclude={"output_type", "output_id"})
        if not any(said.values()):
            raise ValueError("say something: a rating, a preference or some words")
        return self


class Preferences(BaseModel):
    """What feedback has taught, with the specification's values where it has taught nothing.

    `tone_confidence` is the share of votes for the tone, times how many of five there are: 0 to 1.
    """

    preferred_tone: str = "professional"
    preferred_length: Length = "just_right"
    preferred_detail: Detail = "just_right"
    tone_confidence: float = 0.0
    feedback_count: int = 0

    def taught(self) -> dict[str, str]:
        """What differs from the specification's values."""
        untaught = Preferences()
        names = ("preferred_tone", "preferred_length", "preferred_detail")
        said = {name: getattr(self, name) for name in names}
        return {name: value for name, value in said.items() if value != getattr(untaught, name)}


table = WorkspaceTable("feedback_records", Feedback, "Feedback")


async def create(tx: Tx, new: FeedbackCreate) -> DictRow:
    return await table.insert(tx, new.model_dump())


async def preferences(db: Reads) -> Preferences:
    """Counted anew from the newest records."""
    row = await db.one(COUNT, {"latest": LATEST})
    assert row is not None, "an aggregate has one row"
    votes, total = row.pop("tone_votes"), row.pop("all_tone_votes")
    taught = {name: value for name, value in row.items() if value is not None}
    sure = votes / int(total) * min(1.0, int(total) / SURE_AFTER) if total else 0.0
    return Preferences(**taught, tone_confidence=round(sure, 2))
