"""The simulated gateway's webhooks: signed, repeated, out of order, or forged, as the payer chose."""

import asyncio
import json
from typing import Any

import httpx
import structlog

from backend.payments.webhook_auth import Digest

log = structlog.get_logger(__name__)

TRIES = 5
PAUSE_SECONDS = 0.5
KINDS = {
    "checkout.order.completed": "CHECKOUT_ORDER_COMPLETED",
    "checkout.order.failed": "CHECKOUT_ORDER_FAILED",
    "checkout.transaction.attempt.failed": "CHECKOUT_TRANSACTION_ATTEMPT_FAILED",
    "pg.refund.completed": "PG_REFUND_COMPLETED",
    "pg.refund.failed": "PG_REFUND_FAILED",
}
"""Event -> the older name of it, which still comes along."""


class Callbacks:
    """Posts in the background. `url` may be None: then nobody is told."""

    def __init__(self, url: str | None, username: str, password: str, merchant_id: str) -> None:
        self.url = url
        self._merchant_id = merchant_id
        self._genuine = Digest(username, password).header
        self._forged = Digest(username, "not-the-password").header
        self._tasks: set[asyncio.Task[None]] = set()

    def tell(
        self, event: str, payload: dict[str, Any], *, behaviour: str = "once", after: float = 0.0
    ) -> None:
        """Have one event told, in this manner."""
        if self.url is None or behaviour == "never":
            return
        task = asyncio.create_task(self._tell(event, dict(payload), behaviour, after))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def aclose(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _tell(
        self, event: str, payload: dict[str, Any], behaviour: str, after: float
    ) -> None:
        await asyncio.sleep(after)
        body = self.body(event, payload)
        bodies = [body]
        if behaviour == "ten":
            bodies = [body] * 10
        elif behaviour == "reordered":
            failed = {**payload, "state": "FAILED", "errorCode": "TIMED_OUT"}
            attempt = self.body("checkout.transaction.attempt.failed", failed)
            bodies = [body, attempt, self.body("checkout.order.failed", failed), body]
        authorization = self._forged if behaviour == "forged" else self._genuine
        async with httpx.AsyncClient(timeout=5, trust_env=False) as http:
            for one in bodies:
                await self._post(
                    http, one, authorization, tries=1 if behaviour == "forged" else TRIES
                )

    def body(self, event: str, payload: dict[str, Any]) -> bytes:
        kind = KINDS.get(event, event.replace(".", "_").upper())
        payload = {"merchantId": self._merchant_id, **payload}
        return json.dumps({"event": event, "type": kind, "payload": payload}).encode()

    async def _post(
        self, http: httpx.AsyncClient, body: bytes, authorization: str, *, tries: int
    ) -> None:
        assert self.url
        headers = {"authorization": authorization, "content-type": "application/json"}
        for attempt in range(1, tries + 1):
            try:
                answer = await http.post(self.url, content=body, headers=headers)
            except httpx.HTTPError as error:
                log.warning("simulated_webhook_not_delivered", error=type(error).__name__)
            else:
                if answer.is_success:
                    return
                log.warning("simulated_webhook_refused", status=answer.status_code)
            await asyncio.sleep(PAUSE_SECONDS * attempt)
