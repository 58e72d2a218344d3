"""Files in Supabase Storage, also where it is the local one: the same client, the same calls (ADR 0032)."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import httpx

from backend.core import later
from backend.core.errors import AppError, NotFound, Unavailable, UpstreamFailed

if TYPE_CHECKING:
    from storage3 import AsyncStorageClient
    from storage3.exceptions import StorageApiError
    from supabase import AsyncClient

SIGNED_SECONDS = 600
EXCEPTIONS = "storage3.exceptions"


class Storage:
    """Private buckets; paths are `{workspace_id}/{evidence_id}/{name}`.

    Every method raises Unavailable (`storage_unavailable`) or UpstreamFailed (`storage_failed`).
    """

    def __init__(self, connect: Callable[[], Awaitable["AsyncClient"]]) -> None:
        """`connect` gives the client; it is asked when the first file is stored or looked for."""
        self._connect = connect

    async def ensure_bucket(self, bucket: str) -> None:
        """Make the private bucket unless it is there."""
        failed = (await later.module(EXCEPTIONS)).StorageApiError
        async with self._opened() as storage:
            if any(known.id == bucket for known in await storage.list_buckets()):
                return
            try:
                await storage.create_bucket(bucket, options={"public": False})
            except failed as error:
                if not _is(error, 409):  # another process was first
                    raise

    async def put(self, bucket: str, path: str, data: bytes, content_type: str) -> None:
        """Store the bytes, replacing what an attempt before may have left."""
        async with self._opened() as storage:
            options = {"content-type": content_type, "upsert": "true"}
            await storage.from_(bucket).upload(path, data, options)  # type: ignore[arg-type]

    async def get(self, bucket: str, path: str) -> bytes:
        """The bytes. Raises NotFound `file_not_found`."""
        async with self._opened() as storage:
            return await storage.from_(bucket).download(path)

    async def signed_url(self, bucket: str, path: str, seconds: int = SIGNED_SECONDS) -> str:
        """An address that gives the file to whoever has it, for a while. Raises NotFound."""
        async with self._opened() as storage:
            signed = await storage.from_(bucket).create_signed_url(path, seconds)
        return str(signed["signedURL"])

    async def delete(self, bucket: str, paths: list[str]) -> None:
        """Remove files; those that are gone already do not matter."""
        async with self._opened() as storage:
            await storage.from_(bucket).remove(paths)

    @asynccontextmanager
    async def _opened(self) -> AsyncIterator["AsyncStorageClient"]:
        """The storage, its errors named."""
        failed = (await later.module(EXCEPTIONS)).StorageApiError
        storage = (await self._connect()).storage
        try:
            yield storage
        except failed as error:
            raise _named(error) from error
        except httpx.HTTPError as error:
            raise Unavailable(
                "The file storage cannot be reached. Try again shortly.", code="storage_unavailable"
            ) from error


def _named(error: "StorageApiError") -> AppError:
    if _is(error, 404) and error.code == "not_found":
        return NotFound("File not found", code="file_not_found")
    return UpstreamFailed(f"The file storage refused: {error.message}", code="storage_failed")


def _is(error: "StorageApiError", status: int) -> bool:
    """The status is a string in the body of the answer, whose own is always 400."""
    return str(error.status) == str(status)
