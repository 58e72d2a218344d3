"""Daily wins: three post ideas from the calendar, the evidence, past posts, feeds and the news.

None comes twice in thirty days. What strangers write is quoted with its address and never taken for a fact.
"""

import asyncio
import datetime
import hashlib
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from backend.agents.base import RunContext, Specialist
from backend.agents.specialists import grounding
from backend.agents.wishes.daily_wins import WISH, DailyWinsRequest
from backend.core.errors import AppError, Unprocessable
from backend.domain import daily_wins, win_feeds
from backend.domain.facts import Fact
from backend.skills.claims import Checker
from backend.skills.composers.news import FRESH_DAYS, News, as_evidence

SKILL = "quick_generation"
MOST_NEWS = 40
MOST_OF_A_FEED = 10


async def act(ctx: RunContext, request: DailyWinsRequest) -> dict[str, Any]:
    known = await grounding.of_workspace(ctx.reader)
    guardrails = ctx.background.get("guardrails", [])
    past = await daily_wins.past_posts(ctx.reader)
    used = await daily_wins.used(ctx.reader)
    today = await daily_wins.today(ctx.reader)
    fed, read = await _fed(ctx)
    news = _fresh([*fed, *await _searched(ctx, known)], today, used)
    inputs = {
        "today": today.isoformat(),
        "used": used,
        "past": past,
        "news": [item.model_dump(mode="json") for item in news],
        "banned": grounding.banned_words(guardrails),
        "platform": request.platform,
    }
    found = (await ctx.skill(SKILL, {"request": inputs, **known.inputs()})).output
    fresh = [
        win
        for given in found["wins"]
        if given["source_key"] not in used and (win := _placed(given, news))
    ]
    topic = " ".join(str(win["topic"]) for win in fresh if win["source_kind"] == "holiday")
    ctx.checker = known.checker(
        topic=" ".join([topic, *(str(post["opening"]) for post in past)]),
        guardrails=guardrails,
        heard=as_evidence(news),
    )
    result = {**found, "type": "daily_wins", "wins": fresh}
    return {"result": result, "demands": {"wins": bool(fresh)}, "read": read}


async def _fed(ctx: RunContext) -> tuple[list[News], dict[str, str | list[dict[str, Any]]]]:
    """What the followed feeds bring, and each one's newest or why not. One that fails costs only itself."""
    feeds = await win_feeds.active(ctx.reader)
    gave = await asyncio.gather(*(_feed(ctx, feed["url"]) for feed in feeds))
    news = [
        News(
            key=_key("feed", entry["url"]),
            kind="feed",
            outlet=feed["title"],
            title=entry["title"],
            url=entry["url"],
            summary=entry["summary"],
            published=entry["published"] and entry["published"][:10],
        )
        for feed, given in zip(feeds, gave, strict=True)
        if not isinstance(given, str)
        for entry in given[:MOST_OF_A_FEED]
    ]
    return news, {
        feed["id"]: given if isinstance(given, str) else win_feeds.newest(given)
        for feed, given in zip(feeds, gave, strict=True)
    }


async def _feed(ctx: RunContext, url: str) -> list[dict[str, Any]] | str:
    """Its entries, or why there are none."""
    try:
        entries: list[dict[str, Any]] = (await ctx.tool("read_feed", url=url)).output["entries"]
    except AppError as error:
        return error.detail
    return entries


async def _searched(ctx: RunContext, known: grounding.Grounding) -> list[News]:
    """This week's news of the firm's field, where a search engine is configured and the field is known."""
    field = str(known.company.get("industry") or "").strip()
    if not field or "news_search" not in ctx.tools:
        return []
    try:
        results = (await ctx.tool("news_search", query=field[:300], limit=10)).output["results"]
    except AppError:  # the ideas of other origins are worth the run
        return []
    return [
        News(
            key=_key("search", item["url"]),
            kind="search",
            outlet=str(urlsplit(item["url"]).hostname),
            title=item["title"],
            url=item["url"],
            summary=str(item.get("snippet") or ""),
        )
        for item in results
        if item.get("title") and urlsplit(item["url"]).scheme in ("http", "https")
    ]


def _key(kind: str, url: str) -> str:
    return f"{kind}:{hashlib.sha256(url.encode()).hexdigest()[:32]}"


def _fresh(news: Sequence[News], today: datetime.date, used: Sequence[str]) -> list[News]:
    """Not used, not older than a week, each address once, the newest first."""
    new = {
        item.url: item
        for item in reversed(news)
        if item.key not in used
        and (item.published is None or (today - item.published).days <= FRESH_DAYS)
    }
    unknown = today - datetime.timedelta(days=FRESH_DAYS // 2)
    return sorted(new.values(), key=lambda item: item.published or unknown, reverse=True)[
        :MOST_NEWS
    ]


def _placed(win: dict[str, Any], news: Sequence[News]) -> dict[str, Any] | None:
    """With the address of the news that it is about; None for news that nobody brought."""
    if win["source_kind"] not in ("feed", "search"):
        return {**win, "trend_url": None, "trend_source": None}
    for item in news:
        if item.key == win["source_key"]:
            told = {"source_kind": item.kind, "trend_url": item.url, "trend_source": item.outlet}
            return {**win, **told}
    return None


async def persist(
    ctx: RunContext, request: DailyWinsRequest, draft: dict[str, Any]
) -> dict[str, Any]:
    """The ideas with the facts they rest on. Raises Unprocessable `nothing_new` when none is left."""
    wins = [win for win in draft["result"]["wins"] if win["outline"]]
    if not wins:
        raise Unprocessable(
            "Nothing is left to say that holds to your documents and was not said in the last thirty days.",
            code="nothing_new",
        )
    checker = ctx.checker or (await grounding.of_workspace(ctx.reader)).checker()
    rows = [_row(win, checker) for win in wins]
    async with ctx.database.workspace(ctx.user) as tx:
        await win_feeds.note_read(tx, draft.get("read", {}))
        stored = await daily_wins.create_found(tx, ctx.run.id, rows)
    return {
        "type": "daily_wins",
        "wins": [daily_wins.Win.model_validate(row).model_dump(mode="json") for row in stored],
        "missing": draft["result"]["missing"],
        "engine": draft["result"].get("engine", "model"),
    }


def _row(win: dict[str, Any], checker: Checker) -> dict[str, Any]:
    known = {fact.id: fact for fact in checker.facts}
    found = [checker.source_of(line) for line in (win["hook"], *win["outline"])]
    facts = [known[id] for id in win.get("facts", []) if id in known]
    facts = facts or [fact for fact in found if fact]
    minutes = int(win["minutes"])
    return {
        "topic": win["topic"],
        "angle": win["angle"],
        "hook": win["hook"],
        "outline": win["outline"],
        "platform": win.get("platform"),
        "estimated_time": f"{minutes} minutes",
        "minutes": minutes,
        "relevance_score": win["relevance_score"],
        "reason": win.get("reason"),
        "source_kind": win["source_kind"],
        "source_key": win["source_key"],
        "trend_source": "calendar" if win["source_kind"] == "holiday" else win["trend_source"],
        "trend_url": win["trend_url"],
        "sources": [_source(fact) for fact in {fact.id: fact for fact in facts}.values()],
    }


def _source(fact: Fact) -> dict[str, Any]:
    return {
        "fact_id": fact.id,
        "evidence_id": str(fact.evidence_id),
        "source": fact.source,
        "start": fact.start,
        "end": fact.end,
        "quote": fact.quote,
    }


SPECIALIST = Specialist(
    agent="daily_wins_engine",
    wish=WISH,
    skills=lambda request: [SKILL],
    act=act,
    persist=persist,
)
