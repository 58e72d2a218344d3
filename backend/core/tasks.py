"""Ending tasks that run for ever."""

import asyncio

AGAIN_SECONDS = 0.5


async def end(*tasks: asyncio.Task[None]) -> None:
    """Cancel tasks until they have ended; what they raise is theirs.

    Once may not be enough: when a deadline inside a library (redis-py's is one) passes in the very moment of
    the cancellation, the library takes the one for the other and the task goes on.
    """
    under_way = {task for task in tasks if not task.done()}
    while under_way:
        for task in under_way:
            task.cancel()
        _, under_way = await asyncio.wait(under_way, timeout=AGAIN_SECONDS)
