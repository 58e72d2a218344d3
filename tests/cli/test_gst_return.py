"""`raptorflow gstr1` on a real database, as a process of its own."""

from pathlib import Path

from backend.core.config import Settings
from tests.cli.running import raptorflow
from tests.workers import environment


def test_a_month(settings: Settings, tmp_path: Path) -> None:
    ended = raptorflow(tmp_path, "gstr1", "--month=2029-01", **environment(settings))
    assert (ended.returncode, ended.stderr) == (0, "")
    (head,) = ended.stdout.splitlines()
    assert head.startswith("section,gstin,name,document,date,")


def test_no_month(tmp_path: Path) -> None:
    ended = raptorflow(tmp_path, "gstr1", "--month=november")
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr == "✗ A month is written like 2026-11.\n"


def test_no_stack(tmp_path: Path) -> None:
    ended = raptorflow(tmp_path, "gstr1", "--month=2029-01")
    assert ended.returncode == 1
    assert ended.stderr.startswith("✗ no stack has run here")
