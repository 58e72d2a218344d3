"""Where payments are taken: the books, the gateway and the terms, opened once a process."""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass

import httpx

from backend.core.config import Settings
from backend.core.database import Database
from backend.core.errors import Unavailable
from backend.payments.phonepe import PhonePe


@dataclass(frozen=True, slots=True)
class Till:
    """`gateway` is None where PHONEPE_CLIENT_ID is not set: nothing can be bought then."""

    database: Database
    settings: Settings
    gateway: PhonePe | None

    @property
    def phonepe(self) -> PhonePe:
        if self.gateway is None:
            raise Unavailable("Payments are not set up here.", code="payments_off")
        return self.gateway


@contextlib.asynccontextmanager
async def open_till(
    settings: Settings, database: Database, transport: httpx.AsyncBaseTransport | None = None
) -> AsyncIterator[Till]:
    gateway = PhonePe(settings, transport) if settings.payments_enabled else None
    try:
        yield Till(database, settings, gateway)
    finally:
        if gateway:
            await gateway.aclose()
