"""Keys for programs: scopes, end, rotation, revocation; and the audit log of who did what."""

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts
from httpx import AsyncClient, Response

from backend.api.v1 import ROUTERS
from backend.domain import api_keys, audit
from tests.api.test_moves import make
from tests.people import Person
from tests.problems import problem

PEOPLE_ONLY = {"api-keys", "auth", "workspace", "webhooks"}
"""Areas that no key enters."""


async def key_of(person: Person, *scopes: str, **fields: Any) -> tuple[str, dict[str, Any]]:
    answer = await person.post("/api-keys", json={"name": "CRM", "scopes": scopes, **fields})
    assert answer.status_code == 200, answer.text
    return answer.json()["key"], answer.json()["api_key"]


async def ask(person: Person, key: str, path: str, method: str = "GET", **more: Any) -> Response:
    headers = {"authorization": f"Bearer {key}", **more.pop("headers", {})}
    return await person.http.request(method, f"/api/v1{path}", headers=headers, **more)


class TestScopes:
    async def test_a_key_acts_for_its_user_within_its_scopes(
        self, paying_owner: Person, stranger: Person
    ) -> None:
        key, row = await key_of(paying_owner, "moves:read")
        move, foreign = await make(paying_owner), await make(stranger)
        listed = await ask(paying_owner, key, "/moves")
        assert [m["id"] for m in listed.json()["moves"]] == [move["id"]]
        problem(await ask(paying_owner, key, f"/moves/{foreign['id']}"), 404, "move_not_found")
        body = {"category": "ignite", "goal": "x"}
        refused = await ask(paying_owner, key, "/moves", "POST", json=body)
        assert problem(refused, 403, "scope_missing")["scope"] == "moves:write"
        problem(await ask(paying_owner, key, "/icps"), 403, "scope_missing")
        assert row["hint"] == key[:10]
        me = await ask(paying_owner, key, "/auth/me")
        assert me.json()["workspace"]["id"] == str(paying_owner.workspace_id)

    async def test_the_foundation_remembers_which_key_changed_it(
        self, paying_owner: Person
    ) -> None:
        key, row = await key_of(paying_owner, "foundation:write")
        changed = await ask(paying_owner, key, "/foundation", "PUT", json={"industry": "Boxes"})
        assert changed.status_code == 200
        (change,) = (await paying_owner.get("/foundation/history")).json()["changes"]
        assert (change["api_key_id"], change["user_id"]) == (row["id"], str(paying_owner.id))

    async def test_a_star_opens_every_area_for_one_verb(self, paying_owner: Person) -> None:
        key, _ = await key_of(paying_owner, "*:write")
        body = {"category": "ignite", "goal": "x"}
        assert (await ask(paying_owner, key, "/moves", "POST", json=body)).status_code == 200
        problem(await ask(paying_owner, key, "/moves"), 403, "scope_missing")

    @pytest.mark.parametrize("path", ["/api-keys", "/auth/initialize"])
    async def test_some_things_only_people_do(self, paying_owner: Person, path: str) -> None:
        key, _ = await key_of(paying_owner, "*:read", "*:write")
        body = {"name": "more", "scopes": ["*:write"]}
        problem(await ask(paying_owner, key, path, "POST", json=body), 403, "key_not_accepted")

    def test_every_area_has_a_scope_or_is_for_people(self) -> None:
        areas = {prefix.strip("/").partition("/")[0] for _, prefix, _ in ROUTERS}
        assert areas - set(api_keys.AREAS) <= PEOPLE_ONLY

    @pytest.mark.parametrize(
        "scopes", [[], ["moves"], ["moves:delete"], ["unicorns:read"], ["api-keys:write"], None]
    )
    async def test_unknown_scopes_are_refused(self, paying_owner: Person, scopes: Any) -> None:
        answer = await paying_owner.post("/api-keys", json={"name": "x", "scopes": scopes})
        problem(answer, 422, "validation_failed")


class TestLife:
    async def test_only_its_hash_is_kept_and_it_is_shown_once(self, paying_owner: Person) -> None:
        key, row = await key_of(paying_owner, "*:read")
        with paying_owner.sql() as sql:
            stored = sql.execute(
                "select k::text, key_hash from public.api_keys k where id = %s", (row["id"],)
            ).fetchone()
        assert stored is not None
        assert key not in stored[0]
        assert stored[1] == hashlib.sha256(key.encode()).hexdigest()
        for path in ("/api-keys", f"/api-keys/{row['id']}"):
            text = (await paying_owner.get(path)).text
            assert key not in text
            assert stored[1] not in text

    async def test_below_the_growth_plan_there_are_none(self, owner: Person) -> None:
        answer = await owner.post("/api-keys", json={"name": "x", "scopes": ["*:read"]})
        problem(answer, 403, "plan_required")

    async def test_a_smaller_plan_stops_the_keys_it_had(self, paying_owner: Person) -> None:
        key, _ = await key_of(paying_owner, "*:read")
        with paying_owner.sql() as sql:
            sql.execute(
                "update public.subscriptions set plan = 'starter' where user_id = %s",
                (paying_owner.id,),
            )
        problem(await ask(paying_owner, key, "/moves"), 403, "plan_required")

    async def test_expiry(self, paying_owner: Person) -> None:
        soon = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
        key, row = await key_of(paying_owner, "*:read", expires_at=soon)
        assert (await ask(paying_owner, key, "/moves")).status_code == 200
        with paying_owner.sql() as sql:
            sql.execute("update public.api_keys set expires_at = now() where id = %s", (row["id"],))
        problem(await ask(paying_owner, key, "/moves"), 401, "key_expired")
        for at in ("2020-01-01T00:00:00Z", "2190-01-01T00:00:00Z"):
            body = {"name": "x", "scopes": ["*:read"], "expires_at": at}
            answer = await paying_owner.post("/api-keys", json=body)
            problem(answer, 422, "validation_failed")

    async def test_revoked_means_at_once(self, paying_owner: Person, stranger: Person) -> None:
        key, row = await key_of(paying_owner, "*:read")
        problem(await stranger.delete(f"/api-keys/{row['id']}"), 404, "api_key_not_found")
        assert (await ask(paying_owner, key, "/moves")).status_code == 200
        gone = await paying_owner.delete(f"/api-keys/{row['id']}")
        assert gone.json()["api_key"]["revoked_at"]
        problem(await ask(paying_owner, key, "/moves"), 401, "key_revoked")
        problem(
            await paying_owner.post(f"/api-keys/{row['id']}/rotate", json={}), 409, "key_revoked"
        )

    async def test_rotation_has_a_grace(self, paying_owner: Person) -> None:
        old, row = await key_of(paying_owner, "moves:read")
        made = await paying_owner.post(f"/api-keys/{row['id']}/rotate", json={"grace_hours": 1})
        new = made.json()["key"]
        assert new != old
        assert made.json()["api_key"]["previous_until"]
        for key in (old, new):
            assert (await ask(paying_owner, key, "/moves")).status_code == 200
        await paying_owner.post(f"/api-keys/{row['id']}/rotate", json={"grace_hours": 0})
        for key in (old, new):
            problem(await ask(paying_owner, key, "/moves"), 401, "key_invalid")

    async def test_last_use_is_noted(self, paying_owner: Person) -> None:
        key, row = await key_of(paying_owner, "moves:read")
        assert row["last_used_at"] is None
        await ask(paying_owner, key, "/moves")
        seen = (await paying_owner.get(f"/api-keys/{row['id']}")).json()["api_key"]
        assert seen["last_used_at"]

    @pytest.mark.parametrize("key", ["rf_", "rf_nothing", "rf_" + "x" * 5000, "rf_%00", "rf_'--"])
    async def test_keys_that_never_were(self, owner: Person, key: str) -> None:
        problem(await ask(owner, key, "/moves"), 401, "key_invalid")

    async def test_another_workspaces_key_is_absent(
        self, paying_owner: Person, stranger: Person
    ) -> None:
        _, row = await key_of(paying_owner, "*:read")
        problem(await stranger.get(f"/api-keys/{row['id']}"), 404, "api_key_not_found")
        answer = await stranger.post(f"/api-keys/{row['id']}/rotate", json={})
        problem(answer, 404, "api_key_not_found")


class TestAudit:
    async def entries(self, person: Person, **params: Any) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (await person.get("/audit-log", params=params)).json()[
            "entries"
        ]
        return found

    async def test_anonymous(self, http: AsyncClient) -> None:
        problem(await http.get("/api/v1/audit-log"), 401, "token_missing")

    async def test_it_says_who_did_what_with_which_key(
        self, paying_owner: Person, stranger: Person
    ) -> None:
        move = await make(paying_owner)
        key, row = await key_of(paying_owner, "moves:write")
        body = {"goal": "Twelve"}
        done = await ask(paying_owner, key, f"/moves/{move['id']}", "PUT", json=body)
        assert done.status_code == 200
        last, made_key, first = await self.entries(paying_owner)
        assert (first["actor"], first["action"], first["event"]) == (
            "user",
            "create_move",
            "move.created",
        )
        assert first["subject_id"] == move["id"]
        assert made_key["subject_id"] == row["id"]
        assert (last["actor"], last["key_id"]) == ("key", row["id"])
        assert (last["action"], last["subject_id"]) == ("update_move", move["id"])
        assert last["user_id"] == str(paying_owner.id)
        assert last["request_id"] == done.headers["x-request-id"]
        assert await self.entries(stranger) == []
        only = await self.entries(paying_owner, actor="key")
        assert only == [last]
        assert await self.entries(paying_owner, action="create_move") == [first]
        assert len(await self.entries(paying_owner, subject_id=move["id"])) == 2

    async def test_what_was_refused_or_only_read_is_not_there(self, owner: Person) -> None:
        await owner.get("/moves")
        await owner.delete(f"/moves/{uuid4()}")
        await owner.post("/moves", json={})
        assert await self.entries(owner) == []

    async def test_a_replayed_answer_was_done_once(self, owner: Person) -> None:
        for _ in range(3):
            await owner.post(
                "/moves",
                json={"category": "ignite", "goal": "x"},
                headers={"idempotency-key": "audit-1"},
            )
        assert len(await self.entries(owner)) == 1

    async def test_deleting_many_names_them(self, owner: Person) -> None:
        ids = [(await make(owner))["id"] for _ in range(2)]
        await owner.post("/moves/bulk-delete", json={"ids": ids})
        last = (await self.entries(owner))[0]
        assert (last["event"], last["details"]) == ("moves.deleted", {"deleted": ids})

    async def test_agents_are_in_it(self, owner: Person) -> None:
        with owner.sql() as sql:
            (run_id,) = sql.execute(
                "insert into public.agent_executions (workspace_id, user_id, request_type,"
                " request_data) values (%s, %s, 'moves', '{}') returning id",
                (owner.workspace_id, owner.id),
            ).fetchone()  # type: ignore[misc]
            sql.execute(
                "update public.agent_executions set status = 'completed', completed_at = now()"
                " where id = %s",
                (run_id,),
            )
        (entry,) = await self.entries(owner, actor="agent")
        assert (entry["event"], entry["run_id"]) == ("run.completed", str(run_id))

    def test_every_write_has_a_readable_event(self, app: FastAPI) -> None:
        names = [
            context.original_route.name
            for context in iter_route_contexts(app.routes)
            if isinstance(context.original_route, APIRoute)
            and "GET" not in (context.original_route.methods or ())
        ]
        events = {name: audit.event_of(name) for name in names}
        assert events["start_move"] == "move.started"
        assert events["cancel_run"] == "run.cancelled"
        for event in events.values():
            noun, _, past = event.partition(".")
            assert noun
            assert past
            assert "." not in past
