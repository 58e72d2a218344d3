"""Idempotency keys: one effect and one answer, however often and however concurrently a POST is sent."""

import asyncio
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from fastapi import FastAPI
from httpx import Response

from backend.services import idempotency
from backend.services.idempotency import Answer, IdempotencyKeys
from tests.conftest import TestDatabase
from tests.founders import at_the_start
from tests.people import Person

MOVE = {"category": "ignite", "goal": "Ten new clinics by March"}


async def create(person: Person, key: str, move: dict[str, Any] | None = None) -> Response:
    return await person.post("/moves", json=move or MOVE, headers={"Idempotency-Key": key})


async def moves_of(person: Person) -> int:
    return int((await person.get("/moves")).json()["total"])


def problem(answer: Response, status: int) -> str:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    return str(answer.json()["code"])


class TestOneEffect:
    async def test_the_same_request_twice_acts_once_and_is_answered_alike(
        self, paying_owner: Person
    ) -> None:
        first = await create(paying_owner, "k-1")
        second = await create(paying_owner, "k-1")
        assert first.status_code == second.status_code == 200
        assert first.content == second.content
        assert "idempotency-replayed" not in first.headers
        assert second.headers["idempotency-replayed"] == "true"
        assert await moves_of(paying_owner) == 1

    async def test_two_hundred_at_once_are_one(self, paying_owner: Person) -> None:
        answers = await asyncio.gather(*(create(paying_owner, "k-200") for _ in range(200)))
        assert {answer.status_code for answer in answers} == {200}
        assert len({answer.content for answer in answers}) == 1
        assert await moves_of(paying_owner) == 1

    async def test_a_refusal_is_an_answer_too(self, paying_owner: Person) -> None:
        wrong = {**MOVE, "target_icp_id": str(uuid4())}
        first = await create(paying_owner, "k-refused", wrong)
        second = await create(paying_owner, "k-refused", wrong)
        assert first.status_code == second.status_code == 404
        assert first.content == second.content
        assert second.headers["content-type"] == "application/problem+json"

    async def test_a_key_is_its_users_own(self, paying_owner: Person, stranger: Person) -> None:
        await create(paying_owner, "k-mine")
        theirs = await create(stranger, "k-mine", {**MOVE, "goal": "Another goal"})
        assert theirs.status_code == 200
        assert theirs.json()["move"]["goal"] == "Another goal"

    async def test_a_form_sent_again_with_another_boundary_is_the_same(self, owner: Person) -> None:
        founder = await at_the_start(owner)
        answers = [
            await owner.post(
                f"{founder.path}/vault/upload",
                files={"file": ("prices.md", b"# Prices\n\nA class costs Rs 350.\n")},
                headers={"Idempotency-Key": "k-form"},
            )
            for _ in range(2)
        ]
        assert answers[0].status_code == 200, answers[0].text
        assert answers[0].content == answers[1].content
        assert len(await founder.vault()) == 1

    async def test_without_a_key_every_request_counts(self, paying_owner: Person) -> None:
        for _ in range(2):
            await paying_owner.post("/moves", json=MOVE)
        assert await moves_of(paying_owner) == 2


class TestRefusals:
    async def test_another_body_under_the_same_key(self, paying_owner: Person) -> None:
        await create(paying_owner, "k-body")
        other = await create(paying_owner, "k-body", {**MOVE, "goal": "Another goal"})
        assert problem(other, 422) == "idempotency_key_reused"

    async def test_another_address_under_the_same_key(self, paying_owner: Person) -> None:
        move = (await create(paying_owner, "k-path")).json()["move"]
        other = await paying_owner.post(
            f"/moves/{move['id']}/start", headers={"Idempotency-Key": "k-path"}
        )
        assert problem(other, 422) == "idempotency_key_reused"

    @pytest.mark.parametrize("key", ["", "k" * 256, "two words"])
    async def test_a_key_that_is_none(self, owner: Person, key: str) -> None:
        assert problem(await create(owner, key), 422) == "idempotency_key_invalid"

    async def test_an_anonymous_request_is_401_with_or_without_a_key(self, owner: Person) -> None:
        headers = {"Idempotency-Key": "k-anon"}
        answer = await owner.http.post("/api/v1/moves", json=MOVE, headers=headers)
        assert answer.status_code == 401

    async def test_one_that_is_still_under_way(
        self, app: FastAPI, owner: Person, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(idempotency, "WAIT_SECONDS", 0.2)
        keys = IdempotencyKeys(app.state.database)
        await keys.claim(owner.id, "k-slow", await self._hash_of(owner, app))
        answer = await create(owner, "k-slow")
        assert problem(answer, 409) == "request_in_flight"
        assert answer.headers["retry-after"] == "1"

    async def test_one_whose_server_died(
        self, app: FastAPI, owner: Person, pg_shared: TestDatabase
    ) -> None:
        keys = IdempotencyKeys(app.state.database)
        await keys.claim(owner.id, "k-dead", await self._hash_of(owner, app))
        self._age(pg_shared, "k-dead", "11 minutes")
        assert problem(await create(owner, "k-dead"), 409) == "request_outcome_unknown"

    async def test_an_answer_too_long_to_keep_is_not_given_twice(
        self, app: FastAPI, owner: Person
    ) -> None:
        keys = IdempotencyKeys(app.state.database)
        await keys.claim(owner.id, "k-long", await self._hash_of(owner, app))
        await keys.answer(owner.id, "k-long", Answer(200, [], None))
        assert problem(await create(owner, "k-long"), 409) == "answer_not_kept"

    @staticmethod
    async def _hash_of(owner: Person, app: FastAPI) -> str:
        """The hash of the request that `create` sends, taken from the database after one of them."""
        await create(owner, "k-probe")
        async with app.state.database.service("idempotency") as tx:
            row = await tx.one(idempotency.LOOK, {"user_id": owner.id, "key": "k-probe"})
        return str(row["request_hash"])

    @staticmethod
    def _age(pg: TestDatabase, key: str, age: str) -> None:
        with psycopg.connect(pg.superuser_dsn) as connection:
            connection.execute(
                "update public.idempotency_keys set created_at = now() - %s::interval where key = %s",
                (age, key),
            )


class TestLife:
    async def test_after_a_day_the_key_is_free(
        self, paying_owner: Person, pg_shared: TestDatabase
    ) -> None:
        first = await create(paying_owner, "k-day")
        TestRefusals._age(pg_shared, "k-day", "25 hours")
        again = await create(paying_owner, "k-day")
        assert again.json()["move"]["id"] != first.json()["move"]["id"]

    async def test_a_request_without_effect_frees_its_key(
        self, app: FastAPI, paying_owner: Person, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from backend.domain import moves

        async def broken(*_: object) -> dict[str, Any]:
            raise RuntimeError("a bug")

        with monkeypatch.context() as patched:
            patched.setattr(moves, "create", broken)
            assert (await create(paying_owner, "k-bug")).status_code == 500
        assert (await create(paying_owner, "k-bug")).status_code == 200
