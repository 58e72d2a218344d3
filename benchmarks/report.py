"""`make trust` and `make bench`: run what shows each row, print the table, write it into docs/.

    python -m benchmarks.report trust|bench [--small] [--only R3,M1 [--append]]

A row is held when all that shows it has passed, and a row that nothing shows is said to be that: both a row
that falls short and one that is not shown make the exit code 1. Only a whole run at full size writes
docs/trust.md or docs/benchmarks.md, with date, versions and machine; `--small` and `--only` just print, and
`--append` sets rows that were run again by themselves below the whole run, whose own words stay.
"""

import argparse
import importlib.metadata
import os
import platform
import re
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.rows import BENCH, SMALL, TRUST, Row

ROOT = Path(__file__).parents[1]
FILES = {"trust": ROOT / "docs" / "trust.md", "bench": ROOT / "docs" / "benchmarks.md"}
TITLES = {"trust": "Trust, as it was run", "bench": "Benchmarks, as they were run"}
VERSIONS = ("fastapi", "uvicorn", "psycopg", "pydantic", "langgraph", "procrastinate", "redis")
FIGURE = re.compile(r"^([A-Z]\d+) +(\S+=.*)$", re.MULTILINE)
VERDICT = re.compile(r"^([A-Z]\d+)  (held|short)$", re.MULTILINE)
HELD, MEASURED, SHORT, ABSENT = "held", "measured", "**FELL SHORT**", "not shown"


@dataclass(frozen=True)
class Shown:
    """What one source (a file of tests, a benchmark) came to."""

    passed: bool
    said: str
    """Its closing words: counts of tests, or the whole output of a benchmark."""

    def holds(self, id: str) -> bool:
        """What it says of this row (`L1  held`), or of itself when it does not name the row."""
        verdicts = dict(VERDICT.findall(self.said))
        return verdicts[id] == "held" if id in verdicts else self.passed


@dataclass(frozen=True)
class Run:
    sources: dict[str, Shown]
    figures: dict[str, list[str]]
    """Row id -> figures that tests wrote down for it."""

    def result(self, row: Row) -> str:
        if not row.shown_by:
            return ABSENT
        passed = MEASURED if row.measured_only else HELD
        return passed if all(self.sources[name].holds(row.id) for name in row.shown_by) else SHORT


def run(rows: Sequence[Row], *, small: bool) -> Run:
    wanted = sorted({name for row in rows for name in row.shown_by})
    tests = [name for name in wanted if name.startswith("tests/")]
    sources, figures = _tests(tests, small=small) if tests else ({}, {})
    for name in wanted:
        if not name.startswith("tests/"):
            sources[name] = _benchmark(name, SMALL[name] if small else ())
    return Run(sources, figures)


def _tests(files: Sequence[str], *, small: bool) -> tuple[dict[str, Shown], dict[str, list[str]]]:
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        command = [sys.executable, "-m", "pytest", "-rs", *files, f"--junitxml={report}"]
        print(f"{len(files)} files of tests ...", file=sys.stderr, flush=True)
        answer = subprocess.run(
            [*command, *([] if small else ["--full"])],
            cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip
        cases = list(ET.parse(report).iter("testcase")) if report.exists() else []
    print(answer.stdout, file=sys.stderr)
    figures: dict[str, list[str]] = {}
    for id, text in FIGURE.findall(answer.stdout):
        figures.setdefault(id, []).append(text)
    return {file: _of_file(file, cases) for file in files}, figures


def _of_file(file: str, cases: Iterable[ET.Element]) -> Shown:
    """A file is passed when it has tests, all of them ran, and none failed."""
    module = file.removesuffix(".py").replace("/", ".")
    own = [case for case in cases if f"{case.get('classname')}.".startswith(f"{module}.")]
    failed = [
        case for case in own if case.find("failure") is not None or case.find("error") is not None
    ]
    skipped = [case for case in own if case.find("skipped") is not None]
    said = f"{len(own)} tests" + "".join(
        f", {len(found)} {word}"
        for found, word in ((failed, "failed"), (skipped, "skipped"))
        if found
    )
    return Shown(bool(own) and not failed and not skipped, said)


def _benchmark(name: str, arguments: Sequence[str]) -> Shown:
    print(f"{name} ...", file=sys.stderr, flush=True)
    answer = subprocess.run(
        [sys.executable, "-m", name, *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    return Shown(answer.returncode == 0, answer.stdout.strip())


# --- the document ------------------------------------------------------------------------------------------


def document(title: str, rows: Sequence[Row], found: Run, about: str) -> str:
    lines = [f"# {title}", "", about, "", "| | What is tried | Holds when | Figure | Result |"]
    lines.append("|---|---|---|---|---|")
    for row in rows:
        told = found.figures.get(row.id) or [
            f"{name.rpartition('/')[2]}: {found.sources[name].said}"
            for name in row.shown_by
            if name.startswith("tests/")
        ]
        figure = "; ".join(told) or ("below" if row.shown_by else "")
        cells = (row.id, row.tried, row.holds_when, figure, found.result(row))
        lines.append(f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |")
    for name, shown in found.sources.items():
        if not name.startswith("tests/"):
            lines += ["", f"## {name}", "", "```", shown.said, "```"]
    return "\n".join(lines) + "\n"


def machine(began: float, load: float) -> str:
    """When, on what, and how busy it was: a figure without these is none."""
    model = re.search(r"^model name\s*: (.+)$", _read("/proc/cpuinfo"), re.MULTILINE)
    memory = re.search(r"MemTotal:\s+(\d+)", _read("/proc/meminfo"))
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in VERSIONS)
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return (
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {(time.monotonic() - began) / 60:.0f} minutes, commit "
        f"{commit.stdout.strip() or 'unknown'}. {os.cpu_count()} cores ({model[1] if model else 'unknown'}), "
        f"{int(memory[1]) // 2**20 if memory else '?'} GiB, load {load:.1f} before, "
        f"{os.getloadavg()[0]:.1f} after. "
        f"{platform.system()} {platform.release()}, Python {platform.python_version()}, {versions}."
    )


def _read(path: str) -> str:
    try:
        return Path(path).read_text()
    except OSError:
        return ""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("which", choices=sorted(FILES))
    parser.add_argument(
        "--small", action="store_true", help="small forms: whether it works, no figures"
    )
    parser.add_argument("--only", help="ids of rows, separated by commas")
    parser.add_argument(
        "--append", action="store_true", help="with --only: add them to the document"
    )
    chosen = parser.parse_args()
    rows = TRUST if chosen.which == "trust" else BENCH
    if chosen.only:
        rows = tuple(row for row in rows if row.id in chosen.only.split(","))
    began, load = time.monotonic(), os.getloadavg()[0]
    found = run(rows, small=chosen.small)
    text = document(TITLES[chosen.which], rows, found, machine(began, load))
    print(text)
    if chosen.append and chosen.only and not chosen.small:
        whole = FILES[chosen.which].read_text()
        again = text.replace(f"# {TITLES[chosen.which]}", "## Run again by themselves", 1)
        FILES[chosen.which].write_text(f"{whole}\n{again}")
    elif chosen.small or chosen.only:
        print("Not written: only a whole run at full size is.", file=sys.stderr)
    else:
        FILES[chosen.which].write_text(text)
    return 0 if all(found.result(row) in (HELD, MEASURED) for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
