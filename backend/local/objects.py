"""Objects in a folder: each is one file, a line of JSON about it followed by its bytes.

A file's name is the digest of the object's path, so no path can leave the folder, collide with another, or be
too long; a write is complete or absent, because it is made aside and then linked or renamed into place.
"""

import hashlib
import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Self
from uuid import uuid4

MARK = ".bucket"


class NoBucket(Exception):
    """There is no bucket of this name."""


class AlreadyThere(Exception):
    """The bucket or object exists and is not to be replaced."""


@dataclass(frozen=True, slots=True)
class Stored:
    """`id` changes with every write."""

    id: str
    path: str
    content_type: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Bucket:
    name: str
    created_at: datetime

    @classmethod
    def of(cls, folder: Path) -> Self:
        made = (folder / MARK).stat().st_mtime
        return cls(folder.name, datetime.fromtimestamp(made, UTC))


class ObjectFolder:
    """Buckets below a root folder. Names of buckets must have been checked. Everything blocks."""

    def __init__(self, root: Path) -> None:
        self._root = root
        root.mkdir(mode=0o700, parents=True, exist_ok=True)

    def create_bucket(self, name: str) -> None:
        """Raises AlreadyThere."""
        (self._root / name).mkdir(exist_ok=True)
        write_once(self._root / name / MARK, b"")

    def bucket(self, name: str) -> Bucket:
        """Raises NoBucket."""
        return Bucket.of(self._folder(name))

    def buckets(self) -> list[Bucket]:
        return [Bucket.of(mark.parent) for mark in sorted(self._root.glob(f"*/{MARK}"))]

    def put(self, bucket: str, path: str, data: bytes, content_type: str, *, replace: bool) -> str:
        """Store an object and give its id. Raises NoBucket, AlreadyThere."""
        about = {"id": str(uuid4()), "path": path, "content_type": content_type}
        target = self._file(bucket, path)
        target.parent.mkdir(exist_ok=True)
        write = write_over if replace else write_once
        write(target, json.dumps(about).encode() + b"\n" + data)
        return about["id"]

    def get(self, bucket: str, path: str) -> Stored | None:
        """Raises NoBucket."""
        try:
            about, _, data = self._file(bucket, path).read_bytes().partition(b"\n")
        except FileNotFoundError:
            return None
        return Stored(**json.loads(about), data=data)

    def has(self, bucket: str, path: str) -> bool:
        """Raises NoBucket."""
        return self._file(bucket, path).exists()

    def remove(self, bucket: str, path: str) -> bool:
        """Whether there was anything to remove. Raises NoBucket."""
        try:
            self._file(bucket, path).unlink()
        except FileNotFoundError:
            return False
        return True

    def _folder(self, bucket: str) -> Path:
        folder = self._root / bucket
        if not (folder / MARK).exists():
            raise NoBucket
        return folder

    def _file(self, bucket: str, path: str) -> Path:
        digest = hashlib.sha256(path.encode()).hexdigest()
        return self._folder(bucket) / digest[:2] / digest


def write_once(target: Path, data: bytes) -> None:
    """Create a file whole. Raises AlreadyThere, also when another process was first."""
    draft = _draft(target, data)
    try:
        os.link(draft, target)
    except FileExistsError as error:
        raise AlreadyThere from error
    finally:
        draft.unlink()


def write_over(target: Path, data: bytes) -> None:
    """Create or replace a file whole."""
    _draft(target, data).replace(target)


def _draft(target: Path, data: bytes) -> Path:
    draft = target.with_name(f".{uuid4().hex}.draft")
    try:
        with draft.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        draft.unlink(missing_ok=True)
        raise
    return draft
