"""Runs supabase/tests/*.sql, which the Supabase CLI runs too (`supabase test db`).

pgTAP is SQL alone; Debian's package postgresql-15-pgtap brings the file. Without it these tests say that
they are skipped; the matrix covers the same ground.
"""

import re
from pathlib import Path

import psycopg
import pytest

TESTS = Path(__file__).parents[2] / "supabase" / "tests"
PLAN = re.compile(r"1\.\.(\d+)")


def pgtap_sql() -> str:
    """The newest installed version, as plain SQL."""
    files = Path("/usr/share/postgresql").glob("*/extension/pgtap--*.sql")
    whole = [path for path in files if re.fullmatch(r"pgtap--[\d.]+\.sql", path.name)]
    if not whole:
        pytest.skip("pgTAP is not installed (Debian: apt-get install postgresql-15-pgtap)")
    lines = max(whole).read_text().splitlines()
    return "\n".join(line for line in lines if not line.startswith("\\"))


@pytest.fixture(scope="module")
def pgtap(pg_shared):
    """pgTAP in schema extensions, where a Supabase project has it."""
    with psycopg.connect(pg_shared.owner_dsn, autocommit=True) as owner:
        owner.execute(f"set search_path = extensions; {pgtap_sql()}")
        owner.execute("set search_path = public, extensions")
        yield owner


def run(connection: psycopg.Connection, file: Path) -> list[str]:
    """Every line of TAP the file prints."""
    cursor = connection.execute(file.read_text())
    lines: list[str] = []
    while True:
        if cursor.description:
            lines += [str(value) for row in cursor.fetchall() for value in row]
        if not cursor.nextset():
            return lines


@pytest.mark.parametrize("file", sorted(TESTS.glob("*.sql")), ids=lambda path: path.stem)
def test_file_passes(pgtap: psycopg.Connection, file: Path) -> None:
    lines = run(pgtap, file)
    planned = next(int(found[1]) for line in lines if (found := PLAN.fullmatch(line)))
    assert [line for line in lines if line.startswith("not ok")] == []
    assert sum(line.startswith("ok") for line in lines) == planned
