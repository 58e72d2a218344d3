"""Files in Supabase Storage, also where it is the local one: the same client, the same calls (ADR 0032)."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
from storage3.exceptions import StorageApiError
from supabase import AsyncClient

from backend.core.errors import AppError, NotFound, Unavailable, UpstreamFailed

SIGNED_SECONDS = 600


class Storage:
    """Private buckets; paths are `{workspace_id}/{evidence_id}/{name}`.

    Every method raises Unavailable (`storage_unavailable`) or UpstreamFailed (`storage_failed`).
    """

    def __init__(self, client: AsyncClient) -> None:
        self._storage = client.storage

    async def ensure_bucket(self, bucket: str) -> None:
        """Make the private bucket unless it is there."""
        async with _named_errors():
            if any(known.id == bucket for known in await self._storage.list_buckets()):
                return
            try:
                await self._storage.create_bucket(bucket, options={"public": False})
            except StorageApiError as error:
                if not _is(error, 409):  # another process was first
                    raise

    async def put(self, bucket: str, path: str, data: bytes, content_type: str) -> None:
        """Store the bytes, replacing what an attempt before may have left."""
        async with _named_errors():
            options = {"content-type": content_type, "upsert": "true"}
            await self._storage.from_(bucket).upload(path, data, options)  # type: ignore[arg-type]

    async def get(self, bucket: str, path: str) -> bytes:
        """The bytes. Raises NotFound `file_not_found`."""
        async with _named_errors():
            return await self._storage.from_(bucket).download(path)

    async def signed_url(self, bucket: str, path: str, seconds: int = SIGNED_SECONDS) -> str:
        """An address that gives the file to whoever has it, for a while. Raises NotFound."""
        async with _named_errors():
            signed = await self._storage.from_(bucket).create_signed_url(path, seconds)
        return str(signed["signedURL"])

    async def delete(self, bucket: str, paths: list[str]) -> None:
        """Remove files; those that are gone already do not matter."""
        async with _named_errors():
            await self._storage.from_(bucket).remove(paths)


@asynccontextmanager
async def _named_errors() -> AsyncIterator[None]:
    try:
        yield
    except StorageApiError as error:
        raise _named(error) from error
    except httpx.HTTPError as error:
        raise Unavailable(
            "The file storage cannot be reached. Try again shortly.", code="storage_unavailable"
        ) from error


def _named(error: StorageApiError) -> AppError:
    if _is(error, 404) and error.code == "not_found":
        return NotFound("File not found", code="file_not_found")
    return UpstreamFailed(f"The file storage refused: {error.message}", code="storage_failed")


def _is(error: StorageApiError, status: int) -> bool:
    """The status is a string in the body of the answer, whose own is always 400."""
    return str(error.status) == str(status)
