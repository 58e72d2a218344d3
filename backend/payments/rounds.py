"""The rounds of a worker: webhooks that wait, payments and refunds to ask about (ADR 0075).

Everything is taken by a lease, so workers share the work, and what one leaves behind is another's.
"""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial

import structlog

from backend.core.errors import AppError
from backend.domain import payments, refunds
from backend.payments import inbox
from backend.payments.refunding import pursue
from backend.payments.settlement import settle
from backend.payments.till import Till

log = structlog.get_logger(__name__)

SECONDS = 1.0
AT_ONCE = 8
MOST = 50


async def once(till: Till) -> int:
    """One round; how many things were looked at."""
    if till.gateway is None:
        return 0
    async with till.database.service("payment_rounds") as tx:
        events = await inbox.take(tx, MOST)
        payment_ids = await payments.due(tx, MOST)
        refund_ids = await refunds.due(tx, MOST)
    room = asyncio.Semaphore(AT_ONCE)
    work = [
        *(_event(till, event, room) for event in events),
        *(
            _alone(partial(settle, till, payment_id=id), room, payment_id=str(id))
            for id in payment_ids
        ),
        *(_alone(partial(pursue, till, id), room, refund_id=str(id)) for id in refund_ids),
    ]
    await asyncio.gather(*work)
    return len(work)


async def _event(till: Till, event: dict[str, object], room: asyncio.Semaphore) -> None:
    about = {"event_id": str(event["id"]), "type": event["event_type"]}
    error = await _alone(partial(inbox.process, till, event), room, **about)
    if error:
        await inbox.give_up(till, event, error)


async def _alone(
    act: Callable[[], Awaitable[object]], room: asyncio.Semaphore, **about: object
) -> str | None:
    """Do one thing, whose failure must not keep the others from theirs; what went wrong, if it did."""
    async with room:
        try:
            await act()
        except AppError as error:
            log.warning("payment_round_delayed", code=error.code, **about)
            return error.code
        except Exception as error:
            log.exception("payment_round_failed", **about)
            return type(error).__name__
    return None
