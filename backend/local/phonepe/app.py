"""The simulated gateway's HTTP: PhonePe's addresses below `/apis`, and the page to pay on."""

import asyncio
import hmac
import json
import secrets
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from backend.local.phonepe import page
from backend.local.phonepe.book import Book, Mandate, Order, Refund, now_ms
from backend.local.phonepe.callbacks import Callbacks
from backend.payments.phonepe import ID

TOKEN_SECONDS = 3600
MIN_PAISE = 100
REFUND_SECONDS = 1.0
WRONG_AMOUNT_PAISE = 100
"""How far off a wrong amount is."""


@dataclass(frozen=True)
class Merchant:
    """The one merchant of this gateway, and where their webhooks go."""

    client_id: str
    client_secret: str
    merchant_id: str
    webhook_username: str
    webhook_password: str
    webhook_url: str | None


class Simulator:
    """Serve `app` at `url`. Refuses to exist in production.

    `refunds_fail` makes refunds fail; `down` and `refuses_tokens` make the gateway what they say.
    """

    def __init__(
        self, merchant: Merchant, url: str, *, environment: str, file: Path | None = None
    ) -> None:
        if environment == "production":
            raise ValueError("payments are not simulated in production")
        self.merchant, self.url = merchant, url
        self.book = Book(file)
        self.callbacks = Callbacks(
            merchant.webhook_url,
            merchant.webhook_username,
            merchant.webhook_password,
            merchant.merchant_id,
        )
        self.refunds_fail = False
        self.refund_seconds = REFUND_SECONDS
        self.down = False
        self.refuses_tokens = False
        self.token_seconds = TOKEN_SECONDS
        self.tokens: set[str] = set()
        self._later: set[asyncio.Task[None]] = set()
        self.app = Starlette(routes=self._routes(), lifespan=self._lifespan)

    def _routes(self) -> list[Route]:
        routes = [
            Route("/apis/v1/oauth/token", self._token, methods=["POST"]),
            Route("/apis/checkout/v2/pay", self._pay, methods=["POST"]),
            Route("/apis/payments/v2/refund", self._refund, methods=["POST"]),
            Route("/apis/payments/v2/refund/{id}/status", self._refund_status),
            Route("/pay/{id}", self._page, methods=["GET"]),
            Route("/pay/{id}", self._paid, methods=["POST"]),
            Route("/apis/checkout/v2/order/{id}/status", self._order_status),
            Route("/apis/subscriptions/v2/order/{id}/status", self._order_status),
        ]
        for family in ("/apis/checkout/v2/subscriptions", "/apis/subscriptions/v2"):
            routes += [
                Route(f"{family}/notify", self._notify, methods=["POST"]),
                Route(f"{family}/redeem", self._redeem, methods=["POST"]),
                Route(f"{family}/{{id}}/cancel", self._cancel_mandate, methods=["POST"]),
                Route(f"{family}/{{id}}/status", self._mandate_status),
            ]
        return routes

    @asynccontextmanager
    async def _lifespan(self, _: Starlette) -> AsyncIterator[None]:
        yield
        for task in self._later:
            task.cancel()
        await asyncio.gather(*self._later, return_exceptions=True)
        await self.callbacks.aclose()

    # --- tokens -----------------------------------------------------------------------------------------

    async def _token(self, request: Request) -> Response:
        if self.down:
            return _error(503, "SERVICE_UNAVAILABLE")
        form = await request.form()
        shown = str(form.get("client_secret", ""))
        known = form.get("client_id") == self.merchant.client_id and hmac.compare_digest(
            shown.encode(), self.merchant.client_secret.encode()
        )
        if not known or self.refuses_tokens or form.get("grant_type") != "client_credentials":
            return _error(401, "UNAUTHORIZED")
        token, now = secrets.token_urlsafe(24), int(time.time())
        self.tokens.add(token)
        return JSONResponse(
            {
                "access_token": token,
                "issued_at": now,
                "expires_at": now + self.token_seconds,
                "expires_in": None,
                "token_type": "O-Bearer",
            }
        )

    def _refusal(self, request: Request) -> Response | None:
        if self.down:
            return _error(503, "SERVICE_UNAVAILABLE")
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme != "O-Bearer" or token not in self.tokens:
            return _error(401, "AUTHORIZATION_FAILED")
        return None

    # --- orders -----------------------------------------------------------------------------------------

    async def _pay(self, request: Request) -> Response:
        if refusal := self._refusal(request):
            return refusal
        body = await _json(request)
        flow = body.get("paymentFlow") or {}
        id, amount = str(body.get("merchantOrderId", "")), body.get("amount")
        life = body.get("expireAfter", 1800)
        if not ID.fullmatch(id) or type(amount) is not int or amount < MIN_PAISE:
            return _error(400, "BAD_REQUEST")
        if type(life) is not int or not 300 <= life <= 3600 or id in self.book.orders:
            return _error(400, "BAD_REQUEST")
        order = Order(id, amount, now_ms() + life * 1000)
        order.redirect_url = str((flow.get("merchantUrls") or {}).get("redirectUrl", ""))
        if flow.get("type") == "SUBSCRIPTION_CHECKOUT_SETUP":
            terms = flow["subscriptionDetails"]
            order.mandate = terms["merchantSubscriptionId"]
            self.book.mandates[terms["merchantSubscriptionId"]] = Mandate(
                terms["merchantSubscriptionId"],
                terms["maxAmount"],
                terms["frequency"],
                terms["expireAt"],
            )
        self.book.orders[id] = order
        self.book.keep()
        return JSONResponse(
            {
                "orderId": order.id,
                "state": order.state,
                "expireAt": order.expire_at,
                "redirectUrl": f"{self.url}/pay/{order.id}",
            }
        )

    async def _order_status(self, request: Request) -> Response:
        if refusal := self._refusal(request):
            return refusal
        order = self.book.orders.get(request.path_params["id"])
        if order is None:
            return _error(404, "ORDER_NOT_FOUND")
        self._expire(order)
        return JSONResponse({"merchantId": self.merchant.merchant_id, **order.status()})

    def _expire(self, order: Order) -> None:
        if order.state == "PENDING" and order.expire_at < now_ms():
            order.state, order.error = "FAILED", "ORDER_EXPIRED"
            self.book.keep()

    async def _page(self, request: Request) -> Response:
        order = self.book.order_at_page(request.path_params["id"])
        if order is None:
            return HTMLResponse(page.unknown_page(), 404)
        self._expire(order)
        waits = order.state == "PENDING"
        return HTMLResponse(page.pay_page(order) if waits else page.closed_page(order))

    async def _paid(self, request: Request) -> Response:
        order = self.book.order_at_page(request.path_params["id"])
        if order is None:
            return HTMLResponse(page.unknown_page(), 404)
        self._expire(order)
        if order.state != "PENDING":
            return HTMLResponse(page.closed_page(order), 409)
        form = await request.form()
        delay = str(form.get("delay") or "0")
        self.settle(
            order,
            outcome=str(form.get("outcome", "pay")),
            mode=str(form.get("mode", "UPI_INTENT")),
            behaviour=str(form.get("behaviour", "once")),
            after=float(delay) if delay.isdigit() else 0.0,
        )
        return RedirectResponse(order.redirect_url, 303) if order.redirect_url else Response()

    def settle(
        self,
        order: Order,
        *,
        outcome: str = "pay",
        mode: str = "UPI_INTENT",
        behaviour: str = "once",
        after: float = 0.0,
    ) -> None:
        """What the payer did, and how the merchant hears of it."""
        if outcome == "pay":
            if behaviour == "wrong_amount":
                order.paid = order.amount - WRONG_AMOUNT_PAISE or 2 * WRONG_AMOUNT_PAISE
            order.attempt(mode, "COMPLETED")
            order.state = "COMPLETED"
            if order.mandate:
                self.book.mandates[order.mandate].state = "ACTIVE"
            event = "checkout.order.completed"
        else:
            order.error = "USER_CANCELLED" if outcome == "cancel" else "PAYMENT_DECLINED"
            order.attempt(mode, "FAILED", order.error)
            order.state = "FAILED"
            self.callbacks.tell("checkout.transaction.attempt.failed", order.status(), after=after)
            event = "checkout.order.failed"
        self.book.keep()
        self.callbacks.tell(event, order.status(), behaviour=behaviour, after=after)

    # --- refunds ------------------------------------------------------------------------------------------

    async def _refund(self, request: Request) -> Response:
        if refusal := self._refusal(request):
            return refusal
        body = await _json(request)
        id, amount = str(body.get("merchantRefundId", "")), body.get("amount")
        order = self.book.orders.get(str(body.get("originalMerchantOrderId")))
        known = self.book.refunds.get(id)
        if known:
            return JSONResponse(
                {"refundId": known.id, "amount": known.amount, "state": known.state}
            )
        if not ID.fullmatch(id) or type(amount) is not int or amount < MIN_PAISE:
            return _error(400, "BAD_REQUEST")
        if order is None or order.state != "COMPLETED":
            return _error(400, "INVALID_ORDER")
        paid = order.paid if order.paid is not None else order.amount
        if self.book.refunded(order.merchant_order_id) + amount > paid:
            return _error(400, "REFUND_AMOUNT_EXCEEDED")
        refund = Refund(id, order.merchant_order_id, amount)
        self.book.refunds[id] = refund
        self.book.keep()
        task = asyncio.create_task(self._finish(refund))
        self._later.add(task)
        task.add_done_callback(self._later.discard)
        return JSONResponse({"refundId": refund.id, "amount": amount, "state": "PENDING"})

    async def _finish(self, refund: Refund) -> None:
        await asyncio.sleep(self.refund_seconds)
        refund.state = "FAILED" if self.refunds_fail else "COMPLETED"
        refund.error = "BANK_DECLINED" if self.refunds_fail else None
        self.book.keep()
        self.callbacks.tell(f"pg.refund.{refund.state.lower()}", refund.status())

    async def _refund_status(self, request: Request) -> Response:
        if refusal := self._refusal(request):
            return refusal
        refund = self.book.refunds.get(request.path_params["id"])
        return JSONResponse(refund.status()) if refund else _error(404, "REFUND_NOT_FOUND")

    # --- mandates -------------------------------------------------------------------------------------------

    async def _mandate_status(self, request: Request) -> Response:
        if refusal := self._refusal(request):
            return refusal
        mandate = self.book.mandates.get(request.path_params["id"])
        return JSONResponse(mandate.status()) if mandate else _error(404, "SUBSCRIPTION_NOT_FOUND")

    async def _notify(self, request: Request) -> Response:
        if refusal := self._refusal(request):
            return refusal
        body = await _json(request)
        flow, id, amount = (
            body.get("paymentFlow") or {},
            body.get("merchantOrderId"),
            body["amount"],
        )
        mandate = self.book.mandates.get(str(flow.get("merchantSubscriptionId")))
        if mandate is None or mandate.state != "ACTIVE" or amount > mandate.max_amount:
            return _error(400, "INVALID_SUBSCRIPTION_STATE")
        if not ID.fullmatch(str(id)) or id in self.book.orders:
            return _error(400, "BAD_REQUEST")
        order = Order(str(id), amount, now_ms() + 48 * 3600 * 1000)
        order.mandate = mandate.merchant_subscription_id
        self.book.orders[str(id)] = order
        self.book.keep()
        payload = {**order.status(), "state": "NOTIFIED"}
        self.callbacks.tell("subscription.notification.completed", payload)
        return JSONResponse({"orderId": order.id, "state": "NOTIFICATION_IN_PROGRESS"})

    async def _redeem(self, request: Request) -> Response:
        if refusal := self._refusal(request):
            return refusal
        order = self.book.orders.get(str((await _json(request)).get("merchantOrderId")))
        mandate = order and self.book.mandates.get(order.mandate or "")
        if order is None or mandate is None or mandate.state != "ACTIVE":
            return _error(400, "INVALID_SUBSCRIPTION_STATE")
        if order.state == "PENDING":
            order.attempt("UPI_AUTO_PAY", "COMPLETED")
            order.state = "COMPLETED"
            self.book.keep()
            self.callbacks.tell("subscription.redemption.order.completed", order.status())
        return JSONResponse(
            {"state": order.state, "transactionId": order.attempts[-1]["transactionId"]}
        )

    async def _cancel_mandate(self, request: Request) -> Response:
        if refusal := self._refusal(request):
            return refusal
        mandate = self.book.mandates.get(request.path_params["id"])
        if mandate is None:
            return _error(404, "SUBSCRIPTION_NOT_FOUND")
        mandate.state = "CANCELLED"
        self.book.keep()
        self.callbacks.tell("subscription.cancelled", mandate.status())
        return Response(status_code=204)


def _error(status: int, code: str) -> JSONResponse:
    return JSONResponse(
        {"success": False, "code": code, "message": "said by the simulator"}, status
    )


async def _json(request: Request) -> dict[str, Any]:
    body = json.loads(await request.body())
    return body if isinstance(body, dict) else {}
