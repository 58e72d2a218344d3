"""The evidence vault: a file or a page comes in, its text and its bytes are kept, or nothing is.

Order matters: read (refuses what cannot be used), store the bytes, then the row. What the row is refused for
takes the bytes away again; a crash in between leaves an object that no row names, never a row without its
object.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import procrastinate
import structlog

from backend.core.auth import AuthenticatedUser
from backend.core.config import Settings
from backend.core.database import Database
from backend.core.errors import AppError, Conflict, NotFound, Unavailable
from backend.domain import evidence, file_dues, onboarding
from backend.domain.evidence import MAX_ITEMS
from backend.services import jobs
from backend.services.documents import DocumentText, check_size, read_document
from backend.services.egress import Egress
from backend.services.pages import Page, fetch_page
from backend.services.storage import SIGNED_SECONDS, Storage

log = structlog.get_logger(__name__)

UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
CONTROL = re.compile(r"[\x00-\x1f\x7f]")
BYTES = "application/octet-stream"
"""Of a file that was not read yet."""
PAGE_TEXT = "text/plain; charset=utf-8"
"""Of a page its text is stored, whatever the page was made of."""


class Vault:
    """One per process: it keeps the outbound client and the storage port."""

    def __init__(
        self,
        database: Database,
        storage: Storage,
        egress: Egress,
        settings: Settings,
        queue: procrastinate.App,
    ) -> None:
        self._queue = queue
        self._database = database
        self._storage = storage
        self._egress = egress
        self._bucket = settings.evidence_bucket
        self._bucket_is_there = False

    async def add_file(
        self, user: AuthenticatedUser, session_id: UUID, name: str, data: bytes
    ) -> dict[str, Any]:
        """Keep a file and its text. The same bytes twice give the item that is there already.

        Raises NotFound (session), Conflict (completed, full), Forbidden (the plan's storage),
        UnsupportedMedia, Unprocessable, PayloadTooLarge; see `read_document`.
        """
        await evidence.check_room(self._database.reader(user), session_id, len(data))
        digest = hashlib.sha256(data).hexdigest()
        known = await evidence.duplicate_of(self._database.reader(user), session_id, digest)
        if known:
            return known
        name = _last_part(name)
        document = await read_document(name, data)
        item = {"id": uuid4(), **_text_of(document, name, digest, len(data))}
        return await self._keep(user, session_id, item, data, document.content_type)

    async def add_file_unread(
        self, user: AuthenticatedUser, session_id: UUID, name: str, data: bytes
    ) -> dict[str, Any]:
        """Keep a file's bytes now and have a worker read them: the item is `pending` until then.

        What the text is refused for is said on the item. Raises as `add_file` does for the rest.
        """
        await evidence.check_room(self._database.reader(user), session_id, len(data))
        digest = hashlib.sha256(data).hexdigest()
        known = await evidence.duplicate_of(self._database.reader(user), session_id, digest)
        if known:
            return known
        check_size(data)
        item = _waiting("file", name=_last_part(name), sha256=digest, size=len(data))
        kept = await self._keep(user, session_id, item, data, BYTES)
        if kept["id"] == item["id"]:
            await jobs.queue_reading(self._queue, self._database, user, [item["id"]])
        return kept

    async def add_url(
        self, user: AuthenticatedUser, session_id: UUID, url: str, pages: int = 1
    ) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        """Keep the readable text of a page, fetched through the one guarded client.

        With `pages` > 1 up to so many less one of the pages it links to, of its own site, follow it; they are
        `pending` until a worker has read them, and each fails alone. Returns the page's item and theirs.
        """
        reader = self._database.reader(user)
        await evidence.check_room(reader, session_id)
        page = await fetch_page(url, self._egress)
        read = _of_page(page)
        item = {"id": uuid4(), **read.row}
        known = await evidence.duplicate_of(reader, session_id, item["sha256"])
        kept = known or await self._keep(user, session_id, item, read.data, PAGE_TEXT)
        return kept, await self._follow(user, session_id, page, pages - 1)

    async def _follow(
        self, user: AuthenticatedUser, session_id: UUID, page: Page, most: int
    ) -> list[dict[str, Any]]:
        """Put the pages that a page leads to into the vault, to be read; as many as it takes."""
        reader = self._database.reader(user)
        known = {item["url"] for item in await evidence.listing(reader, session_id)}
        links = [link for link in page.same_site if link not in known] if most > 0 else []
        if not links:
            return []
        room = MAX_ITEMS - len(await evidence.listing(reader, session_id))
        stored: list[dict[str, Any]] = []
        async with self._database.workspace(user) as tx:
            for link in links[: max(0, min(most, room))]:
                digest = hashlib.sha256(f"url {link}".encode()).hexdigest()
                item = _waiting("url", name=link, sha256=digest, url=link)
                stored.append(await evidence.add(tx, session_id, item))
        ids = [item["id"] for item in stored]
        await jobs.queue_reading(self._queue, self._database, user, ids)
        return stored

    async def read(self, user: AuthenticatedUser, id: UUID) -> None:
        """Read an item that waits for it: the worker's part. Twice is as good as once.

        What cannot be read fails alone, with a sentence. Raises Unavailable: to be tried again.
        """
        async with self._database.workspace(user) as tx:
            row = await evidence.begin(tx, id)
        if row is None:
            return
        try:
            await self._read(user, row)
        except Unavailable:
            raise
        except AppError as error:
            log.info("evidence_not_read", evidence_id=str(id), code=error.code)
            async with self._database.workspace(user) as tx:
                await evidence.fail(tx, id, error.detail)

    async def _read(self, user: AuthenticatedUser, row: dict[str, Any]) -> None:
        if row["source_type"] == "url":
            read = _of_page(await fetch_page(row["url"], self._egress))
            path = _path(user, row["id"], read.row["source_name"])
            await self._store(path, row["id"], read.data, PAGE_TEXT)
        else:
            path = row["storage_path"]
            data = await self._storage.get(self._bucket, path)
            document = await read_document(row["source_name"], data)
            read = _Read(_text_of(document, row["source_name"], row["sha256"], len(data)), data)
        async with self._database.workspace(user) as tx:
            kept = await evidence.finish(tx, row, {**read.row, "storage_path": path})
            if kept:
                await onboarding.evidence_changed(tx, row["session_id"])
        if not kept:  # removed in the meantime, or there under another address
            await self._storage.delete(self._bucket, [path])

    async def remove(self, user: AuthenticatedUser, session_id: UUID, id: UUID) -> None:
        """Take an item out; what was derived from it is stale.

        Raises NotFound, Conflict (`onboarding_completed`: the truth sheet quotes it; `step_running`).
        """
        stored = (await evidence.detail(self._database.reader(user), session_id, id))[
            "storage_path"
        ]
        if stored:
            await self._note([(stored, id)])
        async with self._database.workspace(user) as tx:
            await evidence.remove(tx, session_id, id)
            await onboarding.check_idle(tx, session_id)
            await onboarding.evidence_changed(tx, session_id)
        if stored:
            await self._storage.delete(self._bucket, [stored])

    async def original(self, user: AuthenticatedUser, session_id: UUID, id: UUID) -> dict[str, Any]:
        """An address of the stored original that works for a while. Raises NotFound."""
        item = await evidence.detail(self._database.reader(user), session_id, id)
        if not item["storage_path"]:
            raise NotFound("This item has no file; you wrote it here.", code="file_not_found")
        url = await self._storage.signed_url(self._bucket, item["storage_path"])
        return {"url": url, "expires_in": SIGNED_SECONDS}

    async def _keep(
        self,
        user: AuthenticatedUser,
        session_id: UUID,
        item: dict[str, Any],
        data: bytes,
        content_type: str,
    ) -> dict[str, Any]:
        path = _path(user, item["id"], item["source_name"])
        await self._store(path, item["id"], data, content_type)
        try:
            async with self._database.workspace(user) as tx:
                stored = await evidence.add(tx, session_id, {**item, "storage_path": path})
                if stored["id"] == item["id"]:
                    await onboarding.evidence_changed(tx, session_id)
        except (Conflict, NotFound):  # full or completed in the meantime
            await self._storage.delete(self._bucket, [path])
            raise
        if stored["id"] != item["id"]:  # another request brought the same bytes first
            await self._storage.delete(self._bucket, [path])
        return stored

    async def remove_strays(self) -> int:
        """Delete the stored files that have had no row for an hour; how many. Raises Unavailable."""
        removed = 0
        while True:
            async with self._database.service("file_dues") as tx:
                paths = await file_dues.overdue(tx)
                if not paths:
                    return removed
                await self._storage.delete(self._bucket, paths)
                await file_dues.settle(tx, paths)
            removed += len(paths)

    async def _note(self, files: Sequence[tuple[str, UUID]]) -> None:
        await self._database.service_trip("file_dues", file_dues.note(files))

    async def _store(self, path: str, id: UUID, data: bytes, content_type: str) -> None:
        await self._note([(path, id)])
        if not self._bucket_is_there:
            await self._storage.ensure_bucket(self._bucket)
            self._bucket_is_there = True
        await self._storage.put(self._bucket, path, data, content_type)


@dataclass(frozen=True, slots=True)
class _Read:
    """What the row of an item says once it was read, and the bytes that are stored for it."""

    row: dict[str, Any]
    data: bytes


def _of_page(page: Page) -> _Read:
    data = page.text.encode()
    digest = hashlib.sha256(data).hexdigest()
    row = _text_of(page, page.title or page.url, digest, len(data))
    return _Read({**row, "source_type": "url", "url": page.url}, data)


def _text_of(document: DocumentText | Page, name: str, sha256: str, size: int) -> dict[str, Any]:
    return {
        "source_type": "file",
        "source_name": _shown(name),
        "content_type": document.content_type,
        "size_bytes": size,
        "sha256": sha256,
        "url": None,
        "text": document.text,
        "page_starts": list(document.page_starts),
        "word_count": len(document.text.split()),
        "truncated": document.truncated,
        "ocr": document.ocr,
    }


def _waiting(
    source_type: str, *, name: str, sha256: str, size: int = 0, url: str | None = None
) -> dict[str, Any]:
    return {
        "id": uuid4(),
        "source_type": source_type,
        "source_name": _shown(name),
        "content_type": None,
        "size_bytes": size,
        "sha256": sha256,
        "storage_path": None,
        "url": url,
    }


def _shown(name: str) -> str:
    return CONTROL.sub(" ", name).strip()[:200] or "file"


def _path(user: AuthenticatedUser, id: UUID, name: str) -> str:
    return f"{user.workspace_id}/{id}/{_safe(name)}"


def _last_part(name: str) -> str:
    """The name without the folders that some browsers send along."""
    return name.replace("\\", "/").rpartition("/")[2]


def _safe(name: str) -> str:
    """A name fit for a storage path; the item keeps the real one."""
    return UNSAFE.sub("-", name).strip("-.")[-80:] or "file"
