"""`raptorflow up` from outside: what it says, what it survives, and that nothing is left of it."""

import os
import re
import signal
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest

from backend.local import accounts
from tests.cli.running import Up, are_gone, raptorflow, servers_of, up, up_on_a_terminal
from tests.local.holders import temporary_folder

EMAIL = "somebody@example.com"


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with temporary_folder() as path:
        yield path


@pytest.fixture(scope="module")
def stack(folder: Path) -> Iterator[Up]:
    with up(folder / "it's a stack", "--workers=2", COLUMNS="20") as running:
        yield running


def user_of(stack: Up, email: str = EMAIL) -> str:
    """Who the API says one is with a token of `raptorflow token`."""
    made = raptorflow(
        stack.data_dir.parent, "token", "--email", email, "--data-dir", stack.data_dir
    )
    assert made.returncode == 0, made.stderr
    bearer = {"authorization": f"Bearer {made.stdout.strip()}"}
    me = httpx.get(f"{stack.address.api_url}/api/v1/auth/me", headers=bearer, timeout=20)
    assert me.status_code == 200, me.text
    assert me.json()["user"]["email"] == email
    return str(me.json()["user"]["id"])


class TestWhatItSays:
    def test_addresses_and_key_are_whole_lines_however_narrow(self, stack: Up) -> None:
        lines = stack.said.splitlines()
        for value in (stack.address.api_url, stack.address.supabase_url, stack.address.anon_key):
            assert any(line.endswith(f"  {value}") for line in lines)
        assert re.fullmatch(r"Ready in \d+\.\d s\. Ctrl-C stops all of it\.", lines[-1])

    def test_off_a_terminal_it_is_plain(self, stack: Up) -> None:
        assert "\x1b" not in stack.said
        steps = [line.split()[1] for line in stack.said.splitlines() if line.startswith("✓")]
        assert steps == ["Valkey", "Postgres", "Migrations", "Auth", "API"]

    def test_of_a_web_app_that_is_not_wanted_it_says_nothing(self, stack: Up) -> None:
        assert "Web app" not in stack.said

    def test_the_logs_of_its_parts_are_beside_the_data(self, stack: Up) -> None:
        logs = sorted(path.name for path in (stack.data_dir / "logs").iterdir())
        assert logs == ["api.log", "worker-1.log", "worker-2.log"]


class TestWhileItRuns:
    def test_it_is_ready(self, stack: Up) -> None:
        assert stack.ready()

    def test_a_second_one_on_the_same_data_names_the_first(self, stack: Up) -> None:
        second = raptorflow(
            stack.data_dir.parent, "up", "--port=0", "--data-dir", str(stack.data_dir)
        )
        assert second.returncode == 1
        assert f"already, at {stack.address.api_url};" in second.stderr
        assert second.stderr.count("\n") == 1
        assert stack.ready()

    def test_a_token_for_a_new_and_for_a_known_account(self, stack: Up) -> None:
        assert user_of(stack) == user_of(stack)

    def test_a_token_for_what_is_no_address(self, stack: Up) -> None:
        made = raptorflow(
            stack.data_dir.parent, "token", "--email=nobody", "--data-dir", str(stack.data_dir)
        )
        assert made.returncode == 1
        assert "validate email" in made.stderr
        assert made.stdout == ""

    def test_a_killed_worker_is_replaced(self, stack: Up) -> None:
        before = stack.workers()
        before[0].kill()
        assert '"code": -9' in stack.hears("worker_died")
        while len(stack.workers()) < len(before):
            os.sched_yield()
        assert before[0] not in stack.workers()

    def test_a_killed_database_comes_back(self, stack: Up) -> None:
        home = accounts.home_of(stack.data_dir / "postgres")
        psutil.Process(int((home / "data" / "postmaster.pid").read_text().split()[0])).kill()
        assert "Postgres" in stack.hears("server_started_again")
        assert stack.becomes_ready()

    def test_a_killed_cache_comes_back(self, stack: Up) -> None:
        (valkey,) = {p for p in servers_of(stack.data_dir) if "valkey-server" in p.name()}
        valkey.kill()
        assert "Valkey" in stack.hears("server_started_again")
        assert stack.becomes_ready()


class TestItsEnd:
    def test_after_a_kill_nothing_is_left_and_the_next_start_finds_the_data(
        self, folder: Path
    ) -> None:
        data_dir = folder / "used"
        with up(data_dir) as first:
            user, port = user_of(first), first.address.supabase_url
            processes = first.processes()
            first.process.kill()
            assert are_gone(processes)
        with up(data_dir) as second:
            assert (user_of(second), second.address.supabase_url) == (user, port)
            processes = second.processes()
            second.process.send_signal(signal.SIGTERM)
            assert second.process.wait(30) == 0
            assert are_gone(processes, seconds=2)
            assert not (data_dir / "stack.json").exists()

    def test_on_a_terminal_it_shows_progress_and_ends_with_ctrl_c(self, folder: Path) -> None:
        data_dir = folder / "used"
        with up_on_a_terminal(data_dir) as (pid, terminal, said):
            assert "\x1b[" in said
            assert re.search(r"sb_publishable_[\w-]{30,}\r\n", said)
            processes = [psutil.Process(pid), *servers_of(data_dir)]
            os.write(terminal, b"\x03")
            assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
            assert are_gone(processes[1:], seconds=2)
