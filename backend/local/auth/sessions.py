"""Sign-ins: a session and its chain of refresh tokens, of which the database knows only hashes.

Each refresh revokes the token shown and issues the next. A revoked token that comes back is a stolen one,
and ends the session; for ten seconds it may come back, because the tabs of one browser refresh together.
"""

import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Literal, LiteralString
from uuid import UUID, uuid4

from psycopg import AsyncConnection
from psycopg.rows import DictRow

from backend.local.auth.users import AuthUser, Pool

Scope = Literal["global", "local", "others"]

REUSE_WINDOW: Final = timedelta(seconds=10)

ADD: LiteralString = """
insert into auth.sessions (id, user_id, created_at, updated_at)
values (%(session_id)s, %(user_id)s, %(at)s, %(at)s)
"""
SIGNED_IN: LiteralString = """
update auth.users as u set last_sign_in_at = %(at)s where u.id = %(user_id)s returning u.*
"""
EXTEND: LiteralString = """
insert into auth.refresh_tokens (token, user_id, session_id, parent, revoked, created_at, updated_at)
values (%(hash)s, %(user_id)s::text, %(session_id)s, %(parent)s, false, %(at)s, %(at)s)
"""
SHOWN: LiteralString = """
select t.session_id, t.revoked, t.updated_at as since, u.*
from auth.refresh_tokens as t
join auth.sessions as s on s.id = t.session_id
join auth.users as u on u.id = s.user_id
where t.token = %(hash)s for update of t
"""
REVOKE: LiteralString = """
update auth.refresh_tokens set revoked = true, updated_at = %(at)s
where token = %(hash)s and not revoked
"""
TOUCH: LiteralString = "update auth.sessions set updated_at = %(at)s where id = %(session_id)s"
END: LiteralString = "delete from auth.sessions where id = %(session_id)s"
END_BY: dict[Scope, LiteralString] = {
    "global": "delete from auth.sessions where user_id = %(user_id)s",
    "local": "delete from auth.sessions where user_id = %(user_id)s and id = %(session_id)s",
    "others": "delete from auth.sessions where user_id = %(user_id)s and id <> %(session_id)s",
}
HOLDER: LiteralString = """
select u.* from auth.users as u join auth.sessions as s on s.user_id = u.id
where s.id = %(session_id)s and u.id = %(user_id)s
"""


class RefreshTokenUnknown(Exception):
    """Never issued, or its session has ended."""


class RefreshTokenReused(Exception):
    """Shown again after it was rotated; its session has been ended."""


@dataclass(frozen=True, slots=True)
class SignIn:
    """A session as it stands after a sign-in or a refresh."""

    id: UUID
    user: AuthUser
    refresh_token: str = field(repr=False)


def digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


class Sessions:
    """`auth.sessions` and `auth.refresh_tokens`. All times come from the caller."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def start(self, user_id: UUID, at: datetime) -> SignIn:
        session_id = uuid4()
        async with self._pool.connection() as connection:
            row = await (
                await connection.execute(SIGNED_IN, {"user_id": user_id, "at": at})
            ).fetchone()
            assert row is not None, "a session is started for a user just read"
            values = {"session_id": session_id, "user_id": user_id, "at": at}
            await connection.execute(ADD, values)
            token = await _issue(connection, user_id, session_id, None, at)
        return SignIn(session_id, AuthUser.of(row), token)

    async def refresh(self, token: str, at: datetime) -> SignIn:
        """Rotate. Raises RefreshTokenUnknown or RefreshTokenReused."""
        shown = digest(token)
        async with self._pool.connection() as connection:
            row = await (await connection.execute(SHOWN, {"hash": shown})).fetchone()
            if row is None:
                raise RefreshTokenUnknown
            session_id, user = row["session_id"], AuthUser.of(row)
            stolen = row["revoked"] and row["since"] < at - REUSE_WINDOW
            if stolen:
                await connection.execute(END, {"session_id": session_id})
            else:
                await connection.execute(REVOKE, {"hash": shown, "at": at})
                await connection.execute(TOUCH, {"session_id": session_id, "at": at})
                next_token = await _issue(connection, user.id, session_id, shown, at)
        if stolen:  # raised here, so that the end of the session is committed
            raise RefreshTokenReused
        return SignIn(session_id, user, next_token)

    async def end(self, user_id: UUID, session_id: UUID, scope: Scope) -> None:
        async with self._pool.connection() as connection:
            values = {"user_id": user_id, "session_id": session_id}
            await connection.execute(END_BY[scope], values)

    async def holder(self, user_id: UUID, session_id: UUID) -> AuthUser | None:
        """The user of a session that has not ended."""
        async with self._pool.connection() as connection:
            values = {"user_id": user_id, "session_id": session_id}
            row = await (await connection.execute(HOLDER, values)).fetchone()
        return AuthUser.of(row) if row else None


async def _issue(
    connection: AsyncConnection[DictRow],
    user_id: UUID,
    session_id: UUID,
    parent: str | None,
    at: datetime,
) -> str:
    token = secrets.token_urlsafe(24)
    values = {"hash": digest(token), "user_id": user_id, "session_id": session_id}
    await connection.execute(EXTEND, {**values, "parent": parent, "at": at})
    return token
