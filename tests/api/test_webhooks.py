"""PhonePe's webhook: who is heard, what is kept, and that nothing is believed."""

import hashlib
import hmac
import json
import random
from typing import Any

import pytest
from httpx import AsyncClient, Response

from backend.payments.webhook_auth import Digest, Hmac, check
from tests.problems import problem
from tests.shop import GENUINE, Shop

PATH = "/api/v1/webhooks/phonepe"
EVENT = {"event": "checkout.order.completed", "payload": {"merchantOrderId": "RF_0", "state": "X"}}


async def send(http: AsyncClient, body: Any = EVENT, authorization: str = GENUINE) -> Response:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return await http.post(PATH, content=content, headers={"authorization": authorization})


class TestWhoIsHeard:
    @pytest.mark.parametrize(
        "authorization",
        ["", "Bearer x", GENUINE[:-1], GENUINE + "0", Digest("tester", "letters1235").header, "ü"],
    )
    async def test_nobody_else(self, http: AsyncClient, shop: Shop, authorization: str) -> None:
        before = shop.sql("select count(*) as n from webhook_events")
        answer = await http.post(
            PATH, json=EVENT, headers={"authorization": authorization.encode()}
        )
        problem(answer, 401, "webhook_unauthorized")
        assert shop.sql("select count(*) as n from webhook_events") == before

    def test_the_documented_digest(self) -> None:
        expected = "bc842c31a9e54efe320d30d948be61291f3ceee4766e36ab25fa65243cd76e0e"
        assert Digest("username", "password").header == expected

    def test_an_hmac_of_the_body_in_the_header_that_is_set(self) -> None:
        body, verifier = b'{"a":1}', Hmac("X-Signature", "a-secret")
        signature = hmac.new(b"a-secret", body, hashlib.sha256).hexdigest()
        check([verifier], {"x-signature": signature}, body)
        assert not verifier.is_genuine({"x-signature": signature}, body + b" ")
        assert not verifier.is_genuine({}, body)

    async def test_without_credentials_there_is_no_webhook(
        self, shop: Shop, http: AsyncClient
    ) -> None:
        known = shop.app.state.webhook_verifiers
        shop.app.state.webhook_verifiers = []
        try:
            problem(await send(http), 404, "route_not_found")
        finally:
            shop.app.state.webhook_verifiers = known


class TestWhatIsKept:
    @pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"event": "x"}', b"[" * 100_000])
    async def test_malformed(self, http: AsyncClient, shop: Shop, body: bytes) -> None:
        problem(await send(http, body), 422, "webhook_malformed")

    async def test_too_large(self, http: AsyncClient, shop: Shop) -> None:
        problem(await send(http, b" " * 300_000), 413, "payload_too_large")

    async def test_an_event_of_nobody_is_answered_and_closed(
        self, http: AsyncClient, shop: Shop
    ) -> None:
        body = {"event": "novel.thing", "payload": {"merchantOrderId": "RF_none", "vpa": "a@b"}}
        for _ in range(3):
            assert (await send(http, body)).json() == {"status": "ok"}
        await shop.rounds()
        rows = shop.sql("select * from webhook_events where event_type = 'novel.thing'")
        assert len(rows) == 1
        assert rows[0]["processed_at"]
        assert rows[0]["error"] == "not ours"
        assert rows[0]["payload"]["vpa"] == "[blanked]"

    async def test_while_the_gateway_is_down_it_waits(self, shop: Shop) -> None:
        begun = await shop.begin()
        await shop.pay(begun["payment_url"])
        await shop.calls_back(begun["payment_id"])
        shop.gateway.down = True
        await shop.rounds()
        assert (await shop.subscription())["plan"] == "free"
        shop.gateway.down = False
        shop.sql("update webhook_events set next_try_at = now() where processed_at is null")
        await shop.rounds()
        assert (await shop.subscription())["plan"] == "growth"


class TestNothingIsBelieved:
    async def test_a_forged_completion_of_an_unpaid_order(self, shop: Shop) -> None:
        begun = await shop.begin()
        await shop.calls_back(begun["payment_id"], state="COMPLETED")
        await shop.rounds()
        assert shop.row(begun["payment_id"])["status"] == "processing"
        assert (await shop.subscription())["plan"] == "free"

    async def test_a_failure_after_the_completion(self, shop: Shop) -> None:
        payment_id = await shop.buys()
        await shop.calls_back(payment_id, "checkout.order.failed", state="FAILED")
        await shop.rounds()
        assert shop.row(payment_id)["status"] == "completed"
        assert (await shop.subscription())["plan"] == "growth"

    async def test_a_hundred_shuffled_duplicated_and_forged(self, shop: Shop) -> None:
        """M3 in small; `python -m benchmarks.webhooks` sends a thousand."""
        begun = await shop.begin()
        id = begun["payment_id"]
        await shop.pay(begun["payment_url"])
        kinds: list[tuple[str, dict[str, Any]]] = [
            ("checkout.order.completed", {}),
            ("checkout.order.failed", {"state": "FAILED"}),
            ("checkout.transaction.attempt.failed", {"state": "FAILED"}),
            ("checkout.order.completed", {"amount": 1}),
            ("checkout.order.completed", {"authorization": "0" * 64}),
        ]
        sends = kinds * 20
        random.Random(6).shuffle(sends)
        answers = []
        for at, (event, changes) in enumerate(sends):
            answers.append(await shop.calls_back(id, event, **changes))
            if at % 10 == 0:
                await shop.rounds()
        await shop.rounds()
        assert sorted({answer.status_code for answer in answers}) == [200, 401]
        assert sum(answer.status_code == 401 for answer in answers) == 20
        assert await shop.causes() == ["activated"]
        assert len(await shop.invoices()) == 1
        assert shop.row(id)["status"] == "completed"
