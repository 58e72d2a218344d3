"""A crew of worker processes that kill themselves (SIGKILL) at the place their run names; each run once.

`python -m tests.fakes.dying_worker FOLDER SIZE`: settings come from the environment; receipts, markers and
the count of deaths go to the folder. The crew imports everything once and forks, so that the dead are
replaced at once. SIGTERM dismisses it.
"""

import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

from backend import worker
from backend.cognitive.engine import CognitiveEngine
from backend.core.config import get_settings
from backend.core.errors import AppError
from backend.domain.runs import MOST_DEATHS, ClaimedRun, Outcome
from backend.services import embeddings, llm
from tests.fakes import five_calls
from tests.fakes.models import PaidModel

PLACES = ("claimed", "before_purchase", "after_purchase", "journaled", "persisted", "settled")
POISON = "poison"


class Death:
    """Kills the process at most once for each run, unless the run is poison."""

    def __init__(self, markers: Path) -> None:
        self._markers = markers
        self.wish: dict[str, str] = {}
        """Run id -> where its worker dies."""

    def at(self, place: str, run_id: str) -> None:
        wish = self.wish.get(run_id)
        if wish != place and wish != POISON:
            return
        marker = self._markers / run_id
        if wish == POISON or not marker.exists():
            marker.touch()
            os.kill(os.getpid(), signal.SIGKILL)


class MortalEngine(CognitiveEngine):
    """The engine with places to die at."""

    death: Death

    async def _attempt(self, run: ClaimedRun) -> tuple[Outcome, AppError | None]:
        self.death.wish[str(run.id)] = run.request_data["die"]
        if run.deaths < MOST_DEATHS:
            self.death.at("claimed", str(run.id))
        return await super()._attempt(run)

    async def _emit(
        self, run: ClaimedRun, node: str, details: Mapping[str, Any], before: Any = ()
    ) -> None:
        if node == "finish":
            self.death.at("persisted", str(run.id))
        await super()._emit(run, node, details, before)

    async def _end(self, run: ClaimedRun, outcome: Outcome, error: AppError | None) -> None:
        await super()._end(run, outcome, error)
        if error is None:
            self.death.at("settled", str(run.id))


class MortalDoor(llm.ModelDoor):
    """Dies right after an answer has come into the journal."""

    async def _complete(self, call: Any, *answer: Any) -> None:
        await super()._complete(call, *answer)
        MortalEngine.death.at("journaled", str(call.run.id))


def work(folder: Path) -> NoReturn:
    """The life of one worker."""
    death = Death(folder / "markers")
    paid = PaidModel(
        folder / "receipts",
        before=lambda key: death.at("before_purchase", key.split(":")[0]),
        after=lambda key: death.at("after_purchase", key.split(":")[0]),
    )
    MortalEngine.death = death
    llm.PROVIDERS["composer"] = lambda settings: paid
    worker.run(get_settings(), parent=os.getppid())
    os._exit(0)


def keep(folder: Path, size: int) -> None:
    """Keep so many workers alive; whoever does not die by SIGKILL ends the crew with an error."""
    crew: set[int] = set()

    def dismiss(*_: object) -> None:
        for pid in crew:
            os.kill(pid, signal.SIGTERM)
        for pid in crew:
            os.waitpid(pid, 0)
        os._exit(0)

    while True:
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
        while len(crew) < size:
            pid = os.fork()
            if pid == 0:
                signal.signal(signal.SIGTERM, signal.SIG_DFL)
                signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGTERM])
                work(folder)
            crew.add(pid)
        signal.signal(signal.SIGTERM, dismiss)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGTERM])
        pid, status = os.wait()
        crew.discard(pid)
        if os.waitstatus_to_exitcode(status) != -signal.SIGKILL:
            sys.exit(f"a worker ended with {os.waitstatus_to_exitcode(status)}")
        with (folder / "deaths").open("a") as file:
            file.write("x")


if __name__ == "__main__":
    worker.CognitiveEngine = MortalEngine  # type: ignore[misc]
    worker.ModelDoor = MortalDoor  # type: ignore[misc]
    embeddings.warm_up = lambda: None  # these runs need no vectors
    five_calls.install()
    keep(Path(sys.argv[1]), int(sys.argv[2]))
