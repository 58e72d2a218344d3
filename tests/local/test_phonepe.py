"""The simulated gateway's page and its webhooks, over real sockets."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from backend.local.phonepe import Simulator
from backend.local.phonepe.book import Book, Order, now_ms
from backend.local.phonepe.page import BEHAVIOURS
from backend.payments.webhook_auth import Digest
from tests.loopback import serving
from tests.payments.gateway import MERCHANT, simulator

GENUINE = Digest(MERCHANT.webhook_username, MERCHANT.webhook_password).header


@dataclass
class Shop:
    """Hears webhooks; refuses the first so many."""

    heard: list[tuple[str, str, str]] = field(default_factory=list)
    """(event, state, authorization)."""
    refuses: int = 0

    def app(self, _: str) -> Starlette:
        return Starlette(routes=[Route("/", self._hear, methods=["POST"])])

    async def _hear(self, request: Request) -> Response:
        body = await request.json()
        told = (body["event"], body["payload"]["state"], request.headers["authorization"])
        self.heard.append(told)
        if len(self.heard) <= self.refuses:
            return Response(status_code=500)
        return Response()

    def hears(self, count: int) -> list[tuple[str, str, str]]:
        deadline = time.monotonic() + 10
        while len(self.heard) < count and time.monotonic() < deadline:
            time.sleep(0.01)
        time.sleep(0.1)  # for one too many
        assert len(self.heard) == count
        return self.heard


@pytest.fixture
def shop() -> Shop:
    return Shop()


@pytest.fixture
def gateway(shop: Shop) -> Iterator[Simulator]:
    made: list[Simulator] = []

    def make(url: str) -> Starlette:
        made.append(simulator(url, webhook_url=shop_url))
        return made[0].app

    with serving(shop.app) as shop_url, serving(make):
        yield made[0]


def waits(gateway: Simulator) -> str:
    """The address of an order's page."""
    order = Order("RF_1", 94282, now_ms() + 600_000, redirect_url="http://shop.example/back")
    gateway.book.orders["RF_1"] = order
    return f"{gateway.url}/pay/{order.id}"


def press(url: str, **form: str) -> httpx.Response:
    return httpx.post(url, data={"outcome": "pay", "mode": "CARD", **form})


class TestPage:
    def test_it_says_what_it_is_and_offers_everything(self, gateway: Simulator) -> None:
        text = httpx.get(waits(gateway)).text
        assert "no money moves" in text
        assert "₹942.82" in text
        assert all(f'value="{name}"' in text for name in BEHAVIOURS)

    def test_back_to_the_shop_once(self, gateway: Simulator) -> None:
        url = waits(gateway)
        answer = press(url)
        assert (answer.status_code, answer.headers["location"]) == (303, "http://shop.example/back")
        again = press(url)
        assert again.status_code == 409
        assert "This order is completed" in again.text
        assert len(gateway.book.orders["RF_1"].attempts) == 1

    def test_unknown(self, gateway: Simulator) -> None:
        assert httpx.get(f"{gateway.url}/pay/nothing").status_code == 404

    def test_an_order_ends_with_its_time(self, gateway: Simulator) -> None:
        url = waits(gateway)
        gateway.book.orders["RF_1"].expire_at = now_ms() - 1
        assert "This order is failed" in httpx.get(url).text
        assert press(url).status_code == 409


class TestWebhooks:
    @pytest.mark.parametrize(
        ("behaviour", "states"),
        [
            ("once", ["COMPLETED"]),
            ("never", []),
            ("ten", ["COMPLETED"] * 10),
            ("wrong_amount", ["COMPLETED"]),
            ("reordered", ["COMPLETED", "FAILED", "FAILED", "COMPLETED"]),
        ],
    )
    def test_as_the_payer_chose(
        self, gateway: Simulator, shop: Shop, behaviour: str, states: list[str]
    ) -> None:
        press(waits(gateway), behaviour=behaviour)
        heard = shop.hears(len(states))
        assert [state for _, state, _ in heard] == states
        assert all(authorization == GENUINE for _, _, authorization in heard)
        amount = gateway.book.orders["RF_1"].status()["amount"]
        assert (amount == 94282) == (behaviour != "wrong_amount")

    def test_forged(self, gateway: Simulator, shop: Shop) -> None:
        press(waits(gateway), behaviour="forged")
        ((_, _, authorization),) = shop.hears(1)
        assert authorization != GENUINE

    @pytest.mark.parametrize("outcome", ["fail", "cancel"])
    def test_a_failure(self, gateway: Simulator, shop: Shop, outcome: str) -> None:
        press(waits(gateway), outcome=outcome)
        events = sorted(event for event, _, _ in shop.hears(2))
        assert events == ["checkout.order.failed", "checkout.transaction.attempt.failed"]

    def test_a_shop_that_stumbles_is_told_again(self, gateway: Simulator, shop: Shop) -> None:
        shop.refuses = 1
        press(waits(gateway))
        shop.hears(2)


def test_what_it_knows_outlives_it(tmp_path: Path) -> None:
    book = Book(tmp_path / "book.json")
    book.orders["RF_1"] = Order("RF_1", 100, now_ms())
    book.keep()
    assert Book(tmp_path / "book.json").orders == book.orders
