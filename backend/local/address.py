"""Where the stack of a data directory is, for `demo`, `doctor` and `token`; and that there is only one.

A stack holds a lock for as long as it lives, so word of one that was killed is never believed.
"""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

LOCK, FILE = "stack.lock", "stack.json"


class StackError(Exception):
    """Why the stack cannot run, in one sentence."""


@dataclass(frozen=True)
class Address:
    """What a client needs to know of a stack that is ready."""

    api_url: str
    supabase_url: str
    anon_key: str


@contextmanager
def sole(data_dir: Path) -> Iterator[None]:
    """Be the one stack of this directory. Raises StackError that says where the other one is."""
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        lock = os.open(data_dir / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise StackError(f"{data_dir} cannot hold the data: {error.strerror}") from error
    try:
        if not _try(lock, fcntl.LOCK_EX):
            raise StackError(_where_the_other_is(data_dir))
        withdraw(data_dir)  # what one that was killed has left
        yield
    finally:
        os.close(lock)


def _where_the_other_is(data_dir: Path) -> str:
    other = _read(data_dir)
    where = f"at {other.api_url}" if other else "and is still starting, or stopping"
    return f"a stack runs on {data_dir} already, {where}; choose another --data-dir"


def publish(data_dir: Path, address: Address) -> None:
    """Leave word of a stack that is ready; only its owner may read it."""
    aside = data_dir / f"{FILE}.new"
    aside.touch(mode=0o600)
    aside.write_text(json.dumps(asdict(address)))
    aside.replace(data_dir / FILE)


def withdraw(data_dir: Path) -> None:
    """Nobody is sent to this stack any more."""
    (data_dir / FILE).unlink(missing_ok=True)


def find(data_dir: Path) -> Address | None:
    """The stack that is ready on this directory."""
    address = _read(data_dir)
    return address if address and is_taken(data_dir) else None


def is_taken(data_dir: Path) -> bool:
    """Whether a stack runs, starts or stops on this directory."""
    try:
        lock = os.open(data_dir / LOCK, os.O_RDONLY)
    except OSError:
        return False
    try:
        return not _try(lock, fcntl.LOCK_SH)
    finally:
        os.close(lock)


def _read(data_dir: Path) -> Address | None:
    try:
        return Address(**json.loads((data_dir / FILE).read_text()))
    except (OSError, ValueError, TypeError):
        return None


def _try(lock: int, kind: int) -> bool:
    try:
        fcntl.flock(lock, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
