"""The simulated gateway in tests: the real protocol, with or without sockets."""

from dataclasses import replace
from typing import Any

import httpx

from backend.core.config import Settings
from backend.local.phonepe import Merchant, Simulator
from backend.payments.phonepe import PhonePe

MERCHANT = Merchant(
    client_id="TESTCLIENT",
    client_secret="a-secret-of-tests",
    merchant_id="TESTMERCHANT",
    webhook_username="tester",
    webhook_password="letters1234",
    webhook_url=None,
)
URL = "http://127.0.0.1:1"


def simulator(url: str = URL, **changes: Any) -> Simulator:
    made = Simulator(replace(MERCHANT, **changes), url, environment="test")
    made.refund_seconds = 0.0
    return made


def credentials(url: str) -> dict[str, str]:
    """The settings for a simulated gateway at this address."""
    return {
        "phonepe_client_id": MERCHANT.client_id,
        "phonepe_client_secret": MERCHANT.client_secret,
        "phonepe_merchant_id": MERCHANT.merchant_id,
        "phonepe_oauth_url": f"{url}/apis",
        "phonepe_pg_url": f"{url}/apis",
        "phonepe_redirect_url": "http://127.0.0.1:3000/billing/return",
        "phonepe_webhook_username": MERCHANT.webhook_username,
        "phonepe_webhook_password": MERCHANT.webhook_password,
        "phonepe_autopay": "checkout",
    }


def with_gateway(settings: Settings, url: str = URL, **changes: Any) -> Settings:
    """These settings with the gateway at another address."""
    values = settings.model_dump() | credentials(url)
    return Settings(_env_file=None, **(values | changes))


class Wire(httpx.ASGITransport):
    """Straight into the simulator. `script` holds what happens to the next requests instead.

    An entry is an exception to raise before or (with `after`) behind the request, an answer, or None.
    """

    def __init__(self, gateway: Simulator) -> None:
        super().__init__(gateway.app)
        self.script: list[Exception | httpx.Response | None] = []
        self.after: list[Exception | None] = []
        self.seen: list[str] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.seen.append(f"{request.method} {request.url.path}")
        planned = self.script.pop(0) if self.script else None
        if isinstance(planned, Exception):
            raise planned
        if planned is not None:
            return planned
        answer = await super().handle_async_request(request)
        late = self.after.pop(0) if self.after else None
        if late:
            raise late
        return answer


def client(settings: Settings, wire: Wire) -> PhonePe:
    return PhonePe(with_gateway(settings), wire)
