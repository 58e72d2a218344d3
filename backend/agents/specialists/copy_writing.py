"""From a draft's lines to an asset's words: held to the place, laid out, every claim with its source."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from backend.agents.base import RunContext
from backend.agents.specialists import grounding
from backend.agents.specialists.grounding import Grounding
from backend.core.database import Reads
from backend.core.errors import Unprocessable
from backend.domain import foundation
from backend.domain.muse import Type, Writing
from backend.services import markup
from backend.skills import copy_rules, provenance
from backend.skills.claims import Checker
from backend.skills.composers import copybook
from backend.skills.composers.copybook import Rules
from backend.skills.registry import Evaluation

CLAIMS = Evaluation(claims=["lines[].text"], claims_audience="public")
ENGLISH = ("en", "en-IN")
UNCHECKED = "the claim check reads English; read this line against your documents yourself"


def is_english(language: str) -> bool:
    return language in ENGLISH


async def write_up(
    type: Type,
    platform: str | None,
    lines: Sequence[Mapping[str, Any]],
    hashtags: Sequence[str],
    checker: Checker,
    *,
    tone: str | None,
    structure: str | None,
    language: str,
    content: str | None = None,
    own_words: frozenset[str] = frozenset(),
) -> Writing:
    """All that follows from the lines. `content`: the founder's own text, kept to the letter.

    `own_words`: sentences of a template of ours, which claim nothing.
    """

    def made() -> Writing:
        rules = _rules(type, platform)
        kept = (
            list(lines) if content is not None else copy_rules.fit([dict(x) for x in lines], rules)
        )
        tags = copy_rules.hashtags(hashtags, known_words(checker), rules)
        text = content if content is not None else copy_rules.render(type, kept, tags)
        claims = [c for c in _claims(kept, checker, language) if c["text"] not in own_words]
        blocks = [_block(line, at, claims) for at, line in enumerate(kept)]
        return Writing(
            content=text,
            content_html=markup.to_html(text),
            word_count=copy_rules.plain_words(text),
            tone=tone,
            structure=structure,
            blocks=blocks,
            hashtags=tags,
            claims=claims,
            unsupported=sum(claim["verdict"] != "supported" for claim in claims),
            problems=copy_rules.problems(kept, tags, rules),
        )

    return await asyncio.to_thread(made)


async def checked(
    db: Reads,
    asset: Mapping[str, Any],
    content: str,
    blocks: Sequence[Mapping[str, Any]] | None = None,
    *,
    own_words: frozenset[str] = frozenset(),
) -> Writing:
    """A founder's own text against their own evidence; `blocks` are its lines, where they are known."""
    known = await grounding.of_workspace(db)
    rules = (await foundation.get(db))["messaging_guardrails"]
    checker = known.checker(topic=asset["title"], guardrails=[str(rule) for rule in rules])
    return await write_up(
        asset["type"],
        asset["platform"],
        copy_rules.lines_of(content) if blocks is None else blocks,
        asset["hashtags"],
        checker,
        tone=asset["tone"],
        structure=None if blocks is None else asset["structure"],
        language=asset["language"],
        content=content,
        own_words=own_words,
    )


def _rules(type: Type, platform: str | None) -> Rules:
    places = copybook.platforms()[type]
    return places.get(platform or "", next(iter(places.values())))


def says_something(writing: Writing, language: str) -> bool:
    """Whether at least one claim rests on the evidence; in a language we cannot check, any text does."""
    return not is_english(language) or any(
        claim["verdict"] == "supported" and claim["source"] for claim in writing.claims
    )


def unsupported() -> Unprocessable:
    return Unprocessable(
        "Nothing of what was written holds to your documents, so nothing was kept. Try again, or add the "
        "facts it needs.",
        code="copy_unsupported",
    )


def known_words(checker: Checker) -> str:
    return f"{checker.corpus} {checker.topic} {' '.join(checker.names)}"


def _claims(
    lines: Sequence[Mapping[str, Any]], checker: Checker, language: str
) -> list[dict[str, Any]]:
    if not is_english(language):
        return [
            {"path": f"lines.{at}.text", "text": line["text"], "verdict": "unsupported", "rule": None,
             "why": UNCHECKED, "source": None}
            for at, line in enumerate(lines)
        ]  # fmt: skip
    found: list[dict[str, Any]] = provenance.provenance({"lines": list(lines)}, CLAIMS, checker)[
        "claims"
    ]
    return found


def _block(line: Mapping[str, Any], at: int, claims: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """A line with its sources: the composer's own, else the facts that the claim check found under it."""
    under = [
        claim["source"]["fact_id"]
        for claim in claims
        if claim["path"] == f"lines.{at}.text"
        and claim["verdict"] == "supported"
        and claim["source"]
    ]
    sources = list(line.get("sources") or dict.fromkeys(under))
    return {"slot": line["slot"], "style": line["style"], "text": line["text"], "sources": sources}


async def checker_of(ctx: RunContext, topic: str) -> tuple[Grounding, Checker]:
    """The workspace's evidence, and the claim check over it; also kept in the context."""
    known = await grounding.of_workspace(ctx.reader)
    ctx.checker = known.checker(topic=topic, guardrails=ctx.background.get("guardrails", []))
    return known, ctx.checker
