"""What strangers write about the founder's field and rivals: found by search, quoted with its address.

It stands beside a step's data (`onboarding.HEARD`) and goes nowhere else: no prompt, no composer, no judge,
no fact and no memory of the company is made of it, whatever it says.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from backend.agents.base import RunContext
from backend.core.errors import AppError
from backend.domain.runs import RunCancelled

RESEARCH, COMPETITORS = 7, 8
"""The steps that search."""
RESULTS = 5
RIVALS = 3
QUOTE = 400
TOOLS = {"web": "web_search", "news": "news_search"}


@dataclass(frozen=True, slots=True)
class _Question:
    """`about`: the field or the rival. A find must name `named`, where that is given."""

    kind: str
    about: str
    query: str
    named: str = ""


async def heard(
    ctx: RunContext, number: int, company: Mapping[str, Any], result: Mapping[str, Any]
) -> dict[str, Any]:
    """`found` and `search_note` for a step that searches, nothing for another.

    The note says why nothing, or not all, was searched: no key, an unknown field, a search that failed.
    """
    if number not in (RESEARCH, COMPETITORS):
        return {}
    why = next(
        (tool.why_absent for tool in ctx.tools.listed() if tool.tool.name == TOOLS["web"]), ""
    )
    if why is not None:
        return {"found": [], "search_note": f"Nothing was searched: {why}."}
    questions = _questions(number, company, result)
    if not questions:
        missing = "field you are in" if number == RESEARCH else "rivals you have"
        note = f"Nothing was searched: your documents do not say which {missing}."
        return {"found": [], "search_note": note}
    answers = await asyncio.gather(*(_asked(ctx, question) for question in questions))
    failed = dict.fromkeys(answer for answer in answers if isinstance(answer, str))
    found = [find for answer in answers if not isinstance(answer, str) for find in answer]
    once = {find["url"]: find for find in reversed(found)}
    kept = [find for find in found if once[find["url"]] is find]
    return {"found": kept, "search_note": " ".join(failed) or None}


def _questions(
    number: int, company: Mapping[str, Any], result: Mapping[str, Any]
) -> Sequence[_Question]:
    field = str(company.get("industry") or "").strip()[:120]
    if number == RESEARCH:
        asked = [("web", f"{field} customers problems"), ("news", field)]
        return [_Question(kind, field, query) for kind, query in asked if field]
    rivals = [
        str(rival["name"])[:120]
        for rival in result.get("competitors", [])
        if isinstance(rival, Mapping) and rival.get("name") and rival.get("kind") == "direct"
    ]
    return [
        _Question(kind, name, f"{name} {field}".strip(), name)
        for name in rivals[:RIVALS]
        for kind in TOOLS
    ]


async def _asked(ctx: RunContext, question: _Question) -> list[dict[str, Any]] | str:
    """The finds, or why there are none."""
    try:
        answer = await ctx.tool(TOOLS[question.kind], query=question.query, limit=RESULTS)
    except RunCancelled:
        raise
    except AppError as error:
        return error.detail
    return [
        {
            "kind": question.kind,
            "about": question.about,
            "title": item["title"][:QUOTE],
            "url": item["url"],
            "outlet": urlsplit(item["url"]).hostname,
            "quote": item["snippet"][:QUOTE],
        }
        for item in answer.output["results"]
        if item.get("title") and item.get("snippet") and _usable(item, question.named)
    ]


def _usable(item: Mapping[str, Any], named: str) -> bool:
    place = urlsplit(item["url"])
    told = f"{item['title']} {item['snippet']}".lower()
    return place.scheme in ("http", "https") and bool(place.hostname) and named.lower() in told
