"""GET /agents/skills: what the engine can do, and what each skill may cost."""

import httpx

from tests.people import Person


async def test_anonymous(http: httpx.AsyncClient) -> None:
    assert (await http.get("/api/v1/agents/skills")).status_code == 401


async def test_every_card_is_listed(owner: Person) -> None:
    body = (await owner.get("/agents/skills")).json()
    assert body["total"] == len(body["skills"]) >= 6
    move = next(skill for skill in body["skills"] if skill["id"] == "move_planning")
    assert move["composer"] is True
    assert (move["max_tokens"], move["max_cost_usd"]) == (10_000, 0.02)
    assert {"name": "request", "type": "object", "required": True, "description": ""} in move[
        "inputs"
    ]
    assert move["similarity"] is None


async def test_by_category(owner: Person) -> None:
    body = (await owner.get("/agents/skills?category=moves")).json()
    assert {skill["category"] for skill in body["skills"]} == {"moves"}
    assert (await owner.get("/agents/skills?category=none")).json() == {"skills": [], "total": 0}


async def test_by_meaning(owner: Person) -> None:
    body = (await owner.get("/agents/skills?q=who are my ideal customers")).json()
    assert body["total"] == 5
    assert body["skills"][0]["id"] == "icp_generation"
    assert body["skills"][0]["similarity"] > 0.3


async def test_a_wish_of_one_letter_is_refused(owner: Person) -> None:
    assert (await owner.get("/agents/skills?q=a")).status_code == 422


async def test_readiness_names_the_model(http: httpx.AsyncClient, engine_worker: None) -> None:
    body = (await http.get("/ready")).json()
    assert body["model"] == "composer"
    assert body["model_state"]["provider"] == "composer"
    assert body["model_state"]["state"] in ("ok", "loading")
