"""Tasks end though a library swallows a cancellation."""

import asyncio
import contextlib

from backend.core.tasks import end


async def test_a_swallowed_cancellation() -> None:
    swallowed = 0

    async def stubborn() -> None:
        nonlocal swallowed
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.sleep(3600)
        swallowed += 1
        await asyncio.sleep(3600)

    task = asyncio.create_task(stubborn())
    await asyncio.sleep(0)
    await end(task)
    assert task.cancelled()
    assert swallowed == 1


async def test_tasks_that_have_ended_or_fail() -> None:
    async def fails() -> None:
        raise ValueError

    failed = asyncio.create_task(fails())
    await asyncio.sleep(0)
    await end(failed)
    await end(failed)
    assert isinstance(failed.exception(), ValueError)
