"""The MCP server, driven by the official client over its own transport."""

import contextlib
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import httpx2
import pytest
from fastapi import FastAPI
from httpx import AsyncClient
from mcp.client.client import Client
from mcp.client.streamable_http import streamable_http_client

from tests.api.test_api_keys import key_of
from tests.api.test_approvals import AD, REQUEST, ended, worker
from tests.api.test_moves import make
from tests.conftest import TestSupabase
from tests.people import Person
from tests.problems import problem

__all__ = ["worker"]


@contextlib.asynccontextmanager
async def agent(app: FastAPI, token: str) -> AsyncIterator[Client]:
    """Somebody's agent, connected with this token or key."""
    http = httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app), headers={"authorization": f"Bearer {token}"}
    )
    async with (
        http,
        Client(streamable_http_client("http://api/mcp", http_client=http)) as client,
    ):
        yield client


async def said(client: Client, tool: str, **arguments: Any) -> dict[str, Any]:
    """What a tool answers when it succeeds."""
    result = await client.call_tool(tool, arguments)
    assert not result.is_error, result.content
    answer: dict[str, Any] = result.structured_content
    return answer


async def test_sign_in_a_run_an_approval(
    app: FastAPI, supabase: TestSupabase, http: AsyncClient, worker: None
) -> None:
    async with AsyncClient(base_url=supabase.url) as auth:
        email = f"agent-{uuid4().hex[:10]}@example.com"
        signed = await auth.post(
            "/auth/v1/signup",
            json={"email": email, "password": "a long enough password 7"},
            headers={"apikey": supabase.keys.anon_key},
        )
    assert signed.status_code == 200, signed.text
    async with agent(app, signed.json()["access_token"]) as client:
        assert (await said(client, "list_moves"))["total"] == 0
        held = await said(client, "execute_agent", **REQUEST, idempotency_key="run-1")
        assert held["requires_approval"]
        assert held["output"] == AD
        again = await said(client, "execute_agent", **REQUEST, idempotency_key="run-1")
        assert again["run_id"] == held["run_id"]
        waiting = await said(client, "list_pending_approvals")
        assert [gate["id"] for gate in waiting["approvals"]] == [held["approval_gate_id"]]
        verdict = await said(client, "approve_output", gate_id=held["approval_gate_id"])
        assert verdict["approval"]["status"] == "approved"
        for _ in range(100):
            run = (await said(client, "get_run", run_id=held["run_id"]))["run"]
            if run["status"] == "completed":
                break
        else:
            person = Person(uuid4(), uuid4(), email, signed.json()["access_token"], http, "")
            run = await ended(person, held["run_id"])
        assert run["final_output"] == {"shipped": AD}
        log = (await said(client, "list_audit_log"))["entries"]
        told = {entry["event"]: (entry["actor"], entry["channel"]) for entry in log}
        assert told["agent.executed"] == ("user", "mcp")
        assert told["output.approved"] == ("user", "mcp")
        assert told["run.completed"] == ("agent", "worker")


class TestTools:
    async def test_they_are_the_apis_operations(self, app: FastAPI, owner: Person) -> None:
        async with agent(app, owner.token) as client:
            tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        assert {
            "create_move",
            "start_move",
            "update_icp",
            "execute_agent",
            "get_foundation",
        } <= set(tools)
        assert not {"upload_evidence", "create_api_key", "execute_agent_stream"} & set(tools)
        schema = tools["update_move"].input_schema
        assert schema["required"] == ["move_id"]
        assert {"goal", "execution", "move_id"} <= set(schema["properties"])
        assert "PlannedDay" in schema["$defs"]
        assert tools["list_moves"].annotations.read_only_hint
        assert tools["delete_move"].annotations.destructive_hint

    async def test_the_same_rules_hold(self, app: FastAPI, owner: Person, stranger: Person) -> None:
        foreign = await make(stranger)
        async with agent(app, owner.token) as client:
            made = await said(client, "create_move", category="ignite", goal="Ten shops")
            changed = await said(
                client, "update_move", move_id=made["move"]["id"], goal="Twelve shops"
            )
            assert changed["move"]["goal"] == "Twelve shops"
            for arguments, code in (
                ({"move_id": foreign["id"]}, "move_not_found"),
                ({"move_id": "../icps"}, "route_not_found"),
                ({"move_id": "icps"}, "validation_failed"),
            ):
                refused = await client.call_tool("get_move", arguments)
                assert refused.is_error
                assert refused.structured_content["code"] == code
            page = await said(client, "list_moves", limit=1, fields="id", sort="name")
            assert page["moves"] == [{"id": made["move"]["id"]}]

    @pytest.mark.parametrize(
        ("tool", "arguments"),
        [
            ("no_such_tool", {}),
            ("get_move", {}),
            ("get_move", {"move_id": "x", "surprise": 1}),
            ("create_move", {"category": "ignite"}),
        ],
    )
    async def test_wrong_calls_say_what_is_wrong(
        self, app: FastAPI, owner: Person, tool: str, arguments: dict[str, Any]
    ) -> None:
        async with agent(app, owner.token) as client:
            refused = await client.call_tool(tool, arguments)
        assert refused.is_error

    async def test_without_money_nothing_is_bought(self, app: FastAPI, owner: Person) -> None:
        with owner.sql() as sql:
            sql.execute(
                "update public.users set budget_limit_monthly = 0 where id = %s", (owner.id,)
            )
        async with agent(app, owner.token) as client:
            refused = await client.call_tool("execute_agent", REQUEST)
        assert refused.is_error
        assert refused.structured_content["code"] == "budget_exceeded"


class TestCredentials:
    @pytest.mark.parametrize("token", ["", "nonsense", "rf_nothing"])
    async def test_nobody_gets_in_without(self, http: AsyncClient, token: str) -> None:
        headers = {"authorization": f"Bearer {token}"} if token else {}
        answer = await http.post("/mcp", json={}, headers=headers)
        assert answer.status_code == 401
        assert "www-authenticate" in answer.headers
        problem(answer, 401, answer.json()["code"])

    async def test_a_key_sees_and_calls_what_its_scopes_open(
        self, app: FastAPI, paying_owner: Person
    ) -> None:
        key, _ = await key_of(paying_owner, "moves:read")
        async with agent(app, key) as client:
            tools = {tool.name for tool in (await client.list_tools()).tools}
            assert "list_moves" in tools
            assert not {"create_move", "list_icps"} & tools
            refused = await client.call_tool("create_move", {"category": "ignite", "goal": "x"})
            assert refused.structured_content["code"] == "scope_missing"


class TestResources:
    async def test_foundation_and_icps(self, app: FastAPI, owner: Person, stranger: Person) -> None:
        icp = (await owner.post("/icps", json={"name": "Bakeries"})).json()["icp"]
        async with agent(app, owner.token) as client:
            found = {r.name: str(r.uri) for r in (await client.list_resources()).resources}
            assert set(found) == {"Foundation", "Bakeries"}
            (content,) = (await client.read_resource(found["Bakeries"])).contents
            assert icp["id"] in content.text
            (content,) = (await client.read_resource(found["Foundation"])).contents
            assert '"foundation"' in content.text
        async with agent(app, stranger.token) as client:
            (content,) = (await client.read_resource(found["Bakeries"])).contents
            assert "icp_not_found" in content.text
