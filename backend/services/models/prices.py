"""Prices by model and day (`prices.yaml`): what a call may cost, and what it did cost, in micro-USD.

USD per million tokens is micro-USD per token. A model that is not listed has no price: its cost is unknown,
charged at the card's cap and never shown as 0.
"""

import functools
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import ROUND_CEILING, Decimal
from pathlib import Path
from typing import Any

from backend.core import data_files

_DATA = Path(__file__).with_name("prices.yaml")
BYTES_PER_TOKEN = 3
"""A cautious reading: English has about four, Devanagari three, runs of digits fewer."""


@dataclass(frozen=True, slots=True)
class Rates:
    """Micro-USD per token."""

    input: Decimal
    output: Decimal
    cached: Decimal


@dataclass(frozen=True, slots=True)
class Price:
    """The row of one model on one day."""

    model: str
    rates: Rates
    since: date | None
    above_tokens: int | None
    above: Rates | None
    source: str
    as_of: str

    def _rates(self, tokens_input: int) -> Rates:
        if self.above and self.above_tokens and tokens_input > self.above_tokens:
            return self.above
        return self.rates

    def cost_micro_usd(self, tokens_input: int, tokens_output: int, tokens_cached: int = 0) -> int:
        """The bill, rounded up. `tokens_cached` are part of the input."""
        rates = self._rates(tokens_input)
        cached = min(tokens_cached, tokens_input)
        cost = (tokens_input - cached) * rates.input + cached * rates.cached
        return int((cost + tokens_output * rates.output).to_integral_value(ROUND_CEILING))

    def affordable_output(self, tokens_input: int, micro_usd: int) -> int:
        """How many tokens of output the rest of that money buys; 0 when the input alone is dearer."""
        rates = self._rates(tokens_input)
        return max(int((micro_usd - tokens_input * rates.input) // rates.output), 0)

    def row(self, tokens_input: int) -> dict[str, Any]:
        """What is kept with a call: the rates that were applied, and where they come from."""
        rates = self._rates(tokens_input)
        return {
            "model": self.model,
            "input_usd_per_million": str(rates.input),
            "output_usd_per_million": str(rates.output),
            "cached_usd_per_million": str(rates.cached),
            "from": self.since.isoformat() if self.since else None,
            "source": self.source,
            "as_of": self.as_of,
        }


@functools.lru_cache(maxsize=1)
def _table() -> dict[str, Any]:
    table: dict[str, Any] = data_files.read(_DATA)
    return table


def price_of(model: str, on: date | None = None) -> Price | None:
    """The price of a model on a day (today, UTC); None for a model that is not listed."""
    table = _table()
    day = on or datetime.now(UTC).date()
    rows = [
        row
        for row in table["models"].get(model.removeprefix("models/"), [])
        if row.get("from", date.min) <= day
    ]
    if not rows:
        return None
    row = max(rows, key=lambda row: row.get("from", date.min))
    above = row.get("above")
    return Price(
        model=model,
        rates=_rates(row),
        since=row.get("from"),
        above_tokens=above["tokens"] if above else None,
        above=_rates(above) if above else None,
        source=table["source"],
        as_of=table["as_of"],
    )


def estimated_tokens(text: str) -> int:
    """Tokens a text may have, on the high side."""
    return len(text.encode()) // BYTES_PER_TOKEN + 1


def _rates(row: dict[str, Any]) -> Rates:
    return Rates(Decimal(row["input"]), Decimal(row["output"]), Decimal(row["cached"]))
