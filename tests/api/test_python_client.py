"""The Python client that is made from the OpenAPI document, against the running service."""

import importlib
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from fastapi import FastAPI

from tests.api.documented import operations
from tests.loopback import serving_here
from tests.people import Person

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModuleType]:
    """Made as `make python-client` makes it; a warning of the generator is a failure."""
    folder = tmp_path_factory.mktemp("client")
    made = subprocess.run(
        ["make", "--no-print-directory", "python-client", f"TO={folder}/made"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert made.returncode == 0, made.stdout + made.stderr
    sys.path.insert(0, str(folder / "made"))
    yield importlib.import_module("raptorflow_client")
    sys.path.remove(str(folder / "made"))
    for name in [name for name in sys.modules if name.startswith("raptorflow_client")]:
        del sys.modules[name]


@pytest.fixture
async def client(package: ModuleType, app: FastAPI, paying_owner: Person) -> AsyncIterator[Any]:
    async with serving_here(app) as url:
        opened = package.AuthenticatedClient(base_url=url, token=paying_owner.token)
        async with opened as client:
            yield client


def call(name: str) -> ModuleType:
    """The module of one operation, such as `moves.create_move`."""
    return importlib.import_module(f"raptorflow_client.api.{name}")


def model(name: str) -> Any:
    return getattr(importlib.import_module("raptorflow_client.models"), name)


def test_every_operation_is_there(package: ModuleType) -> None:
    assert package.__file__
    made = {path.stem for path in Path(package.__file__).parent.glob("api/*/*.py")}
    assert made >= {operation.id for operation in operations()}


async def test_write_read_change_and_remove(client: Any) -> None:
    new = model("MoveCreate")(name="पहला कदम", category="ignite", goal="Five calls")
    made = (await call("moves.create_move").asyncio(client=client, body=new)).move
    page = await call("moves.list_moves").asyncio(client=client, limit=1, sort="-created_at")
    assert (page.total, page.moves[0].id, page.moves[0].name) == (1, made.id, "पहला कदम")
    change = model("MoveUpdate")(goal="Ten calls")
    put = call("moves.update_move").asyncio_detailed
    read = await call("moves.get_move").asyncio_detailed(made.id, client=client)
    version = read.headers["etag"]
    assert (await put(made.id, client=client, body=change, if_match=version)).status_code == 200
    stale = await put(made.id, client=client, body=change, if_match=version)
    assert (stale.status_code, stale.parsed.code) == (412, "precondition_failed")
    gone = await call("moves.delete_move").asyncio(made.id, client=client)
    assert gone.deleted is True


async def test_pages_follow_the_cursor(client: Any) -> None:
    create, read = call("moves.create_move").asyncio, call("moves.list_moves").asyncio
    goals = ["Five calls", "Six calls", "Seven calls"]
    for goal in goals:
        await create(client=client, body=model("MoveCreate")(category="ignite", goal=goal))
    seen, page = [], await read(client=client, limit=2)
    while page.moves:
        seen += [move.goal for move in page.moves]
        if not page.next_cursor:
            break
        page = await read(client=client, limit=2, cursor=page.next_cursor)
    assert (seen, page.total) == (goals[::-1], 3)
    refused = await call("moves.list_moves").asyncio_detailed(client=client, cursor="page-2")
    assert (refused.status_code, refused.parsed.code) == (422, "cursor_invalid")


async def test_a_problem_is_an_object(client: Any, stranger: Person) -> None:
    answer = await call("moves.get_move").asyncio_detailed(stranger.id, client=client)
    assert answer.status_code == 404
    assert type(answer.parsed).__name__ == "Problem"
    assert answer.parsed.code == "move_not_found"
    assert answer.parsed.request_id == answer.headers["x-request-id"]
    new = model("MoveCreate")(category="ignite", goal="Five calls")
    made = (await call("moves.create_move").asyncio(client=client, body=new)).move
    early = await call("moves.pause_move").asyncio_detailed(made.id, client=client)
    assert (early.status_code, early.parsed.code) == (409, "move_not_active")


async def test_a_post_repeated_with_its_key_acts_once(client: Any) -> None:
    new = model("IcpCreate")(name="Bakeries")
    create = call("ic_ps.create_icp").asyncio
    first = await create(client=client, body=new, idempotency_key="python-client-1")
    again = await create(client=client, body=new, idempotency_key="python-client-1")
    assert first.icp.id == again.icp.id
    assert (await call("ic_ps.list_icps").asyncio(client=client)).total == 1


async def test_files_arrive_as_bytes(client: Any) -> None:
    calendar = await call("exports.export_calendar").asyncio_detailed(client=client)
    assert calendar.content.startswith(b"BEGIN:VCALENDAR")
    archive = await call("workspace.export_workspace").asyncio_detailed(client=client)
    assert archive.content.startswith(b"PK")
