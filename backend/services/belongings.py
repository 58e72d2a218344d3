"""A whole workspace, to take away or to be forgotten (EXPECTATIONS; DPDP)."""

import io
import json
import zipfile
from collections.abc import AsyncIterator
from uuid import UUID

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from backend.core.database import Database, Reader
from backend.core.errors import NotFound
from backend.core.identity import AuthenticatedUser, acting_for
from backend.domain import calendar_links, exports, file_dues, subscriptions
from backend.services.accounts import Accounts
from backend.services.storage import Storage

log = structlog.get_logger(__name__)

FILES = """
select id::text as id, source_name as name, storage_path from public.evidence_items
where workspace_id = %(workspace_id)s and storage_path is not null order by id
"""
DELETE = "delete from public.workspaces where id = %(workspace)s"
AT_ONCE = 100
WORKSPACE = "select id from public.workspaces where user_id = %(user)s"
NAMELESS = """
update public.users set email = 'erased-' || id || '@erased.invalid', full_name = null, avatar_url = null,
  preferences = '{}', erased_at = coalesce(erased_at, now())
where id = %(user)s
"""
ANSWERS = "delete from public.idempotency_keys where user_id = %(user)s"
LETTERS = "delete from public.letters where user_id = %(user)s"


class _Chunks(io.RawIOBase):
    """Where the archive is written to; what was written is taken out again at once."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        part = bytes(data)  # type: ignore[call-overload]
        self._parts.append(part)
        return len(part)

    def taken(self) -> bytes:
        taken, self._parts = b"".join(self._parts), []
        return taken


class Belongings:
    """Exports and ends workspaces, and ends accounts."""

    def __init__(
        self, database: Database, storage: Storage, accounts: Accounts, redis: Redis, bucket: str
    ) -> None:
        self._database = database
        self._accounts = accounts
        self._storage = storage
        self._redis = redis
        self._bucket = bucket

    async def archive(self, user: AuthenticatedUser) -> AsyncIterator[bytes]:
        """A zip as it is made: `data/<table>.json` for every table, `files/` as they were uploaded."""
        db = self._database.reader(user)
        chunks = _Chunks()
        with zipfile.ZipFile(chunks, "w", zipfile.ZIP_DEFLATED) as archive:
            for table, of_workspace in await exports.tables(db):
                found = await exports.whole(db, table, of_workspace=of_workspace)
                if found:
                    text = json.dumps(found, ensure_ascii=False, indent=1)
                    archive.writestr(f"data/{table}.json", text)
                    yield chunks.taken()
            archive.writestr("calendar.ics", await exports.calendar(db))
            async for name, data in self._files(db):
                archive.writestr(name, data)
                yield chunks.taken()
        yield chunks.taken()

    async def _files(self, db: Reader) -> AsyncIterator[tuple[str, bytes]]:
        for row in await db.all(FILES):
            try:
                data = await self._storage.get(self._bucket, row["storage_path"])
            except NotFound:
                log.warning("file_missing_from_export", path=row["storage_path"])
                continue
            yield f"files/{row['id']}/{row['name'].replace('/', '_')}", data

    async def erase(self, user: AuthenticatedUser) -> None:
        """Files first, then every row of the workspace in one transaction, then caches.

        Books stay as the law wants them: payments, invoices and what was spent name the account, not the
        workspace, and hold nothing of its content.
        """
        rows = await self._database.reader(user).all(FILES)
        paths = [row["storage_path"] for row in rows]
        if paths:
            due = file_dues.note([(row["storage_path"], UUID(row["id"])) for row in rows])
            await self._database.service_trip("file_dues", due)
        for at in range(0, len(paths), AT_ONCE):
            await self._storage.delete(self._bucket, paths[at : at + AT_ONCE])
        async with self._database.service("erase_workspace") as tx:
            await tx.run(DELETE, {"workspace": user.workspace_id})
        self._database.forget(user.id)
        await self._drop_caches(user.workspace_id)

    async def erase_account(self, user_id: UUID) -> None:
        """The workspace, then everything that says whose the account was; at last nobody can sign in to it.

        The books stay and name an account without a name: an invoice keeps the buyer that it was made out to,
        as the law wants it. A paid plan ends with its period, AutoPay at once. May be repeated: what failed
        half way is done again.
        """
        async with self._database.service("erase_account") as tx:
            row = await tx.one(WORKSPACE, {"user": user_id})
        if row is not None:
            await self.erase(acting_for(user_id, row["id"]))
        async with self._database.service("erase_account") as tx:
            before = await subscriptions.lock(tx, user_id)
            after = before.but(
                cancel_at_period_end=before.plan != "free",
                next_plan=None,
                next_billing_cycle=None,
                billing_details=None,
            )
            await subscriptions.write(tx, before, after, "cancel_scheduled")
            for statement in (NAMELESS, ANSWERS, LETTERS):
                await tx.run(statement, {"user": user_id})
        self._database.forget(user_id)
        await self._accounts.erase(user_id)

    async def _drop_caches(self, workspace_id: UUID) -> None:
        try:
            async for key in self._redis.scan_iter(match=f"*{workspace_id}*", count=1000):
                await self._redis.delete(key)
        except RedisError as error:  # they end by themselves within the hour
            log.warning("caches_not_dropped", error=type(error).__name__)

    async def calendar(self, token: str) -> bytes:
        """The calendar behind a secret address. Raises NotFound when there is none (any more)."""
        async with self._database.service("calendar_link") as tx:
            row = await tx.one(calendar_links.USE, {"hash": calendar_links.hashed(token)})
        if row is None:
            raise calendar_links.table.missing()
        user = acting_for(row["user_id"], row["workspace_id"])
        return await exports.calendar(self._database.reader(user))
