"""The `raptorflow` command."""

import time

_STARTED = time.perf_counter()  # before the imports, which take a while


def seconds_since_start() -> float:
    """How long this process has been running."""
    return time.perf_counter() - _STARTED


def main() -> None:
    """Run the command line."""
    from backend.cli.commands import run

    run()
