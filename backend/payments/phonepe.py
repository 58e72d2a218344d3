"""PhonePe's gateway, version 2, over HTTP (INTEGRATIONS A).

One client a process. What may have taken effect is never sent again blindly: after a lost answer the status
is asked first, and only what PhonePe does not know is sent once more under the same id.
"""

import asyncio
import random
import re
import time
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import httpx
import structlog
from pydantic import BaseModel, ValidationError

from backend.core.config import Settings
from backend.core.errors import Unavailable, UpstreamFailed
from backend.payments.phonepe_wire import (
    Checkout,
    Mandate,
    Order,
    Redemption,
    Refund,
    Token,
)

log = structlog.get_logger(__name__)

ID = re.compile(r"[A-Za-z0-9_-]{1,63}")
MIN_PAISE = 100
TIMEOUT = httpx.Timeout(connect=3, read=15, write=10, pool=5)
LIMITS = httpx.Limits(max_connections=20, keepalive_expiry=55)
TRIES = 3
PAUSE_SECONDS = 0.3
RENEWAL_REST_SECONDS = 15.0
"""How long a token is used on after its renewal failed, before the next try."""
LONGEST_PAUSE_SECONDS = 5.0
PASSING = frozenset({429, 500, 502, 503, 504})
"""Answers after which the same question may get another one."""
ABOUT_THE_REQUEST = frozenset({400, 404, 409, 410, 417, 422})
NEVER_ARRIVED = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)

Answer = TypeVar("Answer", bound=BaseModel)


class GatewayUnavailable(Unavailable):
    default_code = "payment_gateway_unavailable"
    default_detail = (
        "The payment gateway cannot be reached. Nothing was charged; try again shortly."
    )


class OutcomeUnknown(GatewayUnavailable):
    """What was sent may have taken effect; its status will say."""


class GatewayRefused(UpstreamFailed):
    """PhonePe answered, and it was no. Its own code is in the log and in `gateway_code`."""

    default_code = "payment_gateway_refused"
    default_detail = "The payment gateway refused this. Nothing was charged."

    def __init__(self, http_status: int = 0, gateway_code: str | None = None) -> None:
        super().__init__(gateway_code=gateway_code)
        self.gateway_code = gateway_code
        self.is_about_the_request = http_status in ABOUT_THE_REQUEST
        """Else it is about our credentials, and the same request may be granted later."""


@dataclass(frozen=True, slots=True)
class MandateTerms:
    """A mandate for a debit of up to `max_paise` each cycle, until `expire_at_ms`."""

    id: str
    max_paise: int
    frequency: str
    expire_at_ms: int


@dataclass(frozen=True, slots=True)
class _Held:
    """A token, and when it is to be renewed and no longer used, by this process's clock."""

    header: str
    renew_at: float
    ends_at: float


class PhonePe:
    """Raises GatewayUnavailable when PhonePe does not answer, GatewayRefused when it says no."""

    def __init__(
        self, settings: Settings, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        assert settings.phonepe_client_id
        assert settings.phonepe_client_secret
        self._oauth_url, self._pg_url = settings.gateway_urls
        self._family = settings.phonepe_autopay
        self._credentials = {
            "client_id": settings.phonepe_client_id,
            "client_version": str(settings.phonepe_client_version),
            "client_secret": settings.phonepe_client_secret.get_secret_value(),
            "grant_type": "client_credentials",
        }
        self._http = httpx.AsyncClient(
            timeout=TIMEOUT, limits=LIMITS, transport=transport, trust_env=False
        )
        self._token: _Held | None = None
        self._renewing = asyncio.Lock()

    async def aclose(self) -> None:
        await self._http.aclose()

    # --- payments -----------------------------------------------------------------------------------

    async def pay(
        self,
        order_id: str,
        amount_paise: int,
        *,
        redirect_url: str,
        expire_seconds: int,
        mandate: MandateTerms | None = None,
    ) -> Checkout:
        """A page on which to pay an order. With a mandate, paying also allows later debits."""
        flow: dict[str, Any] = {"type": "PG_CHECKOUT"}
        if mandate:
            flow = {
                "type": "SUBSCRIPTION_CHECKOUT_SETUP",
                "subscriptionDetails": {
                    "subscriptionType": "RECURRING",
                    "merchantSubscriptionId": _id(mandate.id),
                    "authWorkflowType": "TRANSACTION",
                    "amountType": "VARIABLE",
                    "maxAmount": mandate.max_paise,
                    "frequency": mandate.frequency,
                    "expireAt": mandate.expire_at_ms,
                },
            }
        body = {
            "merchantOrderId": _id(order_id),
            "amount": _paise(amount_paise),
            "expireAfter": expire_seconds,
            "paymentFlow": {**flow, "merchantUrls": {"redirectUrl": redirect_url}},
        }
        try:
            return await self._post("/checkout/v2/pay", body, Checkout)
        except OutcomeUnknown:
            if await self.order(order_id) is not None:
                raise  # it exists, and its page's address is lost
            return await self._post("/checkout/v2/pay", body, Checkout)

    async def order(self, order_id: str, *, by_mandate: bool = False) -> Order | None:
        """How an order stands; None when PhonePe has never heard of it."""
        family = self._orders_by_mandate if by_mandate else "/checkout/v2/order"
        path = f"{family}/{_id(order_id)}/status"
        return await self._get(path, Order, {"details": "false", "errorContext": "false"})

    async def refund(self, refund_id: str, order_id: str, amount_paise: int) -> Refund:
        body = {
            "merchantRefundId": _id(refund_id),
            "originalMerchantOrderId": _id(order_id),
            "amount": _paise(amount_paise),
        }
        try:
            return await self._post("/payments/v2/refund", body, Refund)
        except OutcomeUnknown:
            known = await self.refund_status(refund_id)
            return known or await self._post("/payments/v2/refund", body, Refund)

    async def refund_status(self, refund_id: str) -> Refund | None:
        return await self._get(f"/payments/v2/refund/{_id(refund_id)}/status", Refund)

    # --- mandates are set up on the hosted page; what follows has two families of addresses -----------

    async def mandate(self, mandate_id: str) -> Mandate | None:
        return await self._get(f"{self._mandates}/{_id(mandate_id)}/status", Mandate)

    async def notify(self, order_id: str, mandate_id: str, amount_paise: int) -> Redemption:
        """Tell the payer of a debit, a day or more before `redeem` of the same order."""
        checkout = self._family == "checkout"
        flow = {
            "type": "SUBSCRIPTION_CHECKOUT_REDEMPTION" if checkout else "SUBSCRIPTION_REDEMPTION",
            "merchantSubscriptionId": _id(mandate_id),
            "redemptionRetryStrategy": "STANDARD",
            "autoDebit": False,
        }
        body = {
            "merchantOrderId": _id(order_id),
            "amount": _paise(amount_paise),
            "paymentFlow": flow,
        }
        return await self._post(f"{self._mandates}/notify", body, Redemption)

    async def redeem(self, order_id: str) -> Redemption:
        return await self._post(
            f"{self._mandates}/redeem", {"merchantOrderId": _id(order_id)}, Redemption
        )

    async def cancel_mandate(self, mandate_id: str) -> None:
        """Cancelling what is cancelled already is no error of ours."""
        await self._send("POST", f"{self._mandates}/{_id(mandate_id)}/cancel", gone_is_fine=True)

    @property
    def _mandates(self) -> str:
        assert self._family != "off", "mandates are switched off"
        return "/checkout/v2/subscriptions" if self._family == "checkout" else "/subscriptions/v2"

    @property
    def _orders_by_mandate(self) -> str:
        return "/subscriptions/v2/order" if self._family == "direct" else "/checkout/v2/order"

    # --- HTTP -----------------------------------------------------------------------------------------

    async def _post(self, path: str, body: dict[str, Any], shape: type[Answer]) -> Answer:
        answer = await self._send("POST", path, json=body)
        assert answer is not None
        return _read(answer, shape)

    async def _get(
        self, path: str, shape: type[Answer], params: dict[str, str] | None = None
    ) -> Answer | None:
        """None for 404. Asked up to three times."""
        for attempt in range(1, TRIES + 1):
            try:
                answer = await self._send("GET", path, params=params, gone_is_fine=True)
                return _read(answer, shape) if answer else None
            except _Passing as error:
                if attempt == TRIES:
                    raise
                await asyncio.sleep(error.pause(attempt))
        raise AssertionError("the last try returns or raises")

    async def _send(
        self, method: str, path: str, *, gone_is_fine: bool = False, **options: Any
    ) -> httpx.Response | None:
        """The answer, or None for a 404 that was to be expected. A stale token is renewed once."""
        for fresh in (False, True):
            headers = {"Authorization": await self._authorization(fresh=fresh)}
            answer = await self._ask(method, f"{self._pg_url}{path}", headers=headers, **options)
            if answer.status_code != httpx.codes.UNAUTHORIZED:
                break
        if answer.is_success:
            return answer
        if answer.status_code == httpx.codes.NOT_FOUND and gone_is_fine:
            return None
        if answer.status_code in PASSING:
            raise _Passing(answer)
        raise _refusal(answer, path)

    async def _ask(self, method: str, url: str, **options: Any) -> httpx.Response:
        try:
            return await self._http.request(method, url, **options)
        except NEVER_ARRIVED as error:
            log.warning("payment_gateway_unreachable", error=type(error).__name__)
            raise GatewayUnavailable from error
        except httpx.HTTPError as error:
            log.warning("payment_gateway_silent", error=type(error).__name__)
            raise _Passing from error

    # --- the token --------------------------------------------------------------------------------------

    async def _authorization(self, *, fresh: bool) -> str:
        """One caller renews it, from half its life on; the others use it as long as it holds."""
        before, now = self._token, time.monotonic()
        if before and not fresh and self._holds(before, now):
            return before.header
        async with self._renewing:
            if self._token is not before and self._token is not None:
                return self._token.header
            try:
                self._token = await self._fetch_token()
            except (GatewayUnavailable, GatewayRefused):
                now = time.monotonic()
                if fresh or before is None or now >= before.ends_at:
                    raise
                self._token = replace(before, renew_at=now + RENEWAL_REST_SECONDS)
            return self._token.header

    def _holds(self, token: _Held, now: float) -> bool:
        return now < token.renew_at or (self._renewing.locked() and now < token.ends_at)

    async def _fetch_token(self) -> _Held:
        url = f"{self._oauth_url}/v1/oauth/token"
        try:
            answer = await self._ask("POST", url, data=self._credentials)
        except OutcomeUnknown as error:
            raise GatewayUnavailable from error  # nothing but a token was asked for
        if answer.status_code in PASSING:
            raise GatewayUnavailable
        if not answer.is_success:
            raise _refusal(answer, "/v1/oauth/token")
        token, now = _read(answer, Token), time.monotonic()
        life = max(0.0, token.expires_at - token.issued_at)
        return _Held(f"{token.token_type} {token.access_token}", now + life / 2, now + life)


class _Passing(OutcomeUnknown):
    """No usable answer, though another one may come."""

    def __init__(self, answer: httpx.Response | None = None) -> None:
        super().__init__()
        self._after = answer.headers.get("retry-after", "") if answer is not None else ""

    def pause(self, attempt: int) -> float:
        """Seconds before the next try: as asked for, else longer each time."""
        asked = float(self._after) if self._after.isdigit() else PAUSE_SECONDS * 2**attempt
        return min(asked, LONGEST_PAUSE_SECONDS) * random.uniform(0.5, 1.0)  # noqa: S311


def _id(value: str) -> str:
    if not ID.fullmatch(value):
        raise ValueError("an id at PhonePe has 1 to 63 of A-Z a-z 0-9 _ -")
    return value


def _paise(amount: int) -> int:
    if amount < MIN_PAISE:
        raise ValueError("PhonePe takes one rupee or more")
    return amount


def _read(answer: httpx.Response, shape: type[Answer]) -> Answer:
    try:
        return shape.model_validate_json(answer.content)
    except ValidationError as error:
        log.error("payment_gateway_unreadable", path=answer.request.url.path, shape=shape.__name__)
        raise OutcomeUnknown from error


def _refusal(answer: httpx.Response, path: str) -> GatewayRefused:
    """The body may repeat what was sent, so only the code of it is kept."""
    try:
        body = answer.json()
    except ValueError:
        body = {}
    code = str(body.get("code") or body.get("errorCode") or "") if isinstance(body, dict) else ""
    log.error(
        "payment_gateway_refused", path=path, status=answer.status_code, gateway_code=code[:80]
    )
    return GatewayRefused(answer.status_code, code[:80] or None)
