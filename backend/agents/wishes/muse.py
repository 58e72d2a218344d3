"""Copy to be written."""

from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from backend.agents.wishes.wish import SpecialistRequest, Wish
from backend.core.database import Tx
from backend.domain import icps, moves, muse, tasks
from backend.domain.muse import Type
from backend.domain.values import storable
from backend.domain.workspaces import Language
from backend.skills.composers import copybook
from backend.skills.composers.copybook import How, Tone

Platform = Literal[
    "email",
    "linkedin",
    "instagram",
    "facebook",
    "x",
    "whatsapp",
    "google",
    "website",
    "meta",
    "youtube",
    "sms",
]
LONGEST_TOPIC = 500

Topic = Annotated[
    str, StringConstraints(min_length=3, max_length=LONGEST_TOPIC), AfterValidator(storable)
]


class MuseRequest(SpecialistRequest):
    """What to write: a type and a topic, or free words (`query`) that say both."""

    content_type: Type | None = None
    topic: Topic | None = None
    query: Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_TOPIC)] | None = None
    platform: Platform | None = None
    tone: Tone | None = None
    language: Language = "en-IN"
    variants: int = Field(default=1, ge=1, le=3)
    icp_id: UUID | None = None
    move_id: UUID | None = None
    campaign_id: UUID | None = None
    task_id: UUID | None = Field(
        default=None, description="A task of `move_id` that keeps what is written."
    )
    asset_id: UUID | None = Field(default=None, description="Write this asset anew, as `how` says.")
    how: How | None = None
    cold_outreach: bool = Field(
        default=False, description="An email to people who did not ask for it: held for approval."
    )

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        if self.asset_id or self.how:
            check_rewrite(self.asset_id, self.how, self.tone)
        elif not (self.topic or self.query):
            raise ValueError("topic: say what it is about")
        if self.task_id and not self.move_id:
            raise ValueError("move_id: name the move of the task")
        if self.content_type and self.platform:
            check_place(self.content_type, self.platform)
        return self


def check_rewrite(asset_id: UUID | None, how: How | None, tone: Tone | None) -> None:
    """Raise ValueError unless asset and way are named, and the tone where that is the way."""
    if not (asset_id and how):
        raise ValueError("how: name the asset and say shorter, punchier or tone")
    if how == "tone" and tone is None:
        raise ValueError("tone: say which tone")


def check_place(content_type: Type, platform: str) -> None:
    """Raise ValueError for a place that the type does not go to."""
    places = copybook.platforms()[content_type]
    if platform not in places:
        raise ValueError(f"platform: {content_type} goes to {', '.join(places)}")


async def check(tx: Tx, request: MuseRequest) -> None:
    """404 for an asset, an ICP, a move or a campaign that is not the workspace's own."""
    if request.asset_id:
        await muse.table.get(tx, request.asset_id)
    if request.icp_id:
        await icps.table.get(tx, request.icp_id)
    if request.move_id:
        await moves.exists(tx, request.move_id)
        if request.task_id:
            await tasks.in_move(tx, request.move_id, request.task_id)
    if request.campaign_id:
        await muse.check_campaign(tx, request.campaign_id)


WISH = Wish(MuseRequest, check)
