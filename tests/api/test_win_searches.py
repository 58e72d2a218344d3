"""Daily wins from a search engine: a file of its own, because its worker must be the only one."""

import json

from backend.core.config import Settings
from tests.api.test_daily_wins import generate
from tests.api.test_win_feeds import HEADLINE, site
from tests.cognitive.test_tools import searching
from tests.founders import COMPANY, Founder
from tests.services.sites import Site, answer
from tests.workers import working

__all__ = ["site"]  # a fixture


async def test_where_one_is_configured_its_news_count_too(
    founder: Founder, settings: Settings, site: Site
) -> None:
    found = {"title": HEADLINE, "url": "https://example.com/news", "description": "About it"}
    asked = "/res/v1/news/search?q=bookkeeping+software&count=10&freshness=pw"
    site.answers[asked] = answer(
        json.dumps({"results": [found]}).encode(), content_type="application/json"
    )
    async with working(searching(settings, site, search_provider="brave")):
        await founder.bring("company.md", COMPANY.encode())
        await founder.ran(1, 2)
        await founder.person.put("/foundation", json={"industry": "Bookkeeping software"})
        wins = [win for _ in range(2) for win in await generate(founder.person)]
    (news,) = [win for win in wins if win["source_kind"] == "search"]
    assert (news["trend_source"], news["trend_url"]) == ("example.com", found["url"])
