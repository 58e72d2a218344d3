"""The web app's builder and server, on an app of ten lines: real npm, real Node."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from backend.local import ports, web
from backend.local.web import WebApp

pytestmark = pytest.mark.skipif(web.why_not() is not None, reason=str(web.why_not()))

SERVE = """
import http from "node:http";
process.stdin.resume();
process.stdin.on("end", () => process.exit(0));
http.createServer((q, r) => r.end(process.env.API_URL)).listen(process.env.PORT, process.env.HOSTNAME);
"""

DIES_ONCE = """
import fs from "node:fs";
const die = () => { fs.writeFileSync("died", ""); process.exit(3); };
if (!fs.existsSync("died")) setTimeout(die, 900);
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An app that writes a line into `builds` each time it is built."""
    root = tmp_path / "app"
    (root / "src").mkdir(parents=True)
    (root / "scripts").mkdir()
    (root / ".next").mkdir()
    (root / "src" / "page.ts").write_text("1")
    (root / "scripts" / "serve.mjs").write_text(SERVE)
    package = {"name": "app", "version": "1.0.0", "scripts": {"build": "echo built >> builds"}}
    (root / "package.json").write_text(json.dumps(package))
    (root / "package-lock.json").write_text(
        json.dumps({**package, "lockfileVersion": 3, "packages": {"": {"name": "app"}}})
    )
    return root


class Told(list[str]):
    """What the app has announced."""

    async def until(self, text: str) -> None:
        async with asyncio.timeout(60):
            while not any(text in line for line in self):
                await asyncio.sleep(0.02)


@asynccontextmanager
async def running(folder: Path, logs: Path) -> AsyncIterator[tuple[WebApp, Told]]:
    told = Told()
    port = ports.free_port("127.0.0.1", 0)
    app = WebApp(port, "127.0.0.1", {"API_URL": "http://api"}, logs, told.append, folder)
    task = asyncio.create_task(app.run())
    try:
        yield app, told
    finally:
        app.stop()
        await asyncio.wait_for(task, 20)


def builds(folder: Path) -> int:
    return len((folder / "builds").read_text().splitlines())


async def test_it_is_built_once_and_served_with_its_addresses(folder: Path, tmp_path: Path) -> None:
    for _ in range(2):
        async with running(folder, tmp_path) as (app, told):
            await told.until(app.url)
            async with httpx.AsyncClient() as http:
                assert (await http.get(app.url)).text == "http://api"
        with pytest.raises(httpx.ConnectError):
            httpx.get(app.url)
    assert builds(folder) == 1


async def test_changed_sources_are_built_again(folder: Path, tmp_path: Path) -> None:
    async with running(folder, tmp_path) as (app, told):
        await told.until(app.url)
        assert app.is_built
    (folder / "src" / "page.ts").write_text("2")
    assert not app.is_built
    async with running(folder, tmp_path) as (app, told):
        await told.until(app.url)
    assert builds(folder) == 2


async def test_a_server_that_dies_is_served_again(folder: Path, tmp_path: Path) -> None:
    (folder / "scripts" / "serve.mjs").write_text(DIES_ONCE + SERVE)
    async with running(folder, tmp_path) as (app, told):
        await told.until(app.url)
        async with asyncio.timeout(30), httpx.AsyncClient() as http:
            while not (folder / "died").exists():
                await asyncio.sleep(0.02)
            while True:
                try:
                    answer = await http.get(app.url)
                    break
                except httpx.HTTPError:
                    await asyncio.sleep(0.05)
        assert answer.text == "http://api"


async def test_a_build_that_fails_says_where_to_look(folder: Path, tmp_path: Path) -> None:
    package = json.loads((folder / "package.json").read_text())
    package["scripts"]["build"] = "echo the reason; exit 1"
    (folder / "package.json").write_text(json.dumps(package))
    async with running(folder, tmp_path) as (app, told):
        await told.until("`npm run build` failed")
    assert str(tmp_path / "web.log") in told[-1]
    assert "the reason" in (tmp_path / "web.log").read_text()
    assert not app.is_built


def test_without_node_it_says_what_is_needed(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    assert str(web.why_not(folder)).startswith("needs Node 20.19 or newer")
    assert web.why_not(folder / "elsewhere") == "not part of this installation"
