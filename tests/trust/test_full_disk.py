"""R10: Postgres on a disk without room, while people read and write."""

import asyncio
import contextlib
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import psycopg
import pytest

from backend.core.config import Settings
from tests.local.holders import temporary_folder
from tests.people import sign_up
from tests.trust.conftest import Figure
from tests.trust.house import House
from tests.trust.load import PATIENCE_SECONDS, Load
from tests.trust.streams import serving_api

DISK = "220m"
FULL_SECONDS = 4.0


@contextlib.contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """A file system of its own, in memory; skips where this account may not mount one."""
    folder.mkdir(mode=0o755)
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={DISK},mode=755", "tmpfs", str(folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip(f"no disk of its own: {mounted.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(disk: Path) -> Path:
    """Take what is left."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while file.write(b"\0" * 65_536):
            continue
    return filler


def answers(own: House) -> bool:
    try:
        with psycopg.connect(own.superuser_dsn, connect_timeout=2) as sql:
            return bool(sql.execute("select true").fetchone())
    except psycopg.OperationalError:
        return False


@pytest.mark.skipif(os.name != "posix" or not shutil.which("mount"), reason="needs mount")
async def test_no_room_for_the_database(settings: Settings, full: bool, figure: Figure) -> None:
    if not full:
        pytest.skip("only with --full: it needs a file system of its own")
    with temporary_folder() as folder, small_disk(folder / "disk") as disk:
        own = House(disk / "postgres", settings)
        try:
            async with (
                serving_api(own.settings) as api,
                httpx.AsyncClient(base_url=api.root, timeout=PATIENCE_SECONDS) as http,
            ):
                people = [
                    sign_up(own.settings, own.superuser_dsn, http, plan="growth") for _ in range(8)
                ]
                load = Load(people, http, at_once=8)
                async with load.running():
                    await asyncio.sleep(2)
                    before = len(load.acknowledged)
                    filler = await asyncio.to_thread(fill, disk)
                    await asyncio.sleep(FULL_SECONDS)
                    without = len(load.acknowledged)
                    survived = await asyncio.to_thread(answers, own)
                    filler.unlink()
                    starting = time.monotonic()
                    if not survived:
                        await asyncio.to_thread(own.rise)
                    again = await load.served_again(starting, 30, in_a_row=20)
                    await asyncio.sleep(1)
                figure(
                    "R10",
                    disk=DISK,
                    requests=len(load.answers),
                    statuses=load.statuses(),
                    acknowledged=(before, without - before, len(load.acknowledged) - without),
                    lost=load.lost(own.superuser_dsn),
                    postgres_survived=survived,
                    serving_s=round(again, 1),
                )
                assert not load.not_expected(503), load.not_expected(503)[:3]
                assert load.statuses().get(503), "it was not missed"
                assert load.lost(own.superuser_dsn) == 0
                assert len(load.acknowledged) > without
        finally:
            own.leave()
