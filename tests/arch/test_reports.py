"""The tables of `make trust` and `make bench` name what exists, and cannot call held what was not shown."""

from pathlib import Path

import pytest

from benchmarks.report import HELD, Run, Shown, document
from benchmarks.rows import BENCH, SMALL, TRUST, Row

ROOT = Path(__file__).parents[2]
LOOKED = "tests/a.py"


def test_every_source_of_a_row_exists() -> None:
    sources = {name for row in (*TRUST, *BENCH) for name in row.shown_by}
    modules = {name for name in sources if not name.startswith("tests/")}
    files = {name.replace(".", "/") + ".py" for name in modules} | (sources - modules)
    assert [file for file in sorted(files) if not (ROOT / file).exists()] == []
    assert modules <= set(SMALL)
    assert len({row.id for row in TRUST}) == len(TRUST)


def test_a_benchmark_of_two_rows_says_which_is_held() -> None:
    rows = [Row(id, "a", "b", ("benchmarks.x",)) for id in ("L1", "L2")]
    found = Run({"benchmarks.x": Shown(False, "ratio  0.3\nL1  short\nL2  held")}, {})
    assert [found.result(row) == HELD for row in rows] == [False, True]


@pytest.mark.parametrize(
    ("shown_by", "passed", "held"),
    [((LOOKED,), True, True), ((LOOKED,), False, False), ((), True, False)],
)
def test_held_is_only_what_was_shown(shown_by: tuple[str, ...], passed: bool, held: bool) -> None:
    row = Row("R1", "a | b", "c", shown_by)
    found = Run({LOOKED: Shown(passed, "3 tests")}, {})
    assert (found.result(row) == HELD) is held
    (line,) = [line for line in document("T", [row], found, "now").splitlines() if "R1" in line]
    assert line.count("|") == 6
