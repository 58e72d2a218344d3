"""Prometheus' view: for its token alone, by route, with the books of the whole service."""

from collections import defaultdict

import pytest
from fastapi import FastAPI
from httpx import AsyncClient
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr

from backend.core.config import Settings
from backend.domain.vital_signs import SIGNS
from tests.people import Person
from tests.problems import problem

TOKEN = "a-token-that-only-tests-know"


@pytest.fixture
def watched(app: FastAPI, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "metrics_token", SecretStr(TOKEN))


async def read(http: AsyncClient) -> dict[tuple[str, str], float]:
    """(series, route) -> value."""
    answer = await http.get("/metrics", headers={"authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    found: dict[tuple[str, str], float] = defaultdict(float)
    for family in text_string_to_metric_families(answer.text):
        for sample in family.samples:
            if sample.labels.get("le") is None:
                found[sample.name, sample.labels.get("route", "")] += sample.value
    return found


async def test_without_the_setting_there_is_no_such_address(http: AsyncClient) -> None:
    problem(
        await http.get("/metrics", headers={"authorization": f"Bearer {TOKEN}"}), 404, "not_found"
    )


@pytest.mark.parametrize("header", ["", "Bearer wrong", TOKEN, "Basic x"])
async def test_only_with_the_token(http: AsyncClient, watched: None, header: str) -> None:
    answer = await http.get("/metrics", headers={"authorization": header} if header else {})
    problem(answer, 401, "token_invalid")


async def test_a_users_token_is_none(owner: Person, watched: None) -> None:
    answer = await owner.http.get("/metrics", headers={"authorization": f"Bearer {owner.token}"})
    problem(answer, 401, "token_invalid")


async def test_requests_are_counted_by_route(
    http: AsyncClient, owner: Person, watched: None
) -> None:
    before = await read(http)
    for _ in range(3):
        assert (await owner.get("/moves")).status_code == 200
    await owner.get("/moves/7b9c4f3e-0000-4000-8000-000000000000")
    after = await read(http)
    route = ("raptorflow_http_request_seconds_count", "/api/v1/moves")
    one = ("raptorflow_http_request_seconds_count", "/api/v1/moves/{move_id}")
    assert after[route] - before.get(route, 0) == 3
    assert after[one] - before.get(one, 0) == 1
    assert not any("7b9c4f3e" in route for _, route in after)


async def test_the_books(http: AsyncClient, owner: Person, watched: None) -> None:
    with owner.sql() as sql:
        sql.execute(
            "insert into public.agent_executions (workspace_id, user_id, request_type, status,"
            " started_at) values (%s, %s, 'moves', 'running', now() - interval '1 hour')",
            (owner.workspace_id, owner.id),
        )
    found = await read(http)
    assert {f"raptorflow_{name}" for name in SIGNS} <= {name for name, _ in found}
    assert found["raptorflow_runs_silent", ""] >= 1
