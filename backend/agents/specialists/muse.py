"""Muse: copy of eight types, out of the founder's own facts, for the place where it will stand."""

import re
from typing import Any

from backend.agents.base import RunContext, Specialist
from backend.agents.specialists import copy_writing, grounding, muse_rewrite
from backend.agents.wishes.muse import WISH, MuseRequest
from backend.core.database import Reads
from backend.core.errors import Unprocessable
from backend.domain import icps, muse, tasks
from backend.domain.muse import Type
from backend.routing.pipeline import Routing
from backend.skills import copy_rules
from backend.skills.composers import copybook, copywriting
from backend.skills.composers.copybook import TONES

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
PRIMARY = "select * from public.icp_profiles where workspace_id = %(workspace_id)s and is_primary"

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
    fits = request.platform in copybook.platforms()[kind]
    sent = request.model_dump(exclude_unset=True)
    return MuseRequest.model_validate(
        {
            **sent,
            "content_type": kind,
            "platform": request.platform if fits else place,
            "topic": request.topic or words,
        }
    )


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
    wish=WISH,
    skills=_skills,
    act=act,
    persist=persist,
    resolve=resolve,
)
