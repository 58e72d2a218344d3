"""Webhooks we send: signed as the standard's own library verifies, repeated, logged, guarded."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import pytest
from fastapi import FastAPI, Request
from fastapi.responses import PlainTextResponse, RedirectResponse
from standardwebhooks import Webhook, WebhookVerificationError

from backend.services import jobs, webhooks
from backend.services.webhooks import Webhooks
from tests.api.test_moves import make
from tests.loopback import serving
from tests.people import Person
from tests.problems import problem


@dataclass
class Receiver:
    """Somebody's program: keeps what it is sent and answers what the test says."""

    url: str = ""
    answers: list[int] = field(default_factory=list)
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    def app(self) -> FastAPI:
        app = FastAPI()

        @app.post("/hook")
        async def hook(request: Request) -> Any:
            self.got.append((dict(request.headers), await request.body()))
            status = self.answers.pop(0) if self.answers else 204
            if status == 302:
                return RedirectResponse("/hook")
            return PlainTextResponse("", status_code=status)

        return app


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    with serving(lambda _url: receiver.app()) as url:
        receiver.url = f"{url}/hook"
        yield receiver


@pytest.fixture
def sender(app: FastAPI) -> Webhooks:
    sender: Webhooks = app.state.webhooks
    return sender


async def listen(person: Person, url: str, *events: str) -> tuple[dict[str, Any], str]:
    answer = await person.post(
        "/webhook-endpoints", json={"url": url, "events": list(events) or ["*"]}
    )
    assert answer.status_code == 200, answer.text
    return answer.json()["endpoint"], answer.json()["secret"]


async def logged(person: Person, endpoint: dict[str, Any]) -> list[dict[str, Any]]:
    answer = await person.get(f"/webhook-endpoints/{endpoint['id']}/deliveries")
    found: list[dict[str, Any]] = answer.json()["deliveries"]
    return found


async def send_due(sender: Webhooks, person: Person, *, hurry: bool = True) -> None:
    """What the worker does each second, for this person's deliveries; `hurry` skips the pause."""
    with person.sql() as sql:
        if hurry:
            sql.execute(
                "update public.webhook_deliveries set next_attempt_at = now()"
                " where workspace_id = %s and status = 'pending'",
                (person.workspace_id,),
            )
        ids = sql.execute(
            "select id from public.webhook_deliveries where workspace_id = %s"
            " and status = 'pending'",
            (person.workspace_id,),
        ).fetchall()
    for (id,) in ids:
        await sender.deliver(id)


class TestDelivery:
    async def test_an_event_reaches_who_listens_for_it(
        self, owner: Person, receiver: Receiver, sender: Webhooks
    ) -> None:
        endpoint, secret = await listen(owner, receiver.url, "move.created", "move.started")
        move = await make(owner)
        await owner.post("/icps", json={"name": "Not listened for"})
        await send_due(sender, owner)
        ((headers, body),) = receiver.got
        message = Webhook(secret).verify(body, headers)
        assert message["type"] == "move.created"
        assert message["data"]["id"] == move["id"]
        assert message["data"]["actor"] == "user"
        (delivery,) = await logged(owner, endpoint)
        assert headers["webhook-id"] == delivery["message_id"]
        assert (delivery["status"], delivery["attempts"]) == ("delivered", 1)
        assert delivery["log"][0]["status_code"] == 204
        with pytest.raises(WebhookVerificationError):
            Webhook(secret).verify(body + b" ", headers)

    async def test_nothing_of_another_workspace(
        self, owner: Person, stranger: Person, receiver: Receiver, sender: Webhooks
    ) -> None:
        await listen(owner, receiver.url)
        await make(stranger)
        await send_due(sender, stranger)
        assert receiver.got == []

    async def test_a_refusal_is_tried_again_with_growing_pauses(
        self, owner: Person, receiver: Receiver, sender: Webhooks
    ) -> None:
        endpoint, secret = await listen(owner, receiver.url, "move.created")
        receiver.answers = [500, 302, 429]
        await make(owner)
        for attempt, least in ((1, 5), (2, 300), (3, 1800)):
            await send_due(sender, owner)
            (delivery,) = await logged(owner, endpoint)
            assert (delivery["status"], delivery["attempts"]) == ("pending", attempt)
            with owner.sql() as sql:
                (pause,) = sql.execute(
                    "select extract(epoch from next_attempt_at - now())"
                    " from public.webhook_deliveries where id = %s",
                    (delivery["id"],),
                ).fetchone()  # type: ignore[misc]
            assert least - 5 <= pause <= least * 1.1
            await send_due(sender, owner, hurry=False)  # not due yet: nothing is sent
        await send_due(sender, owner)
        (delivery,) = await logged(owner, endpoint)
        assert [attempt["status_code"] for attempt in delivery["log"]] == [500, 307, 429, 204]
        assert delivery["status"] == "delivered"
        assert len({headers["webhook-id"] for headers, _ in receiver.got}) == 1
        for headers, body in receiver.got:
            Webhook(secret).verify(body, headers)

    async def test_after_three_days_it_ends_and_the_endpoint_is_off(
        self, owner: Person, receiver: Receiver, sender: Webhooks
    ) -> None:
        three_days = 3 * 86_400
        assert 0.95 * three_days <= sum(webhooks.PAUSES_SECONDS) <= 1.05 * three_days
        endpoint, _ = await listen(owner, receiver.url, "move.created")
        receiver.answers = [503] * 20
        await make(owner)
        for _ in range(len(webhooks.PAUSES_SECONDS) + 3):
            await send_due(sender, owner)
        (delivery,) = await logged(owner, endpoint)
        assert delivery["status"] == "failed"
        assert delivery["attempts"] == len(webhooks.PAUSES_SECONDS) + 1 == len(receiver.got)
        seen = (await owner.get(f"/webhook-endpoints/{endpoint['id']}")).json()["endpoint"]
        assert (seen["is_active"], seen["disabled_reason"]) == (
            False,
            "Nothing was taken for three days.",
        )
        await make(owner)
        assert len(await logged(owner, endpoint)) == 1
        on = await owner.put(f"/webhook-endpoints/{endpoint['id']}", json={"is_active": True})
        assert on.json()["endpoint"]["disabled_reason"] is None

    async def test_gone_switches_it_off_at_once(
        self, owner: Person, receiver: Receiver, sender: Webhooks
    ) -> None:
        endpoint, _ = await listen(owner, receiver.url)
        receiver.answers = [410]
        await make(owner)
        await make(owner)
        await send_due(sender, owner)
        assert {row["status"] for row in await logged(owner, endpoint)} == {"failed"}
        seen = (await owner.get(f"/webhook-endpoints/{endpoint['id']}")).json()["endpoint"]
        assert not seen["is_active"]

    async def test_replay_sends_the_same_message(
        self, owner: Person, stranger: Person, receiver: Receiver, sender: Webhooks
    ) -> None:
        endpoint, secret = await listen(owner, receiver.url)
        await make(owner)
        await send_due(sender, owner)
        (delivery,) = await logged(owner, endpoint)
        path = f"/webhook-endpoints/{endpoint['id']}/deliveries/{delivery['id']}/replay"
        problem(await stranger.post(path), 404, "delivery_not_found")
        answer = await owner.post(path)
        assert answer.json()["delivery"]["status"] == "pending"
        await sender.deliver(delivery["id"])
        first, again = receiver.got[0], receiver.got[1]
        assert first[1] == again[1]
        assert first[0]["webhook-id"] == again[0]["webhook-id"]
        Webhook(secret).verify(again[1], again[0])

    async def test_two_at_once_send_once(
        self, owner: Person, receiver: Receiver, sender: Webhooks
    ) -> None:
        endpoint, _ = await listen(owner, receiver.url)
        await make(owner)
        (delivery,) = await logged(owner, endpoint)
        await asyncio.gather(*(sender.deliver(delivery["id"]) for _ in range(8)))
        assert len(receiver.got) == 1

    async def test_the_worker_sends_through_the_queue(
        self, owner: Person, receiver: Receiver, engine_worker: None
    ) -> None:
        endpoint, secret = await listen(owner, receiver.url)
        answer = await owner.post(f"/webhook-endpoints/{endpoint['id']}/test")
        assert answer.json()["delivery"]["event"] == "webhook.test"
        for _ in range(100):
            if receiver.got:
                break
            await asyncio.sleep(0.1)
        ((headers, body),) = receiver.got
        assert Webhook(secret).verify(body, headers)["type"] == "webhook.test"

    def test_jobs_know_the_task(self, app: FastAPI) -> None:
        assert jobs.DELIVER in jobs.create_jobs_app(app.state.settings).tasks


class TestSecret:
    async def test_rotation_signs_with_both_until_the_grace_ends(
        self, owner: Person, receiver: Receiver, sender: Webhooks
    ) -> None:
        endpoint, old = await listen(owner, receiver.url)
        path = f"/webhook-endpoints/{endpoint['id']}"
        made = await owner.post(f"{path}/rotate-secret", json={"grace_hours": 2})
        new = made.json()["secret"]
        await make(owner)
        await send_due(sender, owner)
        headers, body = receiver.got[-1]
        assert Webhook(old).verify(body, headers) == Webhook(new).verify(body, headers)
        with owner.sql() as sql:
            sql.execute(
                "update public.webhook_endpoints set previous_until = now() where id = %s",
                (endpoint["id"],),
            )
        await make(owner)
        await send_due(sender, owner)
        headers, body = receiver.got[-1]
        Webhook(new).verify(body, headers)
        with pytest.raises(WebhookVerificationError):
            Webhook(old).verify(body, headers)

    async def test_it_is_shown_once(self, owner: Person, receiver: Receiver) -> None:
        endpoint, secret = await listen(owner, receiver.url)
        for path in ("/webhook-endpoints", f"/webhook-endpoints/{endpoint['id']}"):
            assert secret not in (await owner.get(path)).text


class TestRefusals:
    @pytest.mark.parametrize(
        "url",
        [
            "http://10.0.0.8/hook",
            "http://169.254.169.254/latest/meta-data",
            "https://[::ffff:10.0.0.8]/hook",
            "http://192.168.1.1/",
            "http://2130706433/",
            "ftp://example.com/hook",
            "https://user:pw@example.com/hook",
            "not an address",
        ],
    )
    async def test_targets_off_the_public_web(self, owner: Person, url: str) -> None:
        answer = await owner.post("/webhook-endpoints", json={"url": url, "events": ["*"]})
        assert answer.status_code == 422
        assert answer.json()["code"] in ("url_not_allowed", "url_invalid")

    async def test_a_target_that_moved_inside_is_never_reached(
        self, owner: Person, receiver: Receiver, sender: Webhooks
    ) -> None:
        endpoint, _ = await listen(owner, receiver.url)
        with owner.sql() as sql:
            sql.execute(
                "update public.webhook_endpoints set url = 'http://10.0.0.8/hook' where id = %s",
                (endpoint["id"],),
            )
        await make(owner)
        await send_due(sender, owner)
        (delivery,) = await logged(owner, endpoint)
        (attempt,) = delivery["log"]
        assert attempt["status_code"] is None
        assert attempt["error"] == "This address is not on the public web."

    async def test_unknown_events(self, owner: Person, receiver: Receiver) -> None:
        body = {"url": receiver.url, "events": ["move.exploded"]}
        problem(await owner.post("/webhook-endpoints", json=body), 422, "event_unknown")
        for events in ([], ["a b"], ["MOVE.created"], ["*:*"]):
            body = {"url": receiver.url, "events": events}
            problem(await owner.post("/webhook-endpoints", json=body), 422, "validation_failed")

    async def test_the_events_are_listed(self, owner: Person) -> None:
        events = (await owner.get("/webhook-endpoints/events")).json()["events"]
        assert {"move.created", "run.completed", "approval.requested"} <= set(events)
        assert events == sorted(set(events))

    async def test_of_another_workspace(
        self, owner: Person, stranger: Person, receiver: Receiver
    ) -> None:
        endpoint, _ = await listen(owner, receiver.url)
        path = f"/webhook-endpoints/{endpoint['id']}"
        for method, address in (
            ("GET", path),
            ("DELETE", path),
            ("GET", f"{path}/deliveries"),
            ("POST", f"{path}/test"),
            ("POST", f"{path}/rotate-secret"),
        ):
            body = {} if address.endswith("secret") else None
            answer = await stranger.request(method, address, json=body)
            problem(answer, 404, "endpoint_not_found")
        answer = await owner.post(f"{path}/deliveries/{uuid4()}/replay")
        problem(answer, 404, "delivery_not_found")

    async def test_there_is_a_most(self, owner: Person, receiver: Receiver) -> None:
        for _ in range(20):
            await listen(owner, receiver.url)
        body = {"url": receiver.url, "events": ["*"]}
        problem(await owner.post("/webhook-endpoints", json=body), 409, "too_many_endpoints")


def test_a_signed_message_is_what_the_standard_says() -> None:
    secret = "whsec_" + "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    id, body = uuid4(), json.dumps({"type": "a.b"})
    headers = webhooks.signed(id, body, [secret, None])
    assert Webhook(secret).verify(body, headers) == {"type": "a.b"}
    assert headers["webhook-signature"].startswith("v1,")
