"""The people of the local issuer: rows of `auth.users`, so that the migrations' sign-up triggers fire."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID, uuid4

import psycopg
import structlog
from psycopg import AsyncConnection
from psycopg import errors as pg
from psycopg.rows import DictRow, dict_row
from psycopg.types.json import Jsonb
from psycopg_pool import AsyncConnectionPool

log = structlog.get_logger(__name__)

Pool = AsyncConnectionPool[AsyncConnection[DictRow]]

ADD: LiteralString = """
insert into auth.users as u (
  instance_id, id, aud, role, email, encrypted_password, email_confirmed_at,
  raw_app_meta_data, raw_user_meta_data, created_at, updated_at
) values (
  '00000000-0000-0000-0000-000000000000', %(id)s, 'authenticated', 'authenticated', %(email)s,
  %(password_hash)s, %(at)s, %(app_metadata)s, %(user_metadata)s, %(at)s, %(at)s
) returning u.*
"""
CHANGE: LiteralString = """
update auth.users as u set
  email = coalesce(%(email)s, u.email),
  encrypted_password = coalesce(%(password_hash)s, u.encrypted_password),
  raw_user_meta_data =
    (coalesce(u.raw_user_meta_data, '{}') || %(user_set)s) - %(user_unset)s::text[],
  raw_app_meta_data =
    (coalesce(u.raw_app_meta_data, '{}') || %(app_set)s) - %(app_unset)s::text[],
  updated_at = %(at)s
where u.id = %(id)s returning u.*
"""
BY_ID: LiteralString = "select u.* from auth.users as u where u.id = %(id)s"
BY_EMAIL: LiteralString = "select u.* from auth.users as u where u.email = %(email)s"
PAGE: LiteralString = """
select u.* from auth.users as u order by u.created_at desc, u.id limit %(limit)s offset %(offset)s
"""
COUNT: LiteralString = "select count(*) as total from auth.users"
REMOVE: LiteralString = "delete from auth.users as u where u.id = %(id)s"
ERASE: LiteralString = """
with sessions as (delete from auth.sessions where user_id = %(id)s)
update auth.users as u set
  email = encode(sha256(convert_to(u.id::text || coalesce(u.email, ''), 'UTF8')), 'hex'),
  encrypted_password = '', phone = null, raw_user_meta_data = '{}', deleted_at = now()
where u.id = %(id)s and u.deleted_at is null
"""


class EmailTaken(Exception):
    """Another account has this address."""


class NotStored(Exception):
    """A trigger refused the row, so there is no user and nothing that belongs to one."""


@dataclass(frozen=True, slots=True)
class AuthUser:
    """One row of `auth.users`."""

    id: UUID
    email: str
    encrypted_password: str | None = field(repr=False)
    email_confirmed_at: datetime | None
    last_sign_in_at: datetime | None
    raw_app_meta_data: dict[str, Any]
    raw_user_meta_data: dict[str, Any]
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, row: DictRow) -> "AuthUser":
        columns = {name: row[name] for name in cls.__dataclass_fields__}
        for name in ("raw_app_meta_data", "raw_user_meta_data"):
            if not isinstance(columns[name], dict):  # nothing, or what somebody else wrote there
                columns[name] = {}
        return cls(**columns)


@dataclass(frozen=True, slots=True)
class UserChanges:
    """None leaves a field as it is; a metadata key set to None goes away."""

    email: str | None = None
    password_hash: str | None = field(default=None, repr=False)
    user_metadata: dict[str, Any] = field(default_factory=dict)
    app_metadata: dict[str, Any] = field(default_factory=dict)


def make_pool(dsn: str) -> Pool:
    """Connections as `supabase_auth_admin`, opened at first use; each block of use is one transaction."""
    return AsyncConnectionPool(
        dsn,
        min_size=0,
        max_size=4,
        timeout=5,
        open=False,
        name="local-auth",
        kwargs={"row_factory": dict_row, "application_name": "local-auth"},
    )


class Users:
    """`auth.users`. All times come from the caller."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def add(
        self, email: str, password_hash: str | None, metadata: dict[str, Any], at: datetime
    ) -> AuthUser:
        """A confirmed user. Raises EmailTaken, or NotStored when a trigger fails."""
        user_id = uuid4()
        about = {"sub": str(user_id), "email": email, "email_verified": True}
        row = await self._write(
            ADD,
            {
                "id": user_id,
                "email": email,
                "password_hash": password_hash,
                "user_metadata": Jsonb({**metadata, **about, "phone_verified": False}),
                "app_metadata": Jsonb({"provider": "email", "providers": ["email"]}),
                "at": at,
            },
        )
        assert row is not None, "insert ... returning gives a row or raises"
        return AuthUser.of(row)

    async def change(self, user_id: UUID, changes: UserChanges, at: datetime) -> AuthUser | None:
        """None when there is no such user. Raises EmailTaken."""
        about = {"email": changes.email} if changes.email else {}
        user_set, user_unset = _split({**changes.user_metadata, **about})
        app_set, app_unset = _split(changes.app_metadata)
        row = await self._write(
            CHANGE,
            {
                "id": user_id,
                "email": changes.email,
                "password_hash": changes.password_hash,
                "user_set": Jsonb(user_set),
                "user_unset": user_unset,
                "app_set": Jsonb(app_set),
                "app_unset": app_unset,
                "at": at,
            },
        )
        return AuthUser.of(row) if row else None

    async def by_id(self, user_id: UUID) -> AuthUser | None:
        return await self._find(BY_ID, {"id": user_id})

    async def by_email(self, email: str) -> AuthUser | None:
        return await self._find(BY_EMAIL, {"email": email})

    async def page(self, *, limit: int, offset: int) -> tuple[list[AuthUser], int]:
        """A page, newest first, and how many there are in all."""
        async with self._pool.connection() as connection:
            rows = await connection.execute(PAGE, {"limit": limit, "offset": offset})
            users = [AuthUser.of(row) for row in await rows.fetchall()]
            counted = await (await connection.execute(COUNT)).fetchone()
        return users, counted["total"] if counted else 0

    async def remove(self, user_id: UUID) -> bool:
        """Delete the user and, by the foreign keys, all that is theirs."""
        async with self._pool.connection() as connection:
            return (await connection.execute(REMOVE, {"id": user_id})).rowcount > 0

    async def erase(self, user_id: UUID) -> None:
        """Keep the id alone: no address, no password, no session."""
        async with self._pool.connection() as connection:
            await connection.execute(ERASE, {"id": user_id})

    async def _find(self, sql: LiteralString, params: dict[str, Any]) -> AuthUser | None:
        async with self._pool.connection() as connection:
            row = await (await connection.execute(sql, params)).fetchone()
        return AuthUser.of(row) if row else None

    async def _write(self, sql: LiteralString, params: dict[str, Any]) -> DictRow | None:
        try:
            async with self._pool.connection() as connection:
                return await (await connection.execute(sql, params)).fetchone()
        except pg.UniqueViolation as error:
            if error.diag.schema_name != "auth":
                raise NotStored from error
            raise EmailTaken from error
        except (pg.DataError, psycopg.OperationalError):
            raise
        except psycopg.DatabaseError as error:
            log.error("user_not_stored", reason=error.diag.message_primary)
            raise NotStored from error


def _split(metadata: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """What to set and what to take away."""
    keep = {key: value for key, value in metadata.items() if value is not None}
    return keep, [key for key in metadata if key not in keep]
