"""What a command is busy with: a spinner and a line for each finished part; plain lines off a terminal."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console

NAME_WIDTH = 18


class Interrupted(Exception):
    """The user wants no more of it."""


class Steps:
    """`with steps.step("Postgres") as say:` around each part, from any thread; `with steps:` shows them."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._status = console.status("Starting")
        self._interrupted = False

    def __enter__(self) -> "Steps":
        self._status.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._status.stop()

    def interrupt(self) -> None:
        """Let the next step raise Interrupted instead of going on."""
        self._interrupted = True

    @contextmanager
    def step(self, name: str) -> Iterator[Callable[[str], None]]:
        """Time one part and print a line once it is done; nothing when it raises."""
        began = time.perf_counter()
        self._show(name)
        yield lambda detail: self._show(f"{name}: {detail}")
        seconds = time.perf_counter() - began
        line = f"[green]✓[/green] {name:<{NAME_WIDTH}}[dim]{seconds:.1f} s[/dim]"
        self._console.print(line, highlight=False)

    def _show(self, text: str) -> None:
        if self._interrupted:
            raise Interrupted
        self._status.update(text)
