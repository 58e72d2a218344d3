"""What cannot work is one clear line each and an exit code, and never a traceback."""

import json
import os
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from backend.cli import main
from backend.core import config
from backend.core.config import Settings
from tests.workers import environment

NO_SERVER = "postgresql://nobody@127.0.0.1:1/none"
SUPABASE = {
    "SUPABASE_URL": "http://127.0.0.1:1",
    "SUPABASE_ANON_KEY": "a",
    "SUPABASE_SERVICE_KEY": "b",
}
ALL = {"DATABASE_URL": NO_SERVER, "REDIS_URL": "redis://127.0.0.1:1/0", **SUPABASE}


@dataclass(frozen=True)
class Outcome:
    code: int
    output: str
    errors: str

    @property
    def complaints(self) -> list[str]:
        lines = self.errors.splitlines()
        assert all(line.startswith("✗ ") for line in lines), self.errors
        return [line.removeprefix("✗ ") for line in lines]


Command = Callable[..., Outcome]


@pytest.fixture
def raptorflow(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Command:
    """The command in this process, in an empty folder and without settings but those given."""
    for name in {field.upper() for field in Settings.model_fields} & set(os.environ):
        monkeypatch.delenv(name)
    monkeypatch.setattr(config, "_current", None)  # what another test of this process left
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str, **settings: str) -> Outcome:
        for name, value in settings.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(sys, "argv", ["raptorflow", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        output, errors = capsys.readouterr()
        assert isinstance(ended.value.code, int)
        return Outcome(ended.value.code, output, errors)

    return run


class TestSettings:
    @pytest.mark.parametrize("command", ["up", "migrate"])
    def test_half_of_what_belongs_together(self, raptorflow: Command, command: str) -> None:
        outcome = raptorflow(command, DATABASE_URL=NO_SERVER, SUPABASE_URL="http://127.0.0.1:1")
        assert outcome.code == 2
        together = "needed together with DATABASE_URL, SUPABASE_URL"
        assert outcome.complaints == [
            f"SUPABASE_ANON_KEY: {together}",
            f"SUPABASE_SERVICE_KEY: {together}",
        ]

    def test_production_embeds_nothing(self, raptorflow: Command) -> None:
        outcome = raptorflow("up", ENVIRONMENT="production", **SUPABASE)
        why = "needed in production, where nothing is embedded"
        assert outcome.code == 2
        assert outcome.complaints == [f"DATABASE_URL: {why}", f"REDIS_URL: {why}"]

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("ENVIRONMENT", "prod"),
            ("LOG_LEVEL", "loud"),
            ("REDIS_URL", "nonsense"),
            ("WORKER_CONCURRENCY", "none"),
            ("CORS_ORIGINS", "example.com"),
        ],
    )
    def test_a_wrong_one_starts_nothing(
        self, raptorflow: Command, tmp_path: Path, name: str, value: str
    ) -> None:
        outcome = raptorflow("up", "--port=0", **{name: value})
        assert outcome.code == 2
        (line,) = outcome.complaints
        assert line.startswith(f"{name}: ")
        assert list(tmp_path.iterdir()) == []

    def test_a_worker_needs_all_of_them(self, raptorflow: Command) -> None:
        outcome = raptorflow("worker")
        assert outcome.code == 2
        assert [line.partition(":")[0] for line in outcome.complaints] == sorted(ALL, key=order)


def order(name: str) -> int:
    return list(Settings.model_fields).index(name.lower())


class TestServers:
    def test_a_taken_port(self, raptorflow: Command) -> None:
        with socket.create_server(("127.0.0.1", 0)) as other:
            port = other.getsockname()[1]
            outcome = raptorflow("up", f"--port={port}")
        assert outcome.code == 1
        assert outcome.complaints == [f"port {port} is in use; choose another with --port"]

    @pytest.mark.parametrize("command", ["up", "migrate"])
    def test_a_database_that_does_not_answer(self, raptorflow: Command, command: str) -> None:
        outcome = raptorflow(command, *(["--port=0"] if command == "up" else []), **ALL)
        assert outcome.code == 1
        (line,) = outcome.complaints
        assert "Connection refused" in line

    def test_a_data_directory_that_cannot_be_made(self, raptorflow: Command) -> None:
        Path("file").touch()
        outcome = raptorflow("up", "--port=0", "--data-dir=file/data")
        assert outcome.code == 1
        (line,) = outcome.complaints
        assert line.endswith("file/data cannot hold the data: Not a directory")

    def test_a_schema_that_is_behind(
        self, raptorflow: Command, settings: Settings, empty_database: str, owner_of_empty: str
    ) -> None:
        given = environment(settings, DATABASE_URL=empty_database)
        outcome = raptorflow("up", "--port=0", MIGRATION_DATABASE_URL=owner_of_empty, **given)
        assert outcome.code == 1
        (line,) = outcome.complaints
        assert line.endswith("run `raptorflow migrate`")


class TestWithoutAStack:
    def test_token(self, raptorflow: Command) -> None:
        outcome = raptorflow("token", "--email=a@b.example")
        assert (outcome.code, outcome.output) == (1, "")
        assert outcome.complaints == ["no stack is running here: start one with `raptorflow up`"]

    def test_doctor_says_so_and_finds_nothing_wrong(self, raptorflow: Command) -> None:
        outcome = raptorflow("doctor", "--json")
        findings = json.loads(outcome.output)
        assert outcome.code == 0
        assert findings["postgres"]["origin"] == findings["redis"]["origin"] == "embedded"
        assert findings["api"]["detail"].startswith("not running")
        assert findings["invoices"]["origin"] == "embedded"

    def test_doctor_asks_what_is_real(self, raptorflow: Command) -> None:
        outcome = raptorflow("doctor", **ALL)
        assert outcome.code == 1
        marks = {line.split()[1]: line.split()[:3:2] for line in outcome.output.splitlines()}
        assert marks["postgres"] == marks["auth"] == marks["storage"] == ["✗", "real"]
        assert marks["redis"] == ["!", "real"]
        assert marks["invoices"] == ["!", "missing"]
        assert "held until COMPANY_NAME, COMPANY_ADDRESS, COMPANY_GSTIN are set" in outcome.output

    def test_doctor_names_what_the_seller_lacks(self, raptorflow: Command) -> None:
        outcome = raptorflow("doctor", "--json", COMPANY_NAME="Sample Seller")
        invoices = json.loads(outcome.output)["invoices"]
        assert invoices["state"] == "degraded"
        assert invoices["detail"] == "held until COMPANY_ADDRESS, COMPANY_GSTIN are set"

    def test_doctor_names_a_wrong_setting(self, raptorflow: Command) -> None:
        outcome = raptorflow("doctor", "--json", DATABASE_URL=NO_SERVER)
        assert outcome.code == 1
        assert "SUPABASE_URL: needed" in json.loads(outcome.output)["settings"]["detail"]

    @pytest.mark.parametrize("path", ["missing.pdf", "."])
    def test_demo_looks_at_its_files_before_it_starts_anything(
        self, raptorflow: Command, path: str
    ) -> None:
        outcome = raptorflow("demo", "--json", "--evidence", path)
        answer = json.loads(outcome.output)
        assert outcome.code == 1
        assert answer["step"] == f"Upload {Path(path).name}"
        assert outcome.complaints == [answer["error"]]

    def test_demo_on_an_api_of_which_nothing_is_known(self, raptorflow: Command) -> None:
        outcome = raptorflow("demo", "--api-url=http://127.0.0.1:1")
        assert outcome.code == 1
        (line,) = outcome.complaints
        assert "set SUPABASE_URL" in line

    def test_demo_on_an_api_that_does_not_answer(self, raptorflow: Command) -> None:
        outcome = raptorflow("demo", "--api-url=http://127.0.0.1:1", **ALL)
        assert outcome.code == 1
        assert outcome.complaints == ["Sign up: the sign-in service did not answer"]


def test_openapi_needs_nothing(raptorflow: Command, capsys: pytest.CaptureFixture[str]) -> None:
    outcome = raptorflow("openapi")
    assert outcome.code == 0
    assert json.loads(outcome.output)["info"]["title"] == "Raptorflow API"
