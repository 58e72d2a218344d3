"""Who am I, completing a sign-up, and the auth server's webhook."""

import asyncio
import base64
import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi import FastAPI
from httpx import AsyncClient, Response
from pydantic import SecretStr

from backend.core.config import Settings
from tests.people import Person, sign_token
from tests.problems import problem

KEY = b"a signing key of thirty-two byte"
SIGNING = f"v1,whsec_{base64.b64encode(KEY).decode()}"
SHARED = "the-shared-secret-of-this-test"


@pytest.fixture
def half_made(owner: Person) -> Person:
    """A user whose triggers never ran: the account exists, nothing of ours does."""
    with owner.sql() as sql:
        sql.execute("delete from public.users where id = %s", [owner.id])
    return owner


def rows_of(person: Person) -> tuple[int, ...]:
    """How many profiles, workspaces, foundations, onboarding sessions and subscriptions there are."""
    with person.sql() as sql:
        counts = sql.execute(
            """
            select
              (select count(*) from public.users where id = %(id)s),
              (select count(*) from public.workspaces where user_id = %(id)s),
              (select count(*) from public.foundations f join public.workspaces w
                 on w.id = f.workspace_id where w.user_id = %(id)s),
              (select count(*) from public.onboarding_sessions o join public.workspaces w
                 on w.id = o.workspace_id where w.user_id = %(id)s),
              (select count(*) from public.subscriptions where user_id = %(id)s)
            """,
            {"id": person.id},
        ).fetchone()
    assert counts is not None
    return counts


class TestToken:
    async def test_none(self, http: AsyncClient) -> None:
        answer = await http.get("/api/v1/auth/me")
        problem(answer, 401, "token_missing")
        assert answer.headers["www-authenticate"].startswith("Bearer")

    @pytest.mark.parametrize(
        ("header", "code"),
        [
            ("Bearer sb_publishable_abc", "token_malformed"),
            ("Bearer ", "token_malformed"),
            ("Basic YTpi", "token_malformed"),
            ("Bearer a.b.c", "token_malformed"),
        ],
    )
    async def test_what_is_no_token(self, http: AsyncClient, header: str, code: str) -> None:
        answer = await http.get("/api/v1/auth/me", headers={"Authorization": header})
        problem(answer, 401, code)

    @pytest.mark.parametrize("scheme", ["bearer", "BEARER", "Bearer"])
    async def test_the_scheme_in_any_case(self, owner: Person, scheme: str) -> None:
        headers = {"Authorization": f"{scheme} {owner.token}"}
        assert (await owner.http.get("/api/v1/auth/me", headers=headers)).status_code == 200

    @pytest.mark.parametrize(
        ("change", "code"),
        [
            ({"exp": 1_700_000_000}, "token_expired"),
            ({"exp": None}, "token_invalid"),
            ({"aud": "elsewhere"}, "token_invalid"),
            ({"iss": "supabase"}, "token_invalid"),
            ({"role": "service_role"}, "token_invalid"),
            ({"is_anonymous": True}, "token_anonymous"),
        ],
    )
    async def test_tokens_that_do_not_count(
        self, owner: Person, settings: Settings, change: dict[str, Any], code: str
    ) -> None:
        owner.token = sign_token(settings, owner.id, owner.email, **change)
        problem(await owner.get("/auth/me"), 401, code)


class TestMe:
    async def test_everything_in_the_specified_shape(self, owner: Person) -> None:
        body = (await owner.get("/auth/me")).json()
        assert set(body) == {"user", "workspace", "subscription", "onboarding"}
        assert body["user"]["id"] == str(owner.id)
        assert body["user"]["email"] == owner.email
        assert body["workspace"]["id"] == str(owner.workspace_id)
        assert body["subscription"]["plan"] == "free"
        assert body["onboarding"] == {"current_step": 1, "status": "in_progress"}

    async def test_no_id_of_the_gateway_leaves(self, owner: Person) -> None:
        with owner.sql() as sql:
            sql.execute(
                "update public.subscriptions set phonepe_subscription_id = 'OMS-1'"
                " where user_id = %s",
                [owner.id],
            )
        assert "OMS-1" not in (await owner.get("/auth/me")).text

    async def test_only_oneself(self, owner: Person, stranger: Person) -> None:
        answer = await stranger.get("/auth/me")
        assert str(owner.id) not in answer.text
        assert answer.json()["workspace"]["id"] == str(stranger.workspace_id)

    async def test_before_sign_up_is_complete(self, half_made: Person) -> None:
        answer = await half_made.get("/auth/me")
        assert answer.status_code == 200
        assert answer.json() == {
            "user": None,
            "workspace": None,
            "subscription": None,
            "onboarding": None,
        }

    async def test_a_trailing_slash(self, owner: Person) -> None:
        assert (await owner.get("/auth/me/")).status_code == 200


class TestInitialize:
    async def test_anonymous(self, http: AsyncClient) -> None:
        problem(await http.post("/api/v1/auth/initialize"), 401, "token_missing")

    async def test_it_makes_what_is_missing_once(
        self, half_made: Person, settings: Settings
    ) -> None:
        name = {"full_name": "Asha Rao"}
        half_made.token = sign_token(settings, half_made.id, half_made.email, user_metadata=name)
        assert rows_of(half_made) == (0, 0, 0, 0, 0)
        first = (await half_made.post("/auth/initialize")).json()
        assert first["status"] == "initialized"
        assert set(first) == {"status", "workspace_id"}
        assert rows_of(half_made) == (1, 1, 1, 1, 1)
        again = (await half_made.post("/auth/initialize")).json()
        assert again == {"status": "already_initialized", "workspace_id": first["workspace_id"]}
        me = (await half_made.get("/auth/me")).json()
        assert me["user"]["full_name"] == "Asha Rao"
        assert me["workspace"]["id"] == first["workspace_id"]

    async def test_a_part_that_is_missing(self, owner: Person) -> None:
        with owner.sql() as sql:
            sql.execute("delete from public.subscriptions where user_id = %s", [owner.id])
        answer = (await owner.post("/auth/initialize")).json()
        assert answer == {"status": "initialized", "workspace_id": str(owner.workspace_id)}
        assert rows_of(owner) == (1, 1, 1, 1, 1)

    async def test_a_crowd_makes_one_workspace(self, half_made: Person) -> None:
        answers = await asyncio.gather(*(half_made.post("/auth/initialize") for _ in range(8)))
        statuses = sorted(answer.json()["status"] for answer in answers)
        assert statuses == ["already_initialized"] * 7 + ["initialized"]
        assert len({answer.json()["workspace_id"] for answer in answers}) == 1
        assert rows_of(half_made) == (1, 1, 1, 1, 1)

    async def test_an_account_that_is_gone(self, owner: Person, settings: Settings) -> None:
        owner.token = sign_token(settings, uuid4(), "gone@example.com")
        problem(await owner.post("/auth/initialize"), 404, "user_not_found")


class TestWebhook:
    @pytest.fixture(autouse=True)
    def secret(self, app: FastAPI, settings: Settings) -> Iterator[None]:
        secret = SecretStr(f"{SIGNING}|{SHARED}")
        app.state.settings = settings.model_copy(update={"auth_webhook_secret": secret})
        yield
        app.state.settings = settings

    def event(self, user_id: UUID, email: str | None, **changes: Any) -> bytes:
        record = {
            "id": str(user_id),
            "email": email,
            "encrypted_password": "$2a$10$secret",
            "raw_user_meta_data": {"full_name": "Ravi Iyer"},
        }
        body = {"type": "INSERT", "table": "users", "schema": "auth", "old_record": None}
        return json.dumps({**body, "record": record, **changes}).encode()

    async def send(self, http: AsyncClient, body: bytes, **headers: str) -> Response:
        return await http.post("/api/v1/auth/webhook", content=body, headers=headers)

    async def send_shared(self, http: AsyncClient, body: bytes) -> Response:
        return await self.send(http, body, **{"x-webhook-secret": SHARED})

    async def send_signed(
        self, http: AsyncClient, body: bytes, key: bytes = KEY, **more: str
    ) -> Response:
        sent_at = int(time.time())
        signed = hmac.digest(key, f"msg_1.{sent_at}.".encode() + body, hashlib.sha256)
        return await self.send(
            http,
            body,
            **{
                "webhook-id": "msg_1",
                "webhook-timestamp": str(sent_at),
                "webhook-signature": f"v1,{base64.b64encode(signed).decode()}",
                **more,
            },
        )

    async def test_without_a_secret_there_is_none(
        self, app: FastAPI, settings: Settings, http: AsyncClient
    ) -> None:
        app.state.settings = settings.model_copy(update={"auth_webhook_secret": None})
        problem(await self.send_shared(http, b"{}"), 404, "route_not_found")

    async def test_anonymous_and_users(self, owner: Person) -> None:
        body = self.event(owner.id, owner.email)
        problem(await self.send(owner.http, body), 401, "webhook_unauthorized")
        problem(await owner.post("/auth/webhook", content=body), 401, "webhook_unauthorized")

    @pytest.mark.parametrize("way", ["send_shared", "send_signed"])
    async def test_a_sign_up_is_completed_however_often_it_is_told(
        self, half_made: Person, way: str
    ) -> None:
        body = self.event(half_made.id, half_made.email)
        for _ in range(3):
            answer = await getattr(self, way)(half_made.http, body)
            assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
        assert rows_of(half_made) == (1, 1, 1, 1, 1)
        assert (await half_made.get("/auth/me")).json()["user"]["full_name"] == "Ravi Iyer"

    async def test_a_forged_signature_beside_the_right_shared_secret(
        self, half_made: Person
    ) -> None:
        shared = {"x-webhook-secret": SHARED}
        body = self.event(half_made.id, half_made.email)
        answer = await self.send_signed(half_made.http, body, b"another key", **shared)
        problem(answer, 401, "webhook_unauthorized")
        assert rows_of(half_made) == (0, 0, 0, 0, 0)

    @pytest.mark.parametrize(
        "change",
        [
            {"type": "UPDATE"},
            {"type": "DELETE", "record": None},
            {"table": "identities"},
            {"schema": "public"},
        ],
    )
    async def test_other_events_do_nothing(self, half_made: Person, change: dict[str, Any]) -> None:
        body = self.event(half_made.id, half_made.email, **change)
        assert (await self.send_shared(half_made.http, body)).json() == {"status": "ok"}
        assert rows_of(half_made) == (0, 0, 0, 0, 0)

    async def test_a_hook_before_the_user_exists(self, http: AsyncClient) -> None:
        hook = {"metadata": {"name": "before-user-created"}, "user": {"email": "a@example.com"}}
        answer = await self.send_signed(http, json.dumps(hook).encode())
        assert (answer.status_code, answer.json()) == (200, {"status": "ok"})

    async def test_an_event_without_the_schema(self, half_made: Person) -> None:
        event = json.loads(self.event(half_made.id, None))
        del event["schema"]
        answer = await self.send_shared(half_made.http, json.dumps(event).encode())
        assert answer.status_code == 200
        assert rows_of(half_made) == (1, 1, 1, 1, 1)

    async def test_a_user_that_does_not_exist(self, http: AsyncClient) -> None:
        answer = await self.send_shared(http, self.event(uuid4(), "a@example.com"))
        problem(answer, 404, "user_not_found")

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"not json",
            b"[]",
            b'{"type": "INSERT", "table": "users"}',
            b'{"type": "INSERT", "table": "users", "record": {"id": 7}}',
        ],
    )
    async def test_genuine_nonsense(self, http: AsyncClient, body: bytes) -> None:
        problem(await self.send_shared(http, body), 422, "unprocessable")

    async def test_an_error_shows_nothing_of_the_body(self, http: AsyncClient) -> None:
        body = b'{"type": "INSERT", "table": "users", "record": {"encrypted_password": "$2a$x"}}'
        assert "$2a$x" not in (await self.send_shared(http, body)).text

    async def test_too_long(self, http: AsyncClient) -> None:
        answer = await self.send_shared(http, b" " * (256 * 1024 + 1))
        problem(answer, 413, "payload_too_large")
