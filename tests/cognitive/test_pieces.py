"""Pieces of a draft side by side: in order, within their number, around a budget, and how they end."""

import asyncio
from typing import Any

import pytest

from backend.agents.pieces import Piece, side_by_side
from backend.core.errors import AppError, BudgetExceeded
from backend.domain.runs import LeaseLost, RunCancelled
from backend.services.llm import ModelFailed


async def silent(node: str, details: dict[str, Any]) -> None:
    return None


async def test_in_order_whatever_ends_first() -> None:
    def piece(number: int) -> Piece[int]:
        async def ask() -> int:
            await asyncio.sleep((5 - number) / 200)
            return number

        return Piece(str(number), ask)

    assert await side_by_side([piece(n) for n in range(5)], 5, silent) == [0, 1, 2, 3, 4]


async def test_what_waits_for_money_is_asked_again_when_a_bill_is_settled() -> None:
    held = {"now": 0, "refused": 0}

    async def ask() -> str:
        if held["now"] == 2:
            held["refused"] += 1
            raise BudgetExceeded
        held["now"] += 1
        await asyncio.sleep(0.01)
        held["now"] -= 1
        return "bought"

    pieces = [Piece(str(n), ask) for n in range(6)]
    assert await side_by_side(pieces, 6, silent) == ["bought"] * 6
    assert held["refused"]


async def test_without_money_each_is_refused_and_nobody_waits_for_ever() -> None:
    async def ask() -> str:
        raise BudgetExceeded

    pieces = [Piece(str(n), ask) for n in range(6)]
    async with asyncio.timeout(5):
        gave = await side_by_side(pieces, 3, silent)
    assert [type(given) for given in gave] == [BudgetExceeded] * 6


async def test_a_cap_of_its_own_is_not_waited_for() -> None:
    asked_for = []

    async def ask() -> str:
        asked_for.append(1)
        raise BudgetExceeded("no", code="step_budget_exceeded")

    async def slow() -> str:
        await asyncio.sleep(0.02)
        return "bought"

    gave = await side_by_side([Piece("a", ask), Piece("b", slow)], 2, silent)
    assert isinstance(gave[0], AppError)
    assert (gave[1], len(asked_for)) == ("bought", 1)


@pytest.mark.parametrize("error", [RunCancelled(), LeaseLost("run"), ZeroDivisionError()])
async def test_what_ends_the_run_lets_the_others_end_and_begins_none(error: Exception) -> None:
    ended, begun = [], []

    async def good() -> str:
        begun.append(1)
        await asyncio.sleep(0.05)
        ended.append(1)
        return "bought"

    async def bad() -> str:
        await asyncio.sleep(0.01)
        raise error

    pieces = [Piece("bad", bad), *(Piece(str(n), good) for n in range(5))]
    with pytest.raises(type(error)):
        await side_by_side(pieces, 3, silent)
    assert (len(begun), len(ended)) == (2, 2)


async def test_cancelled_it_leaves_nothing_under_way() -> None:
    left = []

    async def ask() -> str:
        try:
            await asyncio.sleep(60)
        finally:
            left.append(1)
        return "never"

    task = asyncio.create_task(side_by_side([Piece(str(n), ask) for n in range(5)], 3, silent))
    await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert len(left) == 3


async def test_a_failure_is_told_to_the_followers() -> None:
    told = []

    async def emit(node: str, details: dict[str, Any]) -> None:
        told.append((node, details))

    async def ask() -> str:
        raise ModelFailed("No.", code="model_refused")

    await side_by_side([Piece("a move", ask)], 3, emit)
    assert told == [("piece", {"title": "a move", "done": 1, "total": 1, "error": "No."})]
