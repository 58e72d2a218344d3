"""Ordinary requests of many people at once, with each answer and what must be there at the end."""

import asyncio
import contextlib
import itertools
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from uuid import UUID

import httpx
import psycopg

from tests.people import Person

PATIENCE_SECONDS = 30.0
KEPT = "select id from public.icp_profiles where id = any (%s)"


@dataclass(frozen=True)
class Answered:
    """One request: when it ended (monotonic), how long it took, what came. Status 0: the connection broke."""

    at: float
    seconds: float
    status: int
    body: str
    well_formed: bool
    """A success, or a problem document; a 503 says when to come back."""


class Load:
    """Everybody reads and writes in turns until told to stop, with a `pause` in seconds between.

    `acknowledged` are the writes that were answered well.
    """

    def __init__(
        self, people: Sequence[Person], http: httpx.AsyncClient, at_once: int, pause: float = 0.0
    ) -> None:
        self._people = itertools.cycle(people)
        self._http = http
        self._at_once = at_once
        self._pause = pause
        self._stopped = False
        self.answers: list[Answered] = []
        self.acknowledged: list[UUID] = []

    def stop(self) -> None:
        self._stopped = True

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        async with asyncio.TaskGroup() as group:
            for number in range(self._at_once):
                group.create_task(self._one(number, next(self._people)))
            yield
            self.stop()

    async def _one(self, number: int, person: Person) -> None:
        headers = {"authorization": f"Bearer {person.token}"}
        for turn in itertools.count():
            if self._stopped:
                return
            await asyncio.sleep(self._pause)
            if turn % 2:
                await self._ask("GET", "/moves?limit=20", headers=headers)
            else:
                body = {"name": f"Shops {number}-{turn}"}
                answer = await self._ask("POST", "/icps", headers=headers, json=body)
                if answer is not None and answer.is_success:
                    self.acknowledged.append(UUID(answer.json()["icp"]["id"]))

    async def _ask(self, method: str, path: str, **options: object) -> httpx.Response | None:
        began = time.monotonic()
        try:
            answer = await self._http.request(method, f"/api/v1{path}", **options)  # type: ignore[arg-type]
        except httpx.TransportError as error:
            await asyncio.sleep(0.05)
            self._note(began, 0, type(error).__name__, well_formed=False)
            return None
        form = answer.headers.get("content-type", "")
        refused = form == "application/problem+json"
        well_formed = answer.is_success or (refused and "retry-after" in answer.headers)
        self._note(began, answer.status_code, answer.text[:300], well_formed=well_formed)
        if not answer.is_success:
            await asyncio.sleep(0.05)
        return answer

    def _note(self, began: float, status: int, body: str, *, well_formed: bool) -> None:
        now = time.monotonic()
        self.answers.append(Answered(now, now - began, status, body, well_formed))

    # --- what came of it --------------------------------------------------------------------------------

    def since(self, moment: float) -> list[Answered]:
        return [answer for answer in self.answers if answer.at >= moment]

    async def served_again(self, after: float, seconds: float, in_a_row: int) -> float:
        """Seconds from `after` until the first of so many successes without a failure between."""
        async with asyncio.timeout(seconds):
            while True:
                last = self.since(after)[-in_a_row:]
                if len(last) == in_a_row and all(200 <= a.status < 300 for a in last):
                    return self._first_of_the_good(after) - after
                await asyncio.sleep(0.02)

    def _first_of_the_good(self, after: float) -> float:
        """The first success after the last failure."""
        found = self.since(after)
        bad = [n for n, answer in enumerate(found) if not 200 <= answer.status < 300]
        return found[bad[-1] + 1 if bad else 0].at

    def statuses(self) -> dict[int, int]:
        return dict(sorted(Counter(answer.status for answer in self.answers).items()))

    def not_expected(self, *statuses: int) -> list[Answered]:
        """Answers that are neither a success nor a well-formed one of these."""
        return [
            a
            for a in self.answers
            if not (a.well_formed and (200 <= a.status < 300 or a.status in statuses))
        ]

    def lost(self, dsn: str) -> int:
        """How many acknowledged writes are not in the database."""
        with psycopg.connect(dsn) as sql:
            kept = sql.execute(KEPT, (self.acknowledged,)).fetchall()
        return len(self.acknowledged) - len(kept)
