"""One-time ways in: the link or code of a mail, and the PKCE exchange it leads to.

A mail carries a link token and a six-digit code. The link token is derived from address and code, as on
Supabase, so one stored hash stands for both.
"""

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, LiteralString
from uuid import UUID, uuid4

from backend.local.auth.sessions import digest
from backend.local.auth.users import AuthUser, Pool

LINK_LIFE: Final = timedelta(hours=1)
CODE_LIFE: Final = timedelta(minutes=5)
PKCE_PREFIX: Final = "pkce_"

FORGET: LiteralString = """
with flows as (delete from auth.flow_state where user_id = %(user_id)s)
delete from auth.one_time_tokens where user_id = %(user_id)s
"""
ADD: LiteralString = """
insert into auth.one_time_tokens (
  id, user_id, token_type, token_hash, relates_to, created_at, updated_at
) values (
  gen_random_uuid(), %(user_id)s, 'recovery_token', %(hash)s, %(email)s, %(at)s, %(at)s
)
"""
TAKE: LiteralString = """
with taken as (
  delete from auth.one_time_tokens where token_hash = %(hash)s returning user_id, created_at
)
select u.* from taken join auth.users as u on u.id = taken.user_id
where taken.created_at > %(not_before)s
"""
ADD_FLOW: LiteralString = """
insert into auth.flow_state (
  id, user_id, code_challenge, code_challenge_method, provider_type, authentication_method,
  created_at, updated_at
) values (
  %(id)s, %(user_id)s, %(challenge)s, 's256', 'email', %(method)s, %(at)s, %(at)s
)
"""
ISSUE_CODE: LiteralString = """
update auth.flow_state set auth_code = %(code)s, auth_code_issued_at = %(at)s, updated_at = %(at)s
where user_id = %(user_id)s and auth_code_issued_at is null
"""
TAKE_FLOW: LiteralString = """
delete from auth.flow_state where auth_code = %(code)s
returning user_id, code_challenge, authentication_method, auth_code_issued_at
"""


class FlowUnknown(Exception):
    """No exchange waits for this code; it may have been used."""


class FlowExpired(Exception):
    """The code came too late."""


class VerifierWrong(Exception):
    """The verifier does not match the challenge of the request; the code is spent."""


@dataclass(frozen=True, slots=True)
class Link:
    """What goes into the mail."""

    token: str = field(repr=False)
    code: str = field(repr=False)


def link_token(email: str, code: str) -> str:
    return hashlib.sha256(f"{email}:{code}".encode()).hexdigest()


def challenge_of(verifier: str) -> str:
    """The S256 challenge (RFC 7636) of a verifier."""
    hashed = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(hashed).rstrip(b"=").decode()


class Links:
    """`auth.one_time_tokens` and `auth.flow_state`. All times come from the caller."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def make(self, user: AuthUser, method: str, challenge: str | None, at: datetime) -> Link:
        """A new link for this user; older ones stop working. With a challenge it leads to an exchange."""
        code = f"{secrets.randbelow(1_000_000):06d}"
        token = link_token(user.email, code)
        async with self._pool.connection() as connection:
            await connection.execute(FORGET, {"user_id": user.id})
            values = {"user_id": user.id, "email": user.email, "at": at}
            await connection.execute(ADD, {**values, "hash": digest(token)})
            if challenge:
                flow = {"id": uuid4(), "challenge": challenge, "method": method}
                await connection.execute(ADD_FLOW, {**values, **flow})
        return Link(f"{PKCE_PREFIX}{token}" if challenge else token, code)

    async def open(self, token: str, at: datetime) -> AuthUser | None:
        """The user of a link token, once; None when it is unknown, used or older than an hour."""
        hashed = digest(token.removeprefix(PKCE_PREFIX))
        async with self._pool.connection() as connection:
            values = {"hash": hashed, "not_before": at - LINK_LIFE}
            row = await (await connection.execute(TAKE, values)).fetchone()
        return AuthUser.of(row) if row else None

    async def issue_code(self, user_id: UUID, at: datetime) -> str | None:
        """The code to hand back to the waiting application, or None when none is waiting."""
        code = str(uuid4())
        async with self._pool.connection() as connection:
            values = {"user_id": user_id, "code": code, "at": at}
            issued = await connection.execute(ISSUE_CODE, values)
        return code if issued.rowcount else None

    async def exchange(self, code: str, verifier: str, at: datetime) -> tuple[UUID, str]:
        """The user a code stands for and how they came (`recovery`, `magiclink`). A code works once.

        Raises FlowUnknown, FlowExpired or VerifierWrong.
        """
        async with self._pool.connection() as connection:
            row = await (await connection.execute(TAKE_FLOW, {"code": code})).fetchone()
        if row is None:
            raise FlowUnknown
        if row["auth_code_issued_at"] <= at - CODE_LIFE:
            raise FlowExpired
        if not hmac.compare_digest(challenge_of(verifier), row["code_challenge"]):
            raise VerifierWrong
        return row["user_id"], row["authentication_method"]
