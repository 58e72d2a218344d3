"""GET /agents/tools: what runs may look at, and what is off."""

import httpx

from tests.people import Person


async def test_anonymous(http: httpx.AsyncClient) -> None:
    assert (await http.get("/api/v1/agents/tools")).status_code == 401


async def test_listed_with_what_is_missing(owner: Person) -> None:
    body = (await owner.get("/agents/tools")).json()
    tools = {tool["name"]: tool for tool in body["tools"]}
    assert body["total"] == len(tools) == 11
    for name in ("web_search", "news_search"):
        assert tools[name]["available"] is False
        assert "BRAVE_API_KEY" in tools[name]["why_absent"]
    page = tools["scrape_website"]
    assert (page["available"], page["tainted"], page["why_absent"]) == (True, True, None)
    assert (page["timeout_seconds"], page["max_retries"]) == (30.0, 3)
    assert page["parameters"]["required"] == ["url"]
    assert tools["calculate_gst"]["tainted"] is False
