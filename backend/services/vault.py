"""The evidence vault: a file or a page comes in, its text and its bytes are kept, or nothing is.

Order matters: read (refuses what cannot be used), store the bytes, then the row. What the row is refused for
takes the bytes away again; a crash in between leaves an object that no row names, never a row without its
object.
"""

import hashlib
import re
from typing import Any
from uuid import UUID, uuid4

from backend.core.auth import AuthenticatedUser
from backend.core.config import Settings
from backend.core.database import Database
from backend.core.errors import Conflict, NotFound
from backend.domain import evidence, onboarding
from backend.services.documents import DocumentText, read_document
from backend.services.egress import Egress
from backend.services.pages import Page, fetch_page
from backend.services.storage import SIGNED_SECONDS, Storage

UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
CONTROL = re.compile(r"[\x00-\x1f\x7f]")
PAGE_TEXT = "text/plain; charset=utf-8"
"""Of a page its text is stored, whatever the page was made of."""


class Vault:
    """One per process: it keeps the outbound client and the storage port."""

    def __init__(
        self, database: Database, storage: Storage, egress: Egress, settings: Settings
    ) -> None:
        self._database = database
        self._storage = storage
        self._egress = egress
        self._bucket = settings.evidence_bucket
        self._bucket_is_there = False

    async def add_file(
        self, user: AuthenticatedUser, session_id: UUID, name: str, data: bytes
    ) -> dict[str, Any]:
        """Keep a file. The same bytes twice give the item that is there already.

        Raises NotFound (session), Conflict (completed, full), UnsupportedMedia, Unprocessable,
        PayloadTooLarge; see `read_document`.
        """
        await evidence.check_room(self._database.reader(user), session_id)
        digest = hashlib.sha256(data).hexdigest()
        known = await evidence.duplicate_of(self._database.reader(user), session_id, digest)
        if known:
            return known
        name = _last_part(name)
        document = await read_document(name, data)
        item = self._item(document, source_type="file", name=name, sha256=digest, size=len(data))
        return await self._keep(user, session_id, item, data, document.content_type)

    async def add_url(self, user: AuthenticatedUser, session_id: UUID, url: str) -> dict[str, Any]:
        """Keep the readable text of a page, fetched through the one guarded client."""
        await evidence.check_room(self._database.reader(user), session_id)
        page = await fetch_page(url, self._egress)
        data = page.text.encode()
        digest = hashlib.sha256(data).hexdigest()
        known = await evidence.duplicate_of(self._database.reader(user), session_id, digest)
        if known:
            return known
        name = page.title or page.url
        item = self._item(page, source_type="url", name=name, sha256=digest, size=len(data))
        return await self._keep(user, session_id, {**item, "url": page.url}, data, PAGE_TEXT)

    async def remove(self, user: AuthenticatedUser, session_id: UUID, id: UUID) -> None:
        """Take an item out; what was derived from it is stale.

        Raises NotFound, Conflict (`onboarding_completed`: the truth sheet quotes it; `step_running`).
        """
        async with self._database.workspace(user) as tx:
            item = await evidence.remove(tx, session_id, id)
            await onboarding.check_idle(tx, session_id)
            await onboarding.evidence_changed(tx, session_id)
        if item["storage_path"]:
            await self._storage.delete(self._bucket, [item["storage_path"]])

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
        path = f"{user.workspace_id}/{item['id']}/{_safe(item['source_name'])}"
        await self._store(path, data, content_type)
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

    async def _store(self, path: str, data: bytes, content_type: str) -> None:
        if not self._bucket_is_there:
            await self._storage.ensure_bucket(self._bucket)
            self._bucket_is_there = True
        await self._storage.put(self._bucket, path, data, content_type)

    @staticmethod
    def _item(
        document: DocumentText | Page, *, source_type: str, name: str, sha256: str, size: int
    ) -> dict[str, Any]:
        return {
            "id": uuid4(),
            "source_type": source_type,
            "source_name": CONTROL.sub(" ", name).strip()[:200] or "file",
            "content_type": document.content_type,
            "size_bytes": size,
            "sha256": sha256,
            "url": None,
            "text": document.text,
            "page_starts": list(document.page_starts),
            "word_count": len(document.text.split()),
            "truncated": document.truncated,
        }


def _last_part(name: str) -> str:
    """The name without the folders that some browsers send along."""
    return name.replace("\\", "/").rpartition("/")[2]


def _safe(name: str) -> str:
    """A name fit for a storage path; the item keeps the real one."""
    return UNSAFE.sub("-", name).strip("-.")[-80:] or "file"
