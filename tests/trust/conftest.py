"""What must hold when things go wrong (TRUST): small in the suite, with `make trust` at full size."""

from collections.abc import Callable

import pytest

FIGURES: list[str] = []
Figure = Callable[..., None]


@pytest.fixture
def full(request: pytest.FixtureRequest) -> bool:
    """Whether the figures are wanted, or only that it works."""
    return bool(request.config.getoption("--full"))


@pytest.fixture
def figure() -> Figure:
    """Writes down a figure: `figure("R3", streams=500, errors=0)`."""

    def note(id: str, **values: object) -> None:
        FIGURES.append(f"{id:4}" + "  ".join(f"{name}={value}" for name, value in values.items()))

    return note


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if FIGURES:
        terminalreporter.section("figures")
        for line in FIGURES:
            terminalreporter.line(line)
