"""Muse, second half: an asset written anew, as a new version of it."""

from typing import Any
from uuid import UUID

from backend.agents.base import RunContext
from backend.agents.specialists import copy_writing, grounding
from backend.core.errors import Unprocessable
from backend.domain import muse
from backend.skills.composers import copybook
from backend.skills.composers.copybook import TONES, How
from backend.skills.composers.rewriting import NothingToChange

SKILL = "copy_rewrite"


async def act(ctx: RunContext, asset_id: UUID, how: How, tone: str | None) -> dict[str, Any]:
    """The draft of the new version. Raises NotFound, `nothing_to_change` and `model_needed`."""
    asset = await muse.table.get(ctx.reader, asset_id)
    if not asset["blocks"]:
        raise NothingToChange("It has no lines to write anew.")
    if not copy_writing.is_english(asset["language"]) and ctx.skills.free:
        raise Unprocessable(
            f"{asset['language']} needs a language model. Without one I write English.",
            code="model_needed",
        )
    topic = await muse.topic_of(ctx.reader, asset_id)
    known, _ = await copy_writing.checker_of(ctx, topic)
    places = copybook.platforms()[asset["type"]]
    platform = asset["platform"] if asset["platform"] in places else next(iter(places))
    wanted = tone or (asset["tone"] if asset["tone"] in TONES else TONES[0])
    inputs = {
        "content_type": asset["type"],
        "platform": platform,
        "topic": topic,
        "how": how,
        "tone": wanted,
        "was_tone": asset["tone"],
        "language": asset["language"],
        "structure": asset["structure"],
        "lines": asset["blocks"],
        "hashtags": asset["hashtags"],
        "banned": grounding.banned_words(ctx.background.get("guardrails", [])),
        "limits": places[platform].model_dump(exclude_defaults=True),
    }
    found = (await ctx.skill(SKILL, {"request": inputs, **known.inputs()})).output
    result = {**found, "type": "ad_copy" if asset["type"] == "ad" else asset["type"]}
    return {
        "result": result,
        "demands": {},
        "tone": wanted,
        "platform": platform,
        "parent_version": asset["version"],
    }


async def persist(ctx: RunContext, asset_id: UUID, draft: dict[str, Any]) -> dict[str, Any]:
    """The new version. Raises Unprocessable `copy_unsupported` when nothing of it holds to the evidence."""
    asset = await muse.table.get(ctx.reader, asset_id)
    topic = await muse.topic_of(ctx.reader, asset_id)
    checker = ctx.checker or (await copy_writing.checker_of(ctx, topic))[1]
    piece = draft["result"]["pieces"][0]
    if not piece["lines"]:
        raise copy_writing.unsupported()
    writing = await copy_writing.write_up(
        asset["type"],
        draft["platform"],
        piece["lines"],
        piece["hashtags"],
        checker,
        tone=draft["tone"],
        structure=piece.get("structure"),
        language=asset["language"],
    )
    if not copy_writing.says_something(writing, asset["language"]):
        raise copy_writing.unsupported()
    async with ctx.database.workspace(ctx.user) as tx:
        row = await muse.write(
            tx,
            asset_id,
            writing,
            reason="rewritten",
            parent_version=draft["parent_version"],
            run_id=ctx.run.id,
        )
    return {
        "type": "muse_assets",
        "asset": muse.Asset.model_validate(row).model_dump(mode="json"),
        "variants": [],
        "missing": draft["result"]["missing"],
        "not_used": [],
        "engine": draft["result"].get("engine", "model"),
    }
