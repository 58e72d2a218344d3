"""Migrations run while the service does: squawk's rules, and ours for indexes (ADR 0112)."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "supabase"
FILES = sorted((FOLDER / "migrations").glob("*.sql"))
FIRST_LIVE = "20261127050000"
"""Files from here on may meet rows of customers."""
BEFORE = (
    "constraint-missing-not-valid,adding-foreign-key-constraint,disallowed-unique-constraint"
    ",ban-drop-constraint"
)
"""What the files before did to tables that were empty."""

INDEX = re.compile(
    r"create (?:unique )?index (if not exists )?(?:[\w.]+ )?on (?:only )?(?:public\.)?(\w+)", re.I
)
NEW_TABLE = re.compile(r"create table (?:if not exists )?(?:public\.)?(\w+)", re.I)


def complaints(*files: Path, exclude: str = "") -> list[str]:
    """What squawk says, as `file:line rule`."""
    config = ["--config", str(FOLDER / ".squawk.toml"), "--reporter", "json"]
    # The command line's list takes the place of the file's, so both are given.
    if exclude:
        kept = re.findall(r'^  "([\w-]+)"', (FOLDER / ".squawk.toml").read_text(), re.MULTILINE)
        config += ["--exclude", ",".join([*kept, exclude])]
    squawk = Path(sys.executable).with_name("squawk")
    answer = subprocess.run([squawk, *config, *files], capture_output=True, text=True, check=False)
    assert answer.returncode in (0, 1), answer.stderr
    return [
        f"{Path(each['file']).name}:{each['line'] + 1} {each['rule_name']}"
        for each in json.loads(answer.stdout or "[]")
    ]


def locking_indexes(text: str) -> list[str]:
    """Indexes on tables that stood before, and that nobody can build beforehand."""
    made = {name.lower() for name in NEW_TABLE.findall(text)}
    return [
        table
        for beforehand, table in INDEX.findall(text)
        if not beforehand and table.lower() not in made
    ]


def test_no_migration_takes_anything_from_the_version_that_still_runs() -> None:
    assert complaints(*(f for f in FILES if f.name < FIRST_LIVE), exclude=BEFORE) == []


def test_no_migration_of_a_live_service_locks_it() -> None:
    live = [f for f in FILES if f.name >= FIRST_LIVE]
    assert (complaints(*live) if live else []) == []
    assert {f.name: found for f in live if (found := locking_indexes(f.read_text()))} == {}


@pytest.mark.parametrize(
    ("statement", "rule"),
    [
        ("alter table public.moves drop column goal;", "ban-drop-column"),
        ("alter table public.moves rename column goal to aim;", "renaming-column"),
        ("alter table public.moves alter column goal type integer;", "changing-column-type"),
        ("alter table public.moves add column aim text not null;", "adding-required-field"),
        ("alter table public.moves alter column aim set not null;", "adding-not-nullable-field"),
        (
            "alter table public.moves add constraint aim check (aim <> '');",
            "constraint-missing-not-valid",
        ),
        ("drop table public.moves;", "ban-drop-table"),
    ],
)
def test_what_would_stop_the_service_is_caught(tmp_path: Path, statement: str, rule: str) -> None:
    file = tmp_path / "20270101000000_bad.sql"
    file.write_text(statement)
    assert f"{file.name}:1 {rule}" in complaints(file)


def test_an_index_that_nobody_can_build_beforehand_is_caught() -> None:
    on_old = "create index moves_goal on public.moves (goal);"
    assert locking_indexes(on_old) == ["moves"]
    assert locking_indexes(on_old.replace("index", "index if not exists")) == []
    assert locking_indexes(f"create table public.moves (goal text);\n{on_old}") == []
