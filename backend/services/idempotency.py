"""Idempotency keys: a POST that is sent twice acts once (ARCHITECTURE 7, TRUST M2).

A key belongs to its user and lives 24 hours, in Postgres: losing Redis must not double a payment. The
first request claims it; the others wait for that one's answer. Whoever claimed and died leaves a key whose
outcome is unknown, which is said and not retried.
"""

import asyncio
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from backend.core.database import Database
from backend.core.errors import Conflict, Unprocessable

LIFE_HOURS = 24
WAIT_SECONDS = 10.0
"""How long a second request waits for the answer of the first."""
LOOK_SECONDS = 0.1
GIVEN_UP_SECONDS = 600
"""No request takes this long: who claimed the key has died."""
MOST_KEPT_BYTES = 1024 * 1024

CLAIM = """
insert into public.idempotency_keys as k (user_id, key, request_hash)
values (%(user_id)s, %(key)s, %(request_hash)s)
on conflict (user_id, key) do update set request_hash = excluded.request_hash, created_at = now(),
  answered_at = null, response_status = null, response_headers = null, response_body = null
where k.created_at < now() - make_interval(hours => %(hours)s)
returning 1
"""
FORGET_OLD = """
delete from public.idempotency_keys where (user_id, key) in (
  select user_id, key from public.idempotency_keys
  where created_at < now() - make_interval(hours => %(hours)s)
  order by created_at limit 100 for update skip locked)
"""
LOOK = """
select request_hash, response_status, response_headers, response_body,
  extract(epoch from now() - created_at) as age_seconds
from public.idempotency_keys where user_id = %(user_id)s and key = %(key)s
"""
ANSWER = """
update public.idempotency_keys set answered_at = now(), response_status = %(status)s,
  response_headers = %(headers)s, response_body = %(body)s
where user_id = %(user_id)s and key = %(key)s
"""
RELEASE = """
delete from public.idempotency_keys
where user_id = %(user_id)s and key = %(key)s and answered_at is null
"""


@dataclass(frozen=True, slots=True)
class Answer:
    """A response as it was sent. `body` is None when it was too long to keep."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes | None


class IdempotencyKeys:
    """The keys of all users, behind the service door."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def claim(self, user_id: UUID, key: str, request_hash: str) -> Answer | None:
        """None: the key is this request's own. Else what the first request with it was answered.

        Raises Unprocessable `idempotency_key_reused` (another request), Conflict `request_in_flight` (no
        answer in time) and Conflict `request_outcome_unknown` (the first one died under way).
        """
        values = {"user_id": user_id, "key": key, "request_hash": request_hash, "hours": LIFE_HOURS}
        until = asyncio.get_running_loop().time() + WAIT_SECONDS
        while True:
            async with self._database.service("idempotency") as tx:
                if await tx.one(CLAIM, values):
                    await tx.run(FORGET_OLD, values)
                    return None
                row = await tx.one(LOOK, values)
            if row is not None:  # else it was released in between: claim again
                _check(row, request_hash)
                if row["response_status"] is not None:
                    return _answer(row)
                if asyncio.get_running_loop().time() >= until:
                    raise Conflict(
                        "The first request with this Idempotency-Key is still under way.",
                        code="request_in_flight",
                        headers={"Retry-After": "1"},
                    )
            await asyncio.sleep(LOOK_SECONDS)

    async def answer(self, user_id: UUID, key: str, answer: Answer) -> None:
        """Keep what the first request was answered."""
        values = {"user_id": user_id, "key": key, "status": answer.status, "body": answer.body}
        async with self._database.service("idempotency") as tx:
            await tx.run(ANSWER, {**values, "headers": Jsonb(answer.headers)})

    async def release(self, user_id: UUID, key: str) -> None:
        """The request had no effect: the key is free for another try."""
        async with self._database.service("idempotency") as tx:
            await tx.run(RELEASE, {"user_id": user_id, "key": key})


def _check(row: dict[str, Any], request_hash: str) -> None:
    if row["request_hash"] != request_hash:
        raise Unprocessable(
            "This Idempotency-Key was used with another request.", code="idempotency_key_reused"
        )
    if row["response_status"] is None and row["age_seconds"] > GIVEN_UP_SECONDS:
        raise Conflict(
            "The first request with this Idempotency-Key ended without an answer. Look whether it took "
            "effect, then use a new key.",
            code="request_outcome_unknown",
        )


def _answer(row: dict[str, Any]) -> Answer:
    headers = [(name, value) for name, value in row["response_headers"]]
    body = row["response_body"]
    return Answer(row["response_status"], headers, None if body is None else bytes(body))
