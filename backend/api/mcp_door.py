"""The way to the MCP server at `/mcp`, which is made when somebody first asks for it.

Its types are built at import: a fifth of the time and 22 MB of an API that nobody's agent may ever call.
"""

import asyncio
import contextlib
import importlib
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from fastapi import FastAPI
from starlette.requests import Request
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from backend.core.auth import get_identity
from backend.core.errors import AppError
from backend.core.problems import problem_response

if TYPE_CHECKING:
    from mcp.server.streamable_http_manager import StreamableHTTPSessionManager

PATH = "/mcp"


class Door:
    """Opens the server once, for the first caller with a valid token."""

    def __init__(self, app: FastAPI, version: str, closing: contextlib.AsyncExitStack) -> None:
        self._app, self._version, self._closing = app, version, closing
        self._turn = asyncio.Lock()
        self._manager: StreamableHTTPSessionManager | None = None

    async def manager(self) -> "StreamableHTTPSessionManager":
        async with self._turn:
            return self._manager or await self._open()

    async def _open(self) -> "StreamableHTTPSessionManager":
        mcp = await asyncio.to_thread(importlib.import_module, "backend.api.mcp")
        manager: StreamableHTTPSessionManager = await self._closing.enter_async_context(
            mcp.serving(self._app, self._version)
        )
        self._manager = manager
        return manager


@contextlib.asynccontextmanager
async def door(app: FastAPI, version: str) -> AsyncIterator[Door]:
    """The server behind it ends with the application."""
    async with contextlib.AsyncExitStack() as closing:
        yield Door(app, version, closing)


class Endpoint:
    """`/mcp`: nobody without a valid token or key gets as far as the protocol."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await get_identity(Request(scope))
        except AppError as error:
            await problem_response(error, scope)(scope, receive, send)
            return
        opened: Door = scope["app"].state.mcp
        manager = await opened.manager()
        await manager.asgi_app(scope, receive, send)


def add_mcp(app: FastAPI) -> None:
    app.router.routes.append(Route(PATH, Endpoint(), name="mcp"))
