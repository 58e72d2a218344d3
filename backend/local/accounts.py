"""Which system account runs the embedded Postgres, which refuses to run as root.

As an ordinary user: that user. As root: `postgres` if there is such an account, else `nobody`. Nothing on the
machine is changed for it: no account is made and no permission of a folder outside ours is touched.
"""

import os
import pwd
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

STATE = Path("/var/lib/raptorflow")
"""Where data and binaries go when root's own folders are closed to the other account."""


@dataclass(frozen=True)
class Account:
    """`None` stands for the account of this process."""

    uid: int | None = None
    gid: int | None = None

    @property
    def process_options(self) -> dict[str, Any]:
        """Keyword arguments for `subprocess` that run the child as this account."""
        if self.uid is None:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def own(self, *paths: Path) -> None:
        if self.uid is not None and self.gid is not None:
            for path in paths:
                os.chown(path, self.uid, self.gid)

    def reaches(self, path: Path) -> bool:
        """Whether this account may enter every folder on the way to `path`."""
        return self.uid is None or all(self._enters(p) for p in (path, *path.parents) if p.exists())

    def _enters(self, path: Path) -> bool:
        status = path.stat()
        if status.st_uid == self.uid:
            return bool(status.st_mode & 0o100)
        return bool(status.st_mode & (0o010 if status.st_gid == self.gid else 0o001))


def server_account() -> Account:
    """The account that Postgres runs as."""
    if os.geteuid() != 0:
        return Account()
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid)
    return Account(65534, 65534)


def reachable_data(directory: Path, account: Account) -> Path:
    """The directory itself, or its stand-in under STATE when the account cannot get there."""
    if account.reaches(directory):
        return directory
    return STATE / "data" / directory.as_posix().strip("/").replace("/", "-")


def reachable_tree(package: Path, marker: Path, account: Account) -> Path:
    """The package's folder, or a copy of it (with its `.libs` neighbour) that the account can read.

    `marker` is a file of the package whose size and time identify the version.
    """
    if account.reaches(marker):
        return package
    status = marker.stat()
    copy = STATE / "binaries" / f"{package.name}-{status.st_size}-{int(status.st_mtime)}"
    if not (copy / "complete").exists():
        shutil.copytree(package, copy / package.name, symlinks=True, dirs_exist_ok=True)
        libraries = package.parent / f"{package.name}.libs"  # found by the binaries' relative rpath
        if libraries.exists():
            shutil.copytree(libraries, copy / libraries.name, dirs_exist_ok=True)
        _open_for_reading(copy)
        (copy / "complete").touch()
    return copy / package.name


def _open_for_reading(tree: Path) -> None:
    for path in (STATE, tree.parent, tree, *tree.rglob("*")):
        if not path.is_symlink():
            mode = path.stat().st_mode
            executable = path.is_dir() or bool(mode & 0o100)
            path.chmod(mode | (0o055 if executable else 0o044))
