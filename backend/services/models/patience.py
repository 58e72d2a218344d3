"""How long a provider is waited for: retries with pauses, and a breaker that stops asking what is down.

This is the one layer that retries a model call; clients are told to try once.
"""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass

from backend.core.errors import Unavailable
from backend.services.models.contract import ModelFailed, State

FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.5, 20.0
FAILURES_TO_OPEN = 5
OPEN_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Patience:
    """How often a call is tried, and how long it pauses in between."""

    max_attempts: int = 3
    first_pause_seconds: float = FIRST_PAUSE_SECONDS

    def pause(self, failure: ModelFailed, attempt: int, seconds_left: float) -> float | None:
        """Seconds before the next attempt, or None when there is to be none.

        A provider's own Retry-After is the least it waits; one beyond the deadline ends the call at once.
        """
        if not failure.retryable or attempt >= self.max_attempts:
            return None
        grown = min(self.first_pause_seconds * 2 ** (attempt - 1), LONGEST_PAUSE_SECONDS)
        jittered = grown * random.uniform(0.5, 1.0)  # noqa: S311  # spreads load, hides nothing
        pause = max(jittered, failure.retry_after or 0.0)
        return pause if pause < seconds_left else None


class Breaker:
    """Opens after some failures in a row; while open nothing is asked, then one call tries the way."""

    def __init__(
        self,
        failures_to_open: int = FAILURES_TO_OPEN,
        open_seconds: float = OPEN_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._limit = failures_to_open
        self._open_seconds = open_seconds
        self._clock = clock
        self._failures = 0
        self._open_until = 0.0
        self.last_failure = ""

    @property
    def state(self) -> State:
        if self._failures >= self._limit:
            return "down"
        return "degraded" if self._failures else "ok"

    def check(self) -> None:
        """Raise Unavailable while open. Then one call may try, and the others wait for what it finds."""
        if self._failures < self._limit:
            return
        left = self._open_until - self._clock()
        if left > 0:
            raise Unavailable(
                "The model does not answer at the moment. Try again shortly.",
                code="model_unavailable",
                headers={"Retry-After": str(max(round(left), 1))},
            )
        self._open_until = self._clock() + self._open_seconds

    def failed(self, why: str) -> None:
        self._failures += 1
        self.last_failure = why
        if self._failures >= self._limit:
            self._open_until = self._clock() + self._open_seconds

    def succeeded(self) -> None:
        self._failures = 0
