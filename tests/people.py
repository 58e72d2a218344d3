"""People who use the API in tests: a signed-up user with a token, an address and their own rows."""

import contextlib
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import psycopg
from httpx import AsyncClient, Response
from jose import jwt

from backend.core.auth import AuthenticatedUser
from backend.core.config import Settings


@dataclass
class Person:
    """Talks to the API as one user; `sql` reaches past the API, to set a scene."""

    id: UUID
    workspace_id: UUID
    email: str
    token: str
    http: AsyncClient
    superuser_dsn: str

    @property
    def user(self) -> AuthenticatedUser:
        claims = {"sub": str(self.id), "role": "authenticated", "email": self.email}
        return AuthenticatedUser(
            id=self.id,
            email=self.email,
            claims=claims,
            claims_json=json.dumps(claims),
            workspace_id=self.workspace_id,
        )

    async def request(self, method: str, path: str, **options: Any) -> Response:
        headers = {"authorization": f"Bearer {self.token}", **options.pop("headers", {})}
        return await self.http.request(method, f"/api/v1{path}", headers=headers, **options)

    async def get(self, path: str, **options: Any) -> Response:
        return await self.request("GET", path, **options)

    async def post(self, path: str, **options: Any) -> Response:
        return await self.request("POST", path, **options)

    async def put(self, path: str, **options: Any) -> Response:
        return await self.request("PUT", path, **options)

    async def delete(self, path: str, **options: Any) -> Response:
        return await self.request("DELETE", path, **options)

    @contextlib.contextmanager
    def sql(self) -> Iterator[psycopg.Connection]:
        with psycopg.connect(self.superuser_dsn) as connection:
            yield connection


def sign_token(settings: Settings, user_id: UUID, email: str, **changes: Any) -> str:
    """An access token as the project would issue it, signed with the test's shared secret."""
    assert settings.supabase_jwt_secret is not None
    now = int(time.time())
    claims = {
        "iss": settings.jwt_issuer,
        "sub": str(user_id),
        "aud": "authenticated",
        "role": "authenticated",
        "email": email,
        "iat": now,
        "exp": now + 3600,
        **changes,
    }
    kept = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode(kept, settings.supabase_jwt_secret.get_secret_value(), algorithm="HS256")


def sign_up(
    settings: Settings, superuser_dsn: str, http: AsyncClient, *, plan: str = "free"
) -> Person:
    """A new account, by the row that Supabase Auth would insert; the triggers do the rest."""
    user_id = uuid4()
    email = f"person-{user_id.hex[:12]}@example.com"
    with psycopg.connect(superuser_dsn) as sql:
        sql.execute("insert into auth.users (id, email) values (%s, %s)", (user_id, email))
        row = sql.execute(
            "select id from public.workspaces where user_id = %s", (user_id,)
        ).fetchone()
        assert row is not None
        if plan != "free":
            sql.execute(
                "update public.subscriptions set plan = %s where user_id = %s", (plan, user_id)
            )
    return Person(user_id, row[0], email, sign_token(settings, user_id, email), http, superuser_dsn)
