"""A whole stack in a folder that is thrown away, for one command."""

import asyncio
import os
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import IO

from backend.local import address
from backend.local.address import Address, StackError
from backend.local.processes import child_environment

START_SECONDS = 90.0
STOP_SECONDS = 20.0
LOOK_SECONDS = 0.05


@asynccontextmanager
async def temporary_stack() -> AsyncIterator[Address]:
    """Run `raptorflow up` beside this process; it ends, and removes its data, with the block or with us."""
    with (
        tempfile.TemporaryDirectory(
            prefix="raptorflow-demo-", ignore_cleanup_errors=True
        ) as directory,
        tempfile.TemporaryFile() as said,
    ):
        folder = Path(directory)
        folder.chmod(0o711)  # as root, Postgres runs as another account and must get to its data
        process = await _start(folder, said)
        try:
            yield await _address_of(process, folder, said)
        finally:
            await _stop(process)


async def _start(folder: Path, said: IO[bytes]) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "backend.cli",
        "up",
        "--port=0",
        "--no-web",
        f"--data-dir={folder}",
        f"--for-process={os.getpid()}",
        stdin=asyncio.subprocess.DEVNULL,
        stdout=said,
        stderr=said,
        env=child_environment(),
        start_new_session=True,
    )


async def _address_of(
    process: asyncio.subprocess.Process, folder: Path, said: IO[bytes]
) -> Address:
    try:
        async with asyncio.timeout(START_SECONDS):
            while process.returncode is None:
                if found := address.find(folder):
                    return found
                await asyncio.sleep(LOOK_SECONDS)
    except TimeoutError:
        reason = f"it was not ready after {START_SECONDS:.0f} s"
    else:
        said.seek(0)
        reason = said.read().decode(errors="replace").strip()[-2000:]
    raise StackError(f"the temporary stack did not start: {reason}")


async def _stop(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.terminate()
    try:
        async with asyncio.timeout(STOP_SECONDS):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()
