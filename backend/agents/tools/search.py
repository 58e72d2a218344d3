"""web_search and news_search, through whoever SEARCH_PROVIDER names. Without one both are absent."""

import html
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import urlencode

from pydantic import Field, StringConstraints

from backend.agents.tools.taint import set_aside
from backend.agents.tools.toolbox import Bench, Parameters, Tool
from backend.core.config import Settings
from backend.core.errors import UpstreamFailed

WITHOUT_SEARCH = "set BRAVE_API_KEY, or GOOGLE_API_KEY and GOOGLE_CSE_ID"
NEWS_DAYS = 7
MOST_RESULTS = 10
_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,200}>")


class Search(Parameters):
    query: Annotated[str, StringConstraints(min_length=2, max_length=300)]
    limit: int = Field(MOST_RESULTS, ge=1, le=MOST_RESULTS)


@dataclass(frozen=True, slots=True)
class _Question:
    """An address, and headers that only it may see."""

    url: str
    secrets: Mapping[str, str]


def _google(settings: Settings, wish: Search, *, news: bool) -> _Question:
    assert settings.google_api_key is not None, "checked when the settings were read"
    asked = {
        "key": settings.google_api_key.get_secret_value(),
        "cx": settings.google_cse_id,
        "q": wish.query,
        "num": wish.limit,
    }
    if news:
        asked |= {"dateRestrict": f"d{NEWS_DAYS}", "sort": "date"}
    base = settings.search_base_url or "https://www.googleapis.com"
    return _Question(f"{base}/customsearch/v1?{urlencode(asked)}", {})


def _brave(settings: Settings, wish: Search, *, news: bool) -> _Question:
    assert settings.brave_api_key is not None, "checked when the settings were read"
    asked = {"q": wish.query, "count": wish.limit, **({"freshness": "pw"} if news else {})}
    base = settings.search_base_url or "https://api.search.brave.com"
    kind = "news" if news else "web"
    key = settings.brave_api_key.get_secret_value()
    return _Question(
        f"{base}/res/v1/{kind}/search?{urlencode(asked)}", {"X-Subscription-Token": key}
    )


def _google_results(body: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {"title": item.get("title"), "url": item.get("link"), "snippet": item.get("snippet")}
        for item in body.get("items") or []
    ]


def _brave_results(body: dict[str, Any]) -> list[dict[str, Any]]:
    found = (body.get("web") or {}).get("results") or body.get("results") or []
    return [
        {
            "title": item.get("title"),
            "url": item.get("url"),
            "snippet": item.get("description"),
            "age": item.get("age"),
        }
        for item in found
    ]


ASK: dict[str, Callable[..., _Question]] = {"google": _google, "brave": _brave}
READ: dict[str, Callable[[dict[str, Any]], list[dict[str, Any]]]] = {
    "google": _google_results,
    "brave": _brave_results,
}


async def _search(bench: Bench, wish: Search, *, news: bool) -> dict[str, Any]:
    provider = bench.settings.search_provider
    question = ASK[provider](bench.settings, wish, news=news)
    answer = await bench.egress.get(
        question.url, accept="application/json", secrets=question.secrets
    )
    _check(answer.status)
    try:
        found = READ[provider](json.loads(answer.body))
    except (ValueError, AttributeError, TypeError) as error:
        raise UpstreamFailed(
            "The search engine's answer cannot be read.", code="search_failed"
        ) from error
    results, dropped = _without_orders(found[: wish.limit])
    return {"query": wish.query, "results": results, "set_aside": dropped, "provider": provider}


def _check(status: int) -> None:
    if status == 429:
        detail = "The search engine's quota is used up for now."
        raise UpstreamFailed(detail, code="search_quota_used_up")
    if status in (400, 401, 403, 404, 422):
        detail = f"The search engine refused the request ({status}): look at its key."
        raise UpstreamFailed(detail, code="search_refused")
    if status != 200:
        raise UpstreamFailed(f"The search engine answered {status}.", code="search_failed")


def _without_orders(found: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], list[str]]:
    results, dropped = [], list[str]()
    for item in found:
        if not item["url"]:
            continue
        kept = {name: value for name, value in item.items() if value}
        for name in ("title", "snippet"):
            text, orders = set_aside(_plain(str(kept.get(name) or "")))
            kept[name] = text
            dropped += orders
        results.append(kept)
    return results, dropped


def _plain(text: str) -> str:
    """Without the tags that engines set round the words asked for."""
    return " ".join(html.unescape(_TAG.sub("", text)).split())


def _missing(settings: Settings) -> str | None:
    return None if settings.search_provider else WITHOUT_SEARCH


async def _web(bench: Bench, wish: Search) -> dict[str, Any]:
    return await _search(bench, wish, news=False)


async def _news(bench: Bench, wish: Search) -> dict[str, Any]:
    return await _search(bench, wish, news=True)


TOOLS = (
    Tool(
        "web_search",
        "Up to ten pages about something, with title and snippet.",
        Search,
        _web,
        tainted=True,
        provider=lambda settings: settings.search_provider,
        missing=_missing,
    ),
    Tool(
        "news_search",
        f"What was published about something in the last {NEWS_DAYS} days.",
        Search,
        _news,
        tainted=True,
        provider=lambda settings: settings.search_provider,
        missing=_missing,
    ),
)
