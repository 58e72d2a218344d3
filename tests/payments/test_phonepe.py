"""The client against the simulated gateway: tokens, lost answers, refusals, and what never leaves it."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass

import httpx
import pytest
from structlog.testing import capture_logs

from backend.core.config import Settings
from backend.local.phonepe import Simulator
from backend.payments.phonepe import (
    GatewayRefused,
    GatewayUnavailable,
    MandateTerms,
    OutcomeUnknown,
    PhonePe,
)
from backend.payments.phonepe_wire import Attempt, masked
from tests.payments.gateway import MERCHANT, Wire, client, simulator, with_gateway

PAY = "POST /apis/checkout/v2/pay"
TOKEN = "POST /apis/v1/oauth/token"


@dataclass
class Scene:
    gateway: Simulator
    wire: Wire
    phonepe: PhonePe

    async def order(self, id: str = "RF_1", paise: int = 94282) -> str:
        page = await self.phonepe.pay(id, paise, redirect_url="http://a/b", expire_seconds=1200)
        return page.redirectUrl

    def orders_seen(self) -> list[str]:
        return [line for line in self.wire.seen if line != TOKEN]


@pytest.fixture
async def scene(settings: Settings) -> AsyncIterator[Scene]:
    gateway = simulator()
    wire = Wire(gateway)
    phonepe = client(settings, wire)
    async with gateway.app.router.lifespan_context(gateway.app):
        yield Scene(gateway, wire, phonepe)
    await phonepe.aclose()


class TestOrders:
    async def test_pay_then_status(self, scene: Scene) -> None:
        url = await scene.order()
        assert url.startswith("http://127.0.0.1:1/pay/OMO")
        order = await scene.phonepe.order("RF_1")
        assert order
        assert (order.state, order.amount, order.merchantOrderId) == ("PENDING", 94282, "RF_1")
        scene.gateway.settle(scene.gateway.book.orders["RF_1"])
        order = await scene.phonepe.order("RF_1")
        assert order
        assert order.state == "COMPLETED"
        assert order.paid_by
        assert order.paid_by.paymentMode == "UPI_INTENT"

    async def test_an_unknown_order_is_none(self, scene: Scene) -> None:
        assert await scene.phonepe.order("RF_nobody") is None

    @pytest.mark.parametrize("id", ["", "a/b", "ü", "x" * 64, "../refund"])
    async def test_ids_are_checked_before_they_are_sent(self, scene: Scene, id: str) -> None:
        with pytest.raises(ValueError):
            await scene.phonepe.order(id)
        assert scene.wire.seen == []

    async def test_less_than_a_rupee_is_not_sent(self, scene: Scene) -> None:
        with pytest.raises(ValueError):
            await scene.order(paise=99)
        assert scene.wire.seen == []

    async def test_unknown_fields_and_values_are_no_error(self, scene: Scene) -> None:
        await scene.order()
        body = {
            "state": "PONDERING",
            "amount": 1,
            "novel": {"a": 1},
            "paymentDetails": [{"paymentMode": "PIGEON"}],
        }
        scene.wire.script = [httpx.Response(200, json=body)]
        order = await scene.phonepe.order("RF_1")
        assert order
        assert order.state == "PONDERING"


class TestLostAnswers:
    async def test_an_order_that_never_arrived_is_sent_once_more(self, scene: Scene) -> None:
        await scene.phonepe.order("RF_0")  # has its token
        scene.wire.script = [httpx.ReadTimeout("slow")]
        assert await scene.order()
        assert scene.orders_seen()[1:] == [PAY, "GET /apis/checkout/v2/order/RF_1/status", PAY]

    async def test_an_order_that_arrived_is_not_sent_again(self, scene: Scene) -> None:
        await scene.phonepe.order("RF_0")
        scene.wire.after = [httpx.ReadTimeout("slow")]
        with pytest.raises(OutcomeUnknown):
            await scene.order()
        assert scene.orders_seen()[1:] == [PAY, "GET /apis/checkout/v2/order/RF_1/status"]
        assert list(scene.gateway.book.orders) == ["RF_1"]

    async def test_a_refund_that_arrived_is_found_by_its_status(self, scene: Scene) -> None:
        await scene.order()
        scene.gateway.settle(scene.gateway.book.orders["RF_1"])
        scene.wire.after = [httpx.ReadTimeout("slow")]
        refund = await scene.phonepe.refund("RR_1", "RF_1", 94282)
        assert refund.state == "PENDING"
        assert len(scene.gateway.book.refunds) == 1

    async def test_a_connection_refused_is_no_unknown_outcome(self, scene: Scene) -> None:
        await scene.phonepe.order("RF_0")
        scene.wire.script = [httpx.ConnectError("refused")]
        with pytest.raises(GatewayUnavailable) as caught:
            await scene.order()
        assert not isinstance(caught.value, OutcomeUnknown)
        assert caught.value.code == "payment_gateway_unavailable"

    async def test_a_question_is_asked_three_times(self, scene: Scene) -> None:
        await scene.order()
        seen = len(scene.wire.seen)
        scene.wire.script = [httpx.Response(503), httpx.Response(429, headers={"retry-after": "0"})]
        assert await scene.phonepe.order("RF_1")
        assert len(scene.wire.seen) == seen + 3

    async def test_nonsense_is_no_answer(self, scene: Scene) -> None:
        await scene.phonepe.order("RF_0")
        scene.wire.script = [httpx.Response(200, text="<html>")] * 3
        with pytest.raises(GatewayUnavailable):
            await scene.order()


class TestTokens:
    async def test_many_callers_fetch_one_token(self, scene: Scene) -> None:
        await asyncio.gather(*(scene.phonepe.order(f"RF_{n}") for n in range(50)))
        assert scene.wire.seen.count(TOKEN) == 1

    async def test_it_is_renewed_at_half_its_life(self, scene: Scene) -> None:
        await scene.phonepe.order("RF_0")
        held = scene.phonepe._token
        assert held
        now = time.monotonic()
        assert held.renew_at - now == pytest.approx(1800, abs=5)
        scene.phonepe._token = type(held)(held.header, now - 1, now + 100)
        await asyncio.gather(*(scene.phonepe.order(f"RF_{n}") for n in range(20)))
        assert scene.wire.seen.count(TOKEN) == 2

    async def test_while_it_cannot_be_renewed_the_old_one_is_used(self, scene: Scene) -> None:
        await scene.order()
        held = scene.phonepe._token
        assert held
        now = time.monotonic()
        scene.phonepe._token = type(held)(held.header, now - 1, now + 100)
        scene.gateway.refuses_tokens = True
        assert await scene.phonepe.order("RF_1")
        assert await scene.phonepe.order("RF_1")
        assert scene.wire.seen.count(TOKEN) == 2

    async def test_a_token_that_was_revoked_is_renewed_once(self, scene: Scene) -> None:
        await scene.order()
        scene.gateway.tokens.clear()
        assert await scene.phonepe.order("RF_1")
        assert scene.wire.seen.count(TOKEN) == 2

    async def test_refused_credentials(self, scene: Scene) -> None:
        scene.gateway.refuses_tokens = True
        with capture_logs() as logs, pytest.raises(GatewayRefused) as caught:
            await scene.order()
        assert (caught.value.status, caught.value.code) == (502, "payment_gateway_refused")
        assert caught.value.extra == {"gateway_code": "UNAUTHORIZED"}
        assert MERCHANT.client_secret not in str(logs)

    async def test_a_gateway_that_is_down(self, scene: Scene) -> None:
        scene.gateway.down = True
        with pytest.raises(GatewayUnavailable):
            await scene.order()


class TestRefunds:
    async def test_more_than_was_paid_is_refused(self, scene: Scene) -> None:
        await scene.order()
        scene.gateway.settle(scene.gateway.book.orders["RF_1"])
        await scene.phonepe.refund("RR_1", "RF_1", 90000)
        with pytest.raises(GatewayRefused):
            await scene.phonepe.refund("RR_2", "RF_1", 5000)

    async def test_an_unknown_refund_is_none(self, scene: Scene) -> None:
        assert await scene.phonepe.refund_status("RR_nobody") is None


class TestMandates:
    @pytest.mark.parametrize("family", ["checkout", "direct"])
    async def test_set_up_notify_redeem_cancel(self, settings: Settings, family: str) -> None:
        gateway = simulator()
        wire = Wire(gateway)
        phonepe = PhonePe(with_gateway(settings, phonepe_autopay=family), wire)
        async with gateway.app.router.lifespan_context(gateway.app):
            terms = MandateTerms("RM_1", 1500000, "MONTHLY", 1_900_000_000_000)
            await phonepe.pay(
                "RF_1", 94282, redirect_url="http://a", expire_seconds=600, mandate=terms
            )
            gateway.settle(gateway.book.orders["RF_1"])
            mandate = await phonepe.mandate("RM_1")
            assert mandate
            assert mandate.state == "ACTIVE"
            await phonepe.notify("RF_2", "RM_1", 94282)
            assert (await phonepe.redeem("RF_2")).state == "COMPLETED"
            order = await phonepe.order("RF_2", by_mandate=True)
            assert order
            assert order.state == "COMPLETED"
            await phonepe.cancel_mandate("RM_1")
            await phonepe.cancel_mandate("RM_1")
            with pytest.raises(GatewayRefused):
                await phonepe.notify("RF_3", "RM_1", 94282)
        await phonepe.aclose()
        prefix = "checkout/v2/subscriptions" if family == "checkout" else "subscriptions/v2"
        assert f"POST /apis/{prefix}/redeem" in wire.seen


def test_an_instrument_is_masked() -> None:
    attempt = Attempt(
        paymentMode="UPI_INTENT",
        rail={"type": "UPI", "utr": "123456789012", "vpa": "somebody@bank"},
        instrument={"type": "ACCOUNT", "accountNumber": "123456789", "accountHolderName": "A B"},
    )
    assert masked(attempt) == {
        "mode": "UPI_INTENT",
        "type": "ACCOUNT",
        "utr": "123456789012",
        "vpa": "s***@bank",
        "accountNumber": "***6789",
    }


def test_nothing_is_simulated_in_production() -> None:
    with pytest.raises(ValueError, match="production"):
        Simulator(MERCHANT, "http://127.0.0.1:1", environment="production")
