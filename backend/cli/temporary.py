"""A whole stack in a folder that is thrown away, for one command."""

import asyncio
import os
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from backend.local import address, stack
from backend.local.address import Address, StackError
from backend.local.processes import child_environment

START_SECONDS = 90.0
STOP_SECONDS = 20.0
LOOK_SECONDS = 0.05


@asynccontextmanager
async def temporary_stack() -> AsyncIterator[Address]:
    """Run `raptorflow up` beside this process; it ends with the block, or with this process."""
    with tempfile.TemporaryDirectory(
        prefix="raptorflow-demo-", ignore_cleanup_errors=True
    ) as directory:
        folder = Path(directory)
        folder.chmod(0o711)  # as root, Postgres runs as another account and must get to its data
        process = await _start(folder)
        try:
            yield await _address_of(process, folder)
        finally:
            await _stop(process)
            stack.remove_data(folder / "data")


async def _start(folder: Path) -> asyncio.subprocess.Process:
    with (folder / "up.log").open("wb") as output:
        return await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "backend.cli",
            "up",
            "--port=0",
            "--no-web",
            f"--data-dir={folder / 'data'}",
            f"--exit-with-parent={os.getpid()}",
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=child_environment(),
            start_new_session=True,
        )


async def _address_of(process: asyncio.subprocess.Process, folder: Path) -> Address:
    try:
        async with asyncio.timeout(START_SECONDS):
            while process.returncode is None:
                if found := address.find(folder / "data"):
                    return found
                await asyncio.sleep(LOOK_SECONDS)
    except TimeoutError:
        reason = f"it was not ready after {START_SECONDS:.0f} s"
    else:
        reason = (folder / "up.log").read_text(errors="replace").strip()[-2000:]
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
