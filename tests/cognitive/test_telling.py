"""Events of a run are written in order, together where they come together, and none waits for good."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from backend.cognitive.telling import Teller, Told
from backend.domain.runs import LeaseLost


class Log:
    """What was written, a list for each trip; raises what it is told to."""

    def __init__(self) -> None:
        self.trips: list[list[str]] = []
        self.written = asyncio.Event()
        self.refusal: Exception | None = None

    async def __call__(
        self, node: str, details: Mapping[str, Any], before: Sequence[Told] = ()
    ) -> None:
        self.trips.append([*(earlier for earlier, _ in before), node])
        self.written.set()
        if self.refusal:
            raise self.refusal


async def test_a_quick_node_waits_for_the_next_event() -> None:
    log = Log()
    teller = Teller(log)
    await teller.tell("perceive", {})
    await teller.tell("act", {"skill": "copy"})
    assert log.trips == []
    await teller.tell("act", {"ms": 3})
    await teller.flush()
    assert log.trips == [["perceive", "act", "act"]]


async def test_no_event_waits_long_for_the_next() -> None:
    log = Log()
    teller = Teller(log)
    await teller.tell("perceive", {})
    await asyncio.wait_for(log.written.wait(), 5)
    await teller.tell("plan", {})
    assert log.trips == [["perceive"], ["plan"]]


async def test_a_piece_of_an_answer_never_waits() -> None:
    log = Log()
    await Teller(log).tell("delta", {"skill": "copy", "text": "a"})
    assert log.trips == [["delta"]]


async def test_a_lost_run_is_told_to_who_tells_next() -> None:
    log = Log()
    log.refusal = LeaseLost("run")
    teller = Teller(log)
    await teller.tell("reflect", {})
    await asyncio.wait_for(log.written.wait(), 5)
    with pytest.raises(LeaseLost):
        await teller.tell("approve", {})
