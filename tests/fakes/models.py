"""A model that bills, without a network: it answers with the skill's own composer and keeps its receipts."""

import asyncio
import json
import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from backend.services.llm import ModelReply, ModelRequest

COST_MICRO_USD = 1_000
CAP_MICRO_USD = 1_500
PRICE = {"model": "paid-1", "input_usd": 0.1, "output_usd": 0.4, "as_of": "2026-11-01"}

Moment = Callable[[str], None]
"""Called with the idempotency key of a purchase."""


class PaidModel:
    """Bills `cost` for each answer, at most `cap`. Receipts go to a file: they outlive the process."""

    name = "paid"

    def __init__(
        self,
        receipts: Path,
        *,
        cost: int | None = COST_MICRO_USD,
        cap: int = CAP_MICRO_USD,
        live: bool = False,
        before: Moment = lambda key: None,
        after: Moment = lambda key: None,
    ) -> None:
        self.receipts = receipts
        self.live = live
        self.gate = asyncio.Event()
        """Answers wait for it."""
        self.gate.set()
        self._cost = cost
        self._cap = cap
        self._before = before
        self._after = after

    async def load(self) -> None:
        """It is here."""

    async def aclose(self) -> None:
        """It holds nothing."""

    def cap_micro_usd(self, request: ModelRequest) -> int:
        return self._cap

    async def generate(self, request: ModelRequest, idempotency_key: str) -> ModelReply:
        self._before(idempotency_key)
        await self.gate.wait()
        self._bill(idempotency_key)
        self._after(idempotency_key)
        assert request.compose is not None
        return ModelReply(
            request.compose(),
            model="paid-1",
            tokens_input=100,
            tokens_output=40,
            cost_micro_usd=self._cost,
            price=PRICE,
        )

    def _bill(self, key: str) -> None:
        with self.receipts.open("a") as file:
            file.write(json.dumps(key) + "\n")
            file.flush()
            os.fsync(file.fileno())


def purchases(receipts: Path) -> Counter[str]:
    """How often each call was bought."""
    if not receipts.exists():
        return Counter()
    return Counter(json.loads(line) for line in receipts.read_text().splitlines())
