"""What to write for a task of a move: type, place and topic, read from the task itself."""

import re
from typing import Any

from pydantic import BaseModel, Field

from backend.agents.wishes.muse import LONGEST_TOPIC, MuseRequest, Platform
from backend.core.errors import Unprocessable
from backend.domain.muse import Type
from backend.domain.values import INPUT
from backend.domain.workspaces import Language
from backend.skills.composers import copybook
from backend.skills.composers.copybook import Tone

PLACES: tuple[tuple[str, Platform, Type], ...] = (
    (r"linked ?in", "linkedin", "social"),
    (r"instagram|\binsta\b", "instagram", "social"),
    (r"facebook", "facebook", "social"),
    (r"whats ?app", "whatsapp", "other"),
    (r"\bsms\b|text message", "sms", "other"),
    (r"youtube", "youtube", "script"),
    (r"twitter|^x$", "x", "social"),
    (r"e-?mail|newsletter", "email", "email"),
    (r"\bads?\b|google ads?", "google", "ad"),
    (r"web ?site|\bsite\b|landing|home ?page", "website", "landing"),
    (r"blog", "website", "blog"),
)
"""A task's platform, and what is written for it when the task says no more."""
KINDS: tuple[tuple[str, Type], ...] = (
    (r"\bcarousel\b|\bslides?\b", "carousel"),
    (r"\breels?\b|\bvideo\b|\bscript\b", "script"),
    (r"\bblog\b|\barticle\b", "blog"),
    (r"\be-?mails?\b|\bnewsletter\b", "email"),
    (r"\bads?\b|\badvert\w*", "ad"),
    (r"\blanding\b|\bpage\b", "landing"),
    (r"\bpost\b|\bposts\b|\bstory\b|\bthread\b", "social"),
    (r"\bmessages?\b|\breply\b|\breplies\b|\bdm\b|\bnote\b", "other"),
)
"""What the words of a task ask for."""


class DraftWish(BaseModel):
    """Only what should differ from what the task itself says."""

    model_config = INPUT

    content_type: Type | None = None
    platform: Platform | None = None
    tone: Tone | None = None
    language: Language = "en-IN"
    cold_outreach: bool | None = Field(
        None, description="To people who did not ask; of an outreach task's email it is assumed."
    )


def request_for(task: dict[str, Any], move: dict[str, Any], wish: DraftWish) -> MuseRequest:
    """The copywriter's request. Raises Unprocessable `nothing_to_write` for a task that leaves no copy."""
    place, usual = _place(str(task["platform"] or ""))
    kind = wish.content_type or _kind(task, place, usual)
    platform = wish.platform or place
    if platform not in copybook.platforms()[kind]:
        if wish.platform:
            places = ", ".join(copybook.platforms()[kind])
            raise Unprocessable(f"{kind} goes to {places}.", code="place_unfit")
        platform = None
    cold = task["type"] == "outreach" if wish.cold_outreach is None else wish.cold_outreach
    given = {
        "content_type": kind,
        "platform": platform,
        "topic": _topic(task),
        "tone": wish.tone,
        "language": wish.language,
        "icp_id": move["target_icp_id"],
        "move_id": move["id"],
        "task_id": task["id"],
        "campaign_id": move["campaign_id"],
        "cold_outreach": cold and kind == "email",
    }
    return MuseRequest.model_validate(
        {name: value for name, value in given.items() if value is not None}
    )


def _place(platform: str) -> tuple[Platform | None, Type | None]:
    for sign, place, kind in PLACES:
        if re.search(sign, platform, re.I):
            return place, kind
    return None, None


def _kind(task: dict[str, Any], place: str | None, usual: Type | None) -> Type:
    """What the deliverable names, then the title; else what is usual for the place."""
    for words in (str(task["deliverable"] or ""), str(task["title"])):
        for sign, kind in KINDS:
            fits = place is None or place in copybook.platforms()[kind]
            if fits and re.search(sign, words, re.I):
                return kind
    if usual is None:
        raise Unprocessable(
            "This task leaves nothing that is written. Say a content_type to have something written for it"
            " all the same.",
            code="nothing_to_write",
        )
    return usual


def _topic(task: dict[str, Any]) -> str:
    topic = " ".join(str(task["title"]).split())
    return topic[:LONGEST_TOPIC] if len(topic) >= 3 else f"{topic}: {task['deliverable'] or 'task'}"
