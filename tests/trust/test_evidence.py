"""S2 and S3: hostile addresses and files, given as a founder would give them, over the API."""

import ipaddress
import json
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import psutil
import pytest
from fastapi import FastAPI

from backend.core.config import Settings
from backend.services import documents
from backend.services.documents import limits, processes
from tests.api.test_bad_evidence import another_vault
from tests.api.test_tenancy import Tenant, furnish
from tests.people import Person
from tests.services import samples
from tests.services.test_egress import CORPUS
from tests.services.test_office_and_pictures import BOMBS as PICTURES_AND_OFFICE
from tests.trust.conftest import Figure

_reached: list[tuple[Any, ...]] | None = None


def _note_connects(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "socket.connect" and _reached is not None and isinstance(arguments[1], tuple):
        _reached.append(arguments[1])


sys.addaudithook(_note_connects)  # the interpreter's own word; it cannot be taken away again


@pytest.fixture
def reached() -> Iterator[list[tuple[Any, ...]]]:
    """Every address that this process connects to from now on."""
    global _reached  # a hook has no other way to be told
    _reached = []
    yield _reached
    _reached = None


REFUSALS = ("url_not_allowed", "url_invalid", "url_unreachable", "validation_failed")
"""`url_unreachable` is said of a name that no server of this machine knows."""


@pytest.fixture
async def tenant(owner: Person, app: FastAPI) -> Tenant:
    return await furnish(owner, app.state.database)


async def test_no_address_leads_inside(
    tenant: Tenant,
    app: FastAPI,
    settings: Settings,
    reached: list[tuple[Any, ...]],
    figure: Figure,
) -> None:
    """S2. Ports of our own servers are known; anything else is a connection that should not be."""
    path = f"/onboarding/{tenant.ids['session_id']}/vault/url"
    before = tenant.rows()
    codes: dict[str, int] = {}
    async with another_vault(app, settings):
        own = {address[1] for address in reached}
        reached.clear()
        for url in CORPUS:
            answer = await tenant.person.post(
                path,
                content=json.dumps({"url": url}),
                headers={"content-type": "application/json"},
            )
            code = answer.json()["code"]
            assert code in REFUSALS, (url, answer.text)
            codes[code] = codes.get(code, 0) + 1
    inside = [
        address
        for address in reached
        if address[1] not in own | _our_ports(settings)
        and not ipaddress.ip_address(address[0]).is_global
    ]
    assert inside == []
    assert tenant.rows() == before
    figure("S2", addresses=len(CORPUS), connects=len(inside), **codes)


def _our_ports(settings: Settings) -> set[int]:
    urls = (settings.database_url, settings.redis_url, settings.supabase_url)
    return {int(str(url).rpartition(":")[2].partition("/")[0]) for url in urls if url}


FILES: dict[str, Callable[[], bytes]] = {
    "stream.pdf": samples.pdf_stream_bomb,
    "drawing.pdf": samples.pdf_drawing_bomb,
    "text.pdf": samples.pdf_text_bomb,
    "deep.pdf": samples.pdf_deep_bomb,
    "media.docx": samples.docx_media_bomb,
    "forged.docx": samples.docx_forged_sizes,
    "entities.docx": samples.docx_entity_bomb,
    "attribute.docx": lambda: samples.docx_entity_bomb(in_attribute=True),
    "wide.docx": samples.docx_wide_bomb,
    "entries.docx": samples.many_entries_zip,
    "nested.docx": samples.zip_within_zips,
    **PICTURES_AND_OFFICE,
}


async def test_no_file_explodes(tenant: Tenant, full: bool, figure: Figure) -> None:
    """S3. Seconds are processor seconds of the readers: other tests may keep the processors busy."""
    path = f"/onboarding/{tenant.ids['session_id']}/vault/upload"
    before = tenant.rows()
    await documents.warm_up()
    slowest, most, own = ("", 0.0), 0, psutil.Process()
    chosen = FILES if full else {name: FILES[name] for name in ("stream.pdf", "entities.docx")}
    for name, made in chosen.items():
        data, resting, cpu = made(), own.memory_info().rss, _reading_seconds()
        started = time.perf_counter()
        answer = await tenant.person.post(path, files={"file": (name, data)})
        wall, spent = time.perf_counter() - started, _reading_seconds() - cpu
        assert answer.status_code in (413, 415, 422), (name, answer.text)
        assert spent < 2.0, name
        slowest = max(slowest, (name, round(wall, 2)), key=lambda seen: seen[1])
        most = max(most, own.memory_info().rss - resting - len(data))
    assert tenant.rows() == before
    megabyte = 1024 * 1024
    assert most < 100 * megabyte
    figure(
        "S3",
        files=len(chosen),
        slowest=f"{slowest[1]}s({slowest[0]})",
        api_grew_mb=max(0, most // megabyte),
        reader_limit_mb=limits.MEMORY_BYTES // megabyte,
    )


def _reading_seconds() -> float:
    readers = [
        child for child in psutil.Process().children() if processes.READER in child.cmdline()
    ]
    times = [reader.cpu_times() for reader in readers]
    return sum(t.user + t.system + t.children_user + t.children_system for t in times)
