"""Muse: copy of eight types, out of the founder's own facts, for the place where it will stand."""

import re
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from backend.agents.base import RunContext, Specialist, SpecialistRequest
from backend.agents.specialists import copy_writing, grounding, muse_rewrite
from backend.core.database import Reads, Tx
from backend.core.errors import Unprocessable
from backend.domain import icps, moves, muse, tasks
from backend.domain.muse import Type
from backend.domain.values import storable
from backend.domain.workspaces import Language
from backend.routing.pipeline import Routing
from backend.skills import copy_rules
from backend.skills.composers import copybook, copywriting
from backend.skills.composers.copybook import TONES, Tone
from backend.skills.composers.rewriting import How

SKILLS: dict[Type, str] = {
    "email": "email_writing",
    "social": "social_post",
    "blog": "blog_writing",
    "ad": "ad_copy",
    "script": "video_script",
    "carousel": "carousel_content",
    "landing": "landing_page",
    "other": "short_message",
}
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
PRIMARY = "select * from public.icp_profiles where workspace_id = %(workspace_id)s and is_primary"

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
    places = copybook.book().platforms[content_type]
    if platform not in places:
        raise ValueError(f"platform: {content_type} goes to {', '.join(places)}")


_TYPES: tuple[tuple[str, Type, str | None], ...] = (
    (r"\bgoogle ads?\b|\bsearch ads?\b", "ad", "google"),
    (r"\b(?:meta|facebook|instagram) ads?\b", "ad", "meta"),
    (r"\bads?\b|\badvert\w*", "ad", None),
    (r"\be-?mails?\b|\bnewsletter\b", "email", None),
    (r"\bcarousel\b|\bslides?\b", "carousel", None),
    (r"\breels?\b|\bvideo\b|\bscript\b|\byoutube\b", "script", None),
    (r"\bblog\b|\barticle\b", "blog", None),
    (r"\blanding\b|\bhome ?page\b|\bweb ?page\b", "landing", None),
    (r"\bsms\b", "other", "sms"),
    (r"\bwhatsapp\b", "other", "whatsapp"),
    (r"\btweet\b|\bx post\b|\btwitter\b", "social", "x"),
    (r"\binstagram\b", "social", "instagram"),
    (r"\bfacebook\b", "social", "facebook"),
)
"""What free words ask for, the telling ones first; a post for LinkedIn otherwise."""


def resolve(request: MuseRequest, routing: Routing) -> MuseRequest:
    """The words say type and place where the fields do not."""
    if request.content_type or request.asset_id:
        return request
    words = request.query or request.topic or ""
    kind, place = next(
        ((t, p) for sign, t, p in _TYPES if re.search(sign, words, re.I)), ("social", None)
    )
    fits = request.platform in copybook.book().platforms[kind]
    sent = request.model_dump(exclude_unset=True)
    return MuseRequest.model_validate(
        {
            **sent,
            "content_type": kind,
            "platform": request.platform if fits else place,
            "topic": request.topic or words,
        }
    )


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


async def act(ctx: RunContext, request: MuseRequest) -> dict[str, Any]:
    if request.asset_id and request.how:
        return await muse_rewrite.act(ctx, request.asset_id, request.how, request.tone)
    content_type, platform = _kind(request)
    if not copy_writing.is_english(request.language) and ctx.skills.free:
        raise Unprocessable(
            f"{request.language} needs a language model. Without one I write English; set a model key.",
            code="model_needed",
        )
    topic = copywriting.about(str(request.topic))
    known, _ = await copy_writing.checker_of(ctx, topic)
    icp = await _reader_of(ctx.reader, request)
    rules = copybook.rules(content_type, platform)
    inputs = {
        "content_type": content_type,
        "platform": platform,
        "topic": topic,
        "tone": _tone(ctx, request),
        "language": request.language,
        "variants": request.variants,
        "recent": await muse.recent_structures(ctx.reader, content_type),
        "banned": grounding.banned_words(ctx.background.get("guardrails", [])),
        "icp": icp,
        "limits": rules.model_dump(exclude_defaults=True),
    }
    skill = SKILLS[content_type]
    found = (await ctx.skill(skill, {"request": inputs, **known.inputs()})).output
    result = {**found, "cold_outreach": request.cold_outreach and content_type == "email"}
    demands = {
        "variants": len(result["pieces"]) == request.variants,
        "place": not any(
            copy_rules.problems(piece["lines"], piece["hashtags"], rules)
            for piece in result["pieces"]
        ),
    }
    return {"result": result, "demands": demands, "tone": inputs["tone"]}


async def persist(ctx: RunContext, request: MuseRequest, draft: dict[str, Any]) -> dict[str, Any]:
    """One asset for each piece that says something true. Raises Unprocessable `copy_unsupported` for none."""
    if request.asset_id:
        return await muse_rewrite.persist(ctx, request.asset_id, draft)
    content_type, platform = _kind(request)
    topic = copywriting.about(str(request.topic))
    checker = ctx.checker or (await copy_writing.checker_of(ctx, topic))[1]
    pieces = [piece for piece in draft["result"]["pieces"] if piece["lines"]]
    written = [
        await copy_writing.write_up(
            content_type,
            platform,
            piece["lines"],
            piece["hashtags"],
            checker,
            tone=draft["tone"],
            structure=piece.get("structure"),
            language=request.language,
        )
        for piece in pieces
    ]
    written = [
        writing for writing in written if copy_writing.says_something(writing, request.language)
    ]
    if not written:
        raise copy_writing.unsupported()
    about = {
        "type": content_type,
        "platform": platform,
        "language": request.language,
        "icp_id": request.icp_id,
        "move_id": request.move_id,
        "campaign_id": request.campaign_id,
        "prompt_used": topic,
    }
    assets = []
    async with ctx.database.workspace(ctx.user) as tx:
        for number, writing in enumerate(written, start=1):
            title = copy_rules.title_of(topic, number, len(written))
            row = await muse.create_written(
                tx, ctx.run.id, number, {**about, "title": title}, writing
            )
            assets.append(muse.Asset.model_validate(row).model_dump(mode="json"))
        if request.move_id and request.task_id:
            await tasks.keep_draft(tx, request.move_id, request.task_id, assets[0])
    return {
        "type": "muse_assets",
        "asset": assets[0],
        "variants": assets[1:],
        "missing": draft["result"]["missing"],
        "not_used": draft["result"].get("not_used", []),
        "engine": draft["result"].get("engine", "model"),
    }


def _skills(request: MuseRequest) -> list[str]:
    return [muse_rewrite.SKILL if request.asset_id else SKILLS[_kind(request)[0]]]


def _kind(request: MuseRequest) -> tuple[Type, str]:
    content_type = request.content_type or "social"
    return content_type, request.platform or copybook.default_platform(content_type)


def _tone(ctx: RunContext, request: MuseRequest) -> str:
    """The tone asked for, else the one that feedback has taught, else the brand's, where we have it."""
    taught = (ctx.background.get("preferences") or {}).get("preferred_tone")
    wanted = [request.tone, taught, ctx.background.get("brand_voice")]
    return next((tone for tone in wanted if tone in TONES), TONES[0])


async def _reader_of(db: Reads, request: MuseRequest) -> dict[str, Any] | None:
    """The ICP that is written for: the one asked for, else the primary one."""
    row = await icps.table.get(db, request.icp_id) if request.icp_id else await db.one(PRIMARY)
    if row is None:
        return None
    kept = ("name", "tagline", "demographics", "psychographics", "behaviors", "summary")
    return {name: row[name] for name in kept}


SPECIALIST = Specialist(
    agent="muse_engine",
    request=MuseRequest,
    skills=_skills,
    check=check,
    act=act,
    persist=persist,
    resolve=resolve,
)
