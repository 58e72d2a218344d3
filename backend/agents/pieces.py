"""Pieces of a draft that do not wait for each other: asked side by side, so many at a time (ADR 0144)."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from backend.agents.base import Emit
from backend.core.errors import AppError, BudgetExceeded, Unavailable
from backend.domain.runs import RunCancelled

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Piece(Generic[T]):
    """A part of the draft by its name. `ask` may be called again after a BudgetExceeded."""

    name: str
    ask: Callable[[], Awaitable[T]]


async def side_by_side(pieces: Sequence[Piece[T]], at_once: int, emit: Emit) -> list[T | AppError]:
    """What each piece gave, or why it gave nothing, in the order of `pieces`; followers hear of each.

    No more than `at_once` are under way. One that the budget cannot cover beside the others waits until
    one of them has settled its bill, since a call is covered at its cap and costs less.

    When the run is called off, lost, or to be tried again (RunCancelled, LeaseLost, Unavailable), nothing
    more is begun and that is raised as soon as what is under way has ended: it is paid for, and its answers
    are in the journal then. A cancelled task leaves nothing under way.
    """
    group = _Group(pieces, emit)
    workers = [asyncio.create_task(group.work()) for _ in range(min(at_once, len(pieces)))]
    for worker in workers:
        worker.add_done_callback(group.ended)
    try:
        await asyncio.wait(workers)
    finally:
        for worker in workers:
            worker.cancel()
        await asyncio.gather(*workers, return_exceptions=True)
    for worker in workers:
        worker.result()
    return [group.gave[number] for number in range(len(pieces))]


class _Group(Generic[T]):
    """The pieces of one draft, and how far they are."""

    def __init__(self, pieces: Sequence[Piece[T]], emit: Emit) -> None:
        self.gave: dict[int, T | AppError] = {}
        self._due: Iterator[tuple[int, Piece[T]]] = iter(enumerate(pieces))
        self._total = len(pieces)
        self._emit = emit
        self._asking = 0
        self._stopped = False
        self._moved = asyncio.Event()

    async def work(self) -> None:
        while (due := next(self._due, None)) is not None:
            number, piece = due
            gave = await self._asked(piece)
            self.gave[number] = gave
            self._tell_waiting()
            error = gave.detail if isinstance(gave, AppError) else None
            done = len(self.gave)
            told = {"title": piece.name, "done": done, "total": self._total, "error": error}
            await self._emit("piece", told)

    def ended(self, worker: asyncio.Task[None]) -> None:
        """After one that ended by an error nothing more is begun."""
        if worker.cancelled() or worker.exception():
            self._due, self._stopped = iter(()), True
            self._tell_waiting()

    async def _asked(self, piece: Piece[T]) -> T | AppError:
        while True:
            before = len(self.gave)
            self._asking += 1
            try:
                return await piece.ask()
            except BudgetExceeded as error:
                refused = error
            except (RunCancelled, Unavailable):
                raise
            except AppError as error:
                return error
            finally:
                self._asking -= 1
                self._tell_waiting()
            if refused.code != BudgetExceeded.default_code or not await self._settled(before):
                return refused

    async def _settled(self, before: int) -> bool:
        """Whether another piece has ended since; waits as long as one may."""
        while len(self.gave) == before:
            if not self._asking:
                return False
            await self._moved.wait()
        return not self._stopped

    def _tell_waiting(self) -> None:
        self._moved.set()
        self._moved = asyncio.Event()
