"""Files and addresses that cannot become evidence: a clear answer; no row, no object, no change."""

import io
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import pytest
from fastapi import FastAPI
from pypdf import PdfReader, PdfWriter
from reportlab.pdfgen.canvas import Canvas
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route
from supabase import acreate_client

from backend.core.config import Settings
from backend.core.database import get_supabase_client
from backend.services.egress import Egress
from backend.services.jobs import create_jobs_app
from backend.services.storage import Storage
from backend.services.vault import Vault
from tests.api.test_tenancy import Tenant, furnish
from tests.conftest import TestSupabase
from tests.loopback import serving
from tests.people import Person
from tests.problems import assert_readable, problem

MEGABYTE = 1024 * 1024
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(range(256)) * 8
EXE = b"MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff" + bytes(range(256)) * 8


@pytest.fixture
async def tenant(owner: Person, app: FastAPI) -> Tenant:
    return await furnish(owner, app.state.database)


# --- files --------------------------------------------------------------------------------------------


def locked_pdf() -> bytes:
    plain, locked = io.BytesIO(), io.BytesIO()
    canvas = Canvas(plain)
    canvas.drawString(72, 700, "We sell tea to hotels in Munnar.")
    canvas.save()
    writer = PdfWriter(clone_from=PdfReader(plain))
    writer.encrypt("secret", algorithm="AES-256")
    writer.write(locked)
    return locked.getvalue()


def picture_pdf() -> bytes:
    """A page without a character, as a scanner makes it."""
    file = io.BytesIO()
    canvas = Canvas(file)
    canvas.rect(72, 72, 300, 300, fill=1)
    canvas.save()
    return file.getvalue()


FILES: dict[str, tuple[str, bytes, int, str]] = {
    "empty": ("a.md", b"", 422, "empty_file"),
    "white space": ("a.txt", b" \n\t \r\n", 422, "no_text"),
    "a program as pdf": ("prices.pdf", EXE, 415, "type_mismatch"),
    "a picture as txt": ("prices.txt", PNG, 415, "type_mismatch"),
    "a pdf as docx": ("prices.docx", picture_pdf(), 415, "type_mismatch"),
    "text as pdf": ("prices.pdf", b"We sell tea for Rs 200.", 415, "type_mismatch"),
    "a broken picture": ("logo.png", PNG, 422, "unreadable_file"),
    "a locked pdf": ("prices.pdf", locked_pdf(), 422, "encrypted_pdf"),
    "a scan without text": ("scan.pdf", picture_pdf(), 422, "no_text"),
    "a broken pdf": ("prices.pdf", b"%PDF-1.7\n1 0 obj << /Type", 422, "unreadable_file"),
    "a broken docx": ("prices.docx", b"PK\x03\x04" + b"\0" * 400, 422, "unreadable_file"),
}


class TestFiles:
    @pytest.fixture
    async def path(self, tenant: Tenant) -> str:
        return f"/onboarding/{tenant.ids['session_id']}/vault/upload"

    @pytest.mark.parametrize("kind", FILES)
    async def test_what_cannot_be_read(
        self, tenant: Tenant, supabase: TestSupabase, path: str, kind: str
    ) -> None:
        name, data, status, code = FILES[kind]
        before = tenant.rows()
        answer = await tenant.person.post(path, files={"file": (name, data)})
        assert_readable(problem(answer, status, code)["detail"])
        assert tenant.rows() == before
        assert supabase.objects_of(tenant.person) == []

    @pytest.mark.parametrize("size", [20 * MEGABYTE + 1, 25 * MEGABYTE])
    async def test_too_large(
        self, tenant: Tenant, supabase: TestSupabase, path: str, size: int
    ) -> None:
        """Over the limit for files, and over what is read of a body at all."""
        before = tenant.rows()
        answer = await tenant.person.post(path, files={"file": ("big.txt", bytes(size))})
        body = problem(answer, 413, "file_too_large")
        assert body["detail"] == "A file can have up to 20 MB."
        assert tenant.rows() == before
        assert supabase.objects_of(tenant.person) == []

    async def test_too_large_as_it_arrives(self, tenant: Tenant, path: str) -> None:
        async def chunks() -> AsyncIterator[bytes]:
            yield b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\n'
            for _ in range(25):
                yield b"a word, " * (MEGABYTE // 8)

        headers = {"content-type": "multipart/form-data; boundary=x"}
        answer = await tenant.person.post(path, content=chunks(), headers=headers)
        problem(answer, 413, "file_too_large")

    async def test_just_small_enough(self, tenant: Tenant, path: str) -> None:
        """The frame around the file does not count."""
        data = (b"We sell tea. " * (2 * MEGABYTE))[: 20 * MEGABYTE]
        answer = await tenant.person.post(path, files={"file": ("big.txt", data)})
        assert answer.status_code == 200, answer.text
        assert answer.json()["evidence"]["truncated"] is True

    @pytest.mark.parametrize(
        ("request_", "status", "code"),
        [
            ({"json": {"file": "text"}}, 415, "unsupported_media_type"),
            ({"data": {"file": "text"}}, 415, "unsupported_media_type"),
            ({}, 415, "unsupported_media_type"),
            ({"files": {"paper": ("a.md", b"text")}}, 422, "file_missing"),
            ({"files": {"file": (None, b"text")}}, 422, "file_missing"),
            (
                {"files": [("file", ("a.md", b"one")), ("file", ("b.md", b"two"))]},
                422,
                "file_missing",
            ),
            (
                {"content": b"--x", "headers": {"content-type": "multipart/form-data"}},
                422,
                "form_invalid",
            ),
            (
                {
                    "content": b"no form",
                    "headers": {"content-type": "multipart/form-data; boundary=x"},
                },
                422,
                "form_invalid",
            ),
        ],
    )
    async def test_not_one_file(
        self, tenant: Tenant, path: str, request_: dict[str, Any], status: int, code: str
    ) -> None:
        before = tenant.rows()
        answer = await tenant.person.post(path, **request_)
        assert_readable(problem(answer, status, code)["detail"])
        assert tenant.rows() == before

    @pytest.mark.parametrize(
        "name", [b"a\x00b.md", b"a\x1b[31m.md", b"\xff\xfe.md", b"..", b"/", b"CON.md", b"a" * 255]
    )
    async def test_odd_names(
        self, tenant: Tenant, supabase: TestSupabase, path: str, name: bytes
    ) -> None:
        """Whatever a file is called, it is kept under a name that can be shown, or refused."""
        content = (
            b'--x\r\nContent-Disposition: form-data; name="file"; filename="%s"\r\n\r\n'
            b"We sell tea.\r\n--x--\r\n" % name
        )
        headers = {"content-type": "multipart/form-data; boundary=x"}
        answer = await tenant.person.post(path, content=content, headers=headers)
        if answer.status_code != 200:
            problem(answer, 422, "form_invalid")
            return
        shown = answer.json()["evidence"]["source_name"]
        assert shown.isprintable()
        assert "/" not in shown
        (stored,) = supabase.objects_of(tenant.person)
        assert stored.path.isascii()

    async def test_a_storage_that_is_away(
        self, tenant: Tenant, app: FastAPI, settings: Settings, path: str
    ) -> None:
        """Nothing is remembered of a file whose bytes could not be kept."""
        before = tenant.rows()
        elsewhere = settings.model_copy(update={"supabase_url": "http://127.0.0.1:1"})
        key = settings.supabase_service_key.get_secret_value()
        connect = partial(acreate_client, elsewhere.supabase_url, key)
        async with another_vault(app, settings, storage=Storage(connect)):
            answer = await tenant.person.post(path, files={"file": ("a.md", b"We sell tea.")})
        problem(answer, 503, "storage_unavailable")
        assert tenant.rows() == before


# --- addresses ----------------------------------------------------------------------------------------


@asynccontextmanager
async def another_vault(
    app: FastAPI, settings: Settings, *, allow: Sequence[str] = (), storage: Storage | None = None
) -> AsyncIterator[None]:
    """The API with an outbound client or a storage of its own."""
    egress, usual = Egress(allow), app.state.vault
    storage = storage or Storage(partial(get_supabase_client, settings))
    queue = create_jobs_app(settings)
    app.state.vault = Vault(app.state.database, storage, egress, settings, queue)
    yield
    app.state.vault = usual
    await egress.aclose()


class TestAddresses:
    @pytest.fixture
    async def outside(self, app: FastAPI, settings: Settings) -> AsyncIterator[None]:
        """As in production, where no private network is allowed."""
        async with another_vault(app, settings):
            yield

    async def refused(self, tenant: Tenant, url: str) -> dict[str, Any]:
        before = tenant.rows()
        answer = await tenant.person.post(
            f"/onboarding/{tenant.ids['session_id']}/vault/url",
            content=json.dumps({"url": url}),
            headers={"content-type": "application/json"},
        )
        assert answer.status_code == 422, answer.text
        assert tenant.rows() == before
        body = problem(answer, 422, answer.json()["code"])
        assert_readable(body["detail"].rpartition(": ")[2])
        return body

    @pytest.mark.parametrize(
        "host",
        [
            "127.0.0.1",
            "127.1.2.3",
            "localhost",
            "[::1]",
            "[::ffff:127.0.0.1]",
            "[::ffff:a00:1]",
            "0.0.0.0",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "100.64.0.1",
            "169.254.169.254",
            "[fd00:ec2::254]",
            "[fe80::1]",
            "2130706433",
            "0x7f000001",
            "127.1",
        ],
    )
    async def test_private_hosts(self, tenant: Tenant, outside: None, host: str) -> None:
        for url in (f"http://{host}/", f"https://{host}/latest/meta-data"):
            body = await self.refused(tenant, url)
            assert body["code"] == "url_not_allowed"
            assert body["detail"] == "This address is not on the public web."

    async def test_a_redirect_to_a_private_host(
        self, tenant: Tenant, app: FastAPI, settings: Settings
    ) -> None:
        async def away(_: Request) -> Response:
            return RedirectResponse("http://169.254.169.254/latest/meta-data")

        async with another_vault(app, settings, allow=["127.0.0.0/8"]):
            with serving(lambda _: Starlette(routes=[Route("/", away)])) as url:
                body = await self.refused(tenant, f"{url}/")
        assert body["code"] == "url_not_allowed"

    @pytest.mark.parametrize(
        ("url", "code"),
        [
            ("ftp://example.com/a.pdf", "url_not_allowed"),
            ("file:///etc/passwd", "url_not_allowed"),
            ("gopher://example.com/", "url_not_allowed"),
            ("javascript:alert(1)", "url_invalid"),
            ("data:text/plain,hello", "url_invalid"),
            ("http://", "url_invalid"),
            ("http:///path", "url_invalid"),
            ("http://0177.0.0.1/", "url_invalid"),
            ("our price list", "url_invalid"),
            ("http://exam\0ple.com/", "url_invalid"),
            ("http://example.com:99999/", "url_invalid"),
            ("http://user:secret@example.com/", "url_not_allowed"),
            ("http://example.com@127.0.0.1/", "url_not_allowed"),
            ("http://127.0.0.1\\@example.com/", "url_invalid"),
            ("", "validation_failed"),
            ("http://example.com/" + "a" * 2000, "validation_failed"),
        ],
    )
    async def test_what_is_no_address_of_a_page(
        self, tenant: Tenant, outside: None, url: str, code: str
    ) -> None:
        assert (await self.refused(tenant, url))["code"] == code
