"""Files through the real Supabase client, against the local storage on a loopback port."""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount
from storage3.exceptions import StorageApiError
from supabase import AsyncClient, AsyncClientOptions, acreate_client

from backend.core.errors import NotFound, Unavailable, UpstreamFailed
from backend.local.objects import AlreadyThere, ObjectFolder
from backend.local.storage import MAX_BYTES, LocalStorage
from backend.services.storage import Storage
from tests.loopback import serving

KEY = "sb_secret_only-for-these-tests"  # pragma: allowlist secret
BUCKET = "evidence"
PATH = "6b1c/9f2e/our offer & prices (1).pdf"


HOSTILE_PATHS = [
    "../../outside", "a/../../outside", "..%2f..%2foutside", "%2e%2e/outside", "a//b", "./a",
    "/etc/passwd", "a" * 1025,
]  # fmt: skip
SENSELESS = [
    ("POST", "/bucket", b"not json"),
    ("POST", "/bucket", b'{"name": 1}'),
    ("POST", f"/object/sign/{BUCKET}/a", b"{}"),
    ("POST", f"/object/sign/{BUCKET}/a", b'{"expiresIn": -1}'),
    ("POST", f"/object/sign/{BUCKET}/a", b'{"expiresIn": "soon"}'),
    ("DELETE", f"/object/{BUCKET}", b'{"prefixes": "all"}'),
]


def opened(client: AsyncClient) -> Storage:
    async def connect() -> AsyncClient:
        return client

    return Storage(connect)


@dataclass
class Local:
    url: str
    folder: Path
    seconds_ahead: float = 0.0

    def now(self) -> float:
        return time.time() + self.seconds_ahead


@pytest.fixture
def local(tmp_path: Path) -> Iterator[Local]:
    started = Local("", tmp_path / "storage")
    storage = LocalStorage(started.folder, KEY, started.now)
    app = Starlette(routes=[Mount("/storage/v1", routes=storage.routes())])
    with serving(lambda _: app) as started.url:
        yield started


Connect = Callable[..., Awaitable[AsyncClient]]


@pytest.fixture
async def connect() -> AsyncIterator[Connect]:
    """Makes real clients, and closes them after the test."""
    async with AsyncExitStack() as stack:

        async def connect(url: str, key: str = KEY) -> AsyncClient:
            options = AsyncClientOptions(auto_refresh_token=False, persist_session=False)
            client = await acreate_client(url, key, options)
            stack.push_async_callback(client.storage.session.aclose)
            return client

        yield connect


@pytest.fixture
async def storage(local: Local, connect: Connect) -> Storage:
    storage = opened(await connect(local.url))
    await storage.ensure_bucket(BUCKET)
    return storage


@pytest.fixture
async def http(local: Local) -> AsyncIterator[httpx.AsyncClient]:
    """A caller who speaks plain HTTP with the service key."""
    headers = {"authorization": f"Bearer {KEY}"}
    base = f"{local.url}/storage/v1"
    async with httpx.AsyncClient(base_url=base, headers=headers) as client:
        yield client


async def as_sent(local: Local, request: str, length: int) -> str:
    """The answer to a request whose path no client has tidied up, before any of its body was sent."""
    parts = urlsplit(local.url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    head = f"{request} HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\nConnection: close\r\n"
    writer.write(f"{head}Authorization: Bearer {KEY}\r\n\r\n".encode())
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    return answer.decode()


class TestPort:
    async def test_what_was_put_is_got(self, storage: Storage) -> None:
        await storage.put(BUCKET, PATH, b"%PDF-1.7 \x00\n\xff", "application/pdf")
        assert await storage.get(BUCKET, PATH) == b"%PDF-1.7 \x00\n\xff"

    async def test_an_attempt_again_replaces(self, storage: Storage) -> None:
        await storage.put(BUCKET, PATH, b"half", "text/plain")
        await storage.put(BUCKET, PATH, b"whole", "text/plain")
        assert await storage.get(BUCKET, PATH) == b"whole"

    async def test_deleted_is_gone_and_deleting_again_does_not_matter(
        self, storage: Storage
    ) -> None:
        await storage.put(BUCKET, PATH, b"tea", "text/plain")
        await storage.put(BUCKET, "other", b"tea", "text/plain")
        for _ in range(2):
            await storage.delete(BUCKET, [PATH, "never-there"])
        with pytest.raises(NotFound) as caught:
            await storage.get(BUCKET, PATH)
        assert caught.value.code == "file_not_found"
        assert await storage.get(BUCKET, "other") == b"tea"

    async def test_a_bucket_is_made_once_by_whoever_is_first(
        self, local: Local, connect: Connect
    ) -> None:
        storages = [opened(await connect(local.url)) for _ in range(4)]
        await asyncio.gather(*(storage.ensure_bucket("invoices") for storage in storages))
        await storages[0].put("invoices", PATH, b"tea", "text/plain")
        await storages[1].ensure_bucket("invoices")
        assert await storages[1].get("invoices", PATH) == b"tea"

    async def test_no_bucket(self, storage: Storage) -> None:
        with pytest.raises(UpstreamFailed, match="Bucket not found"):
            await storage.put("nowhere", PATH, b"tea", "text/plain")

    async def test_a_wrong_key(self, local: Local, storage: Storage, connect: Connect) -> None:
        stranger = opened(await connect(local.url, "sb_publishable_anyone"))
        await storage.put(BUCKET, PATH, b"tea", "text/plain")
        for call in (stranger.get(BUCKET, PATH), stranger.delete(BUCKET, [PATH])):
            with pytest.raises(UpstreamFailed, match="service key"):
                await call
        assert await storage.get(BUCKET, PATH) == b"tea"

    async def test_nobody_there(self, tmp_path: Path, connect: Connect) -> None:
        with serving(lambda _: Starlette()) as url:
            client = await connect(url)
        with pytest.raises(Unavailable) as caught:
            await opened(client).put(BUCKET, PATH, b"tea", "text/plain")
        assert caught.value.code == "storage_unavailable"


class TestSignedDownloads:
    async def test_open_without_a_key_until_they_expire(
        self, local: Local, storage: Storage
    ) -> None:
        await storage.put(BUCKET, PATH, b"tea", "text/html")
        url = await storage.signed_url(BUCKET, PATH, 60)
        async with httpx.AsyncClient() as anyone:
            opened = await anyone.get(url)
            local.seconds_ahead = 61
            expired = await anyone.get(url)
        assert (opened.status_code, opened.content) == (200, b"tea")
        assert opened.headers["content-security-policy"].startswith("sandbox")
        assert (expired.status_code, expired.json()["error"]) == (400, "InvalidJWT")

    async def test_open_that_object_alone(self, storage: Storage) -> None:
        await storage.put(BUCKET, PATH, b"tea", "text/plain")
        await storage.put(BUCKET, "other", b"secret", "text/plain")
        url = await storage.signed_url(BUCKET, PATH)
        base, token = url.split(f"/{BUCKET}/")[0], urlsplit(url).query
        async with httpx.AsyncClient() as anyone:
            for query in (token, "token=", "token=a.b.c", token[:-2]):
                answer = await anyone.get(f"{base}/{BUCKET}/other?{query}")
                assert answer.status_code == 400
                assert "secret" not in answer.text

    async def test_as_a_download_with_a_name(
        self, local: Local, storage: Storage, connect: Connect
    ) -> None:
        await storage.put(BUCKET, PATH, b"tea", "text/plain")
        bucket = (await connect(local.url)).storage.from_(BUCKET)
        signed = await bucket.create_signed_url(PATH, 60, {"download": 'Preis "Liste" ₹.pdf'})
        async with httpx.AsyncClient() as anyone:
            opened = await anyone.get(signed["signedURL"])
        assert opened.headers["content-disposition"] == (
            "attachment; filename*=UTF-8''Preis%20%22Liste%22%20%E2%82%B9.pdf"
        )

    async def test_are_still_good_after_a_restart(self, local: Local, storage: Storage) -> None:
        await storage.put(BUCKET, PATH, b"tea", "text/plain")
        parts = urlsplit(await storage.signed_url(BUCKET, PATH))
        again = LocalStorage(local.folder, KEY)
        app = Starlette(routes=[Mount("/storage/v1", routes=again.routes())])
        with serving(lambda _: app) as url:
            async with httpx.AsyncClient() as anyone:
                opened = await anyone.get(f"{url}{parts.path}?{parts.query}")
        assert opened.content == b"tea"

    async def test_of_nothing(self, storage: Storage) -> None:
        with pytest.raises(NotFound):
            await storage.signed_url(BUCKET, "never-there")


class TestRest:
    """What the hosted service answers, as the real client reads it."""

    async def test_a_second_upload_without_upsert(
        self, local: Local, storage: Storage, connect: Connect
    ) -> None:
        bucket = (await connect(local.url)).storage.from_(BUCKET)
        stored = await bucket.upload(PATH, b"first", {"content-type": "text/plain"})
        assert stored.full_path == f"{BUCKET}/{PATH}"
        with pytest.raises(StorageApiError) as caught:
            await bucket.upload(PATH, b"second", {"content-type": "text/plain"})
        assert (caught.value.status, caught.value.code) == ("409", "Duplicate")
        assert await storage.get(BUCKET, PATH) == b"first"

    async def test_update_needs_an_object(
        self, local: Local, storage: Storage, connect: Connect
    ) -> None:
        bucket = (await connect(local.url)).storage.from_(BUCKET)
        with pytest.raises(StorageApiError) as caught:
            await bucket.update(PATH, b"tea")
        assert caught.value.status == "404"
        await storage.put(BUCKET, PATH, b"tea", "text/plain")
        await bucket.update(PATH, b"more tea")
        assert await storage.get(BUCKET, PATH) == b"more tea"

    async def test_buckets(self, local: Local, storage: Storage, connect: Connect) -> None:
        client = (await connect(local.url)).storage
        assert (await client.get_bucket(BUCKET)).public is False
        assert [bucket.name for bucket in await client.list_buckets()] == [BUCKET]
        for name, status in ((BUCKET, "409"), ("sign", "400"), ("../up", "400"), ("", "400")):
            with pytest.raises(StorageApiError) as caught:
                await client.create_bucket(name)
            assert caught.value.status == status
        with pytest.raises(StorageApiError):
            await client.create_bucket("open", options={"public": True})

    async def test_raw_body_with_its_type(self, storage: Storage, http: httpx.AsyncClient) -> None:
        sent = await http.post(
            f"/object/{BUCKET}/raw", content=b"tea", headers={"content-type": "text/markdown"}
        )
        assert sent.json()["Key"] == f"{BUCKET}/raw"
        got = await http.get(f"/object/{BUCKET}/raw")
        assert (got.content, got.headers["content-type"].split(";")[0]) == (b"tea", "text/markdown")

    async def test_no_path_leaves_the_bucket(self, local: Local, storage: Storage) -> None:
        before = set(local.folder.parent.rglob("*"))
        for path in HOSTILE_PATHS:
            answer = await as_sent(local, f"POST /storage/v1/object/{BUCKET}/{path}", length=0)
            assert re.match(r"HTTP/1.1 40[045] ", answer), path
        assert set(local.folder.parent.rglob("*")) == before

    async def test_bodies_that_make_no_sense(
        self, storage: Storage, http: httpx.AsyncClient
    ) -> None:
        for method, path, body in SENSELESS:
            answer = await http.request(method, path, content=body)
            assert (answer.status_code, answer.json()["error"]) == (400, "InvalidRequest"), body

    async def test_too_large(self, local: Local, storage: Storage) -> None:
        answer = await as_sent(local, f"POST /storage/v1/object/{BUCKET}/big", length=MAX_BYTES + 1)
        assert '"statusCode":"413"' in answer


class TestFolder:
    def test_of_two_writers_one_is_first(self, tmp_path: Path) -> None:
        folders = [ObjectFolder(tmp_path), ObjectFolder(tmp_path)]
        folders[0].create_bucket(BUCKET)
        folders[0].put(BUCKET, PATH, b"first", "text/plain", replace=False)
        with pytest.raises(AlreadyThere):
            folders[1].put(BUCKET, PATH, b"second", "text/plain", replace=False)
        stored = folders[1].get(BUCKET, PATH)
        assert stored is not None
        assert stored.data == b"first"

    def test_a_write_that_fails_leaves_nothing(self, tmp_path: Path) -> None:
        folder = ObjectFolder(tmp_path)
        folder.create_bucket(BUCKET)
        folder.put(BUCKET, PATH, b"first", "text/plain", replace=True)
        before = set(tmp_path.rglob("*"))
        with pytest.raises(AlreadyThere):
            folder.put(BUCKET, PATH, b"second", "text/plain", replace=False)
        assert set(tmp_path.rglob("*")) == before

    def test_paths_that_only_look_alike(self, tmp_path: Path) -> None:
        folder = ObjectFolder(tmp_path)
        folder.create_bucket(BUCKET)
        paths = ["a", "A", "a/b", "a/b/c", "ä", "a\u0308", "x" * 1000]
        for path in paths:
            folder.put(BUCKET, path, path.encode(), "text/plain", replace=False)
        kept = [folder.get(BUCKET, path) for path in paths]
        assert [stored.data.decode() for stored in kept if stored] == paths
