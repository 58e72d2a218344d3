"""The issuer as an ASGI application, to be mounted at `/auth/v1`."""

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import psycopg
import structlog
from psycopg_pool import PoolClosed, PoolTimeout
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from backend.local.auth import accounts, admin, mail_links
from backend.local.auth.issuer import AuthConfig, Issuer
from backend.local.auth.wire import VERSION_HEADER, AuthError, error_response

log = structlog.get_logger(__name__)

Endpoint = Callable[[Issuer, Request], Awaitable[Response]]

CLIENT_HEADERS = [
    "authorization",
    "apikey",
    "content-type",
    "x-client-info",
    "x-supabase-api-version",
]
EXPOSED_HEADERS = ["X-Total-Count", "Link", VERSION_HEADER]


async def _health(_issuer: Issuer, _request: Request) -> Response:
    return JSONResponse(
        {"version": "local", "name": "GoTrue", "description": "Raptorflow's local issuer"}
    )


async def _jwks(issuer: Issuer, _request: Request) -> Response:
    headers = {"Cache-Control": "public, max-age=600"}
    return JSONResponse(issuer.signer.jwks(), headers=headers)


async def _settings(_issuer: Issuer, _request: Request) -> Response:
    return JSONResponse(
        {
            "external": {"email": True, "phone": False, "anonymous_users": False},
            "disable_signup": False,
            "mailer_autoconfirm": True,
            "phone_autoconfirm": False,
            "sms_provider": "",
            "saml_enabled": False,
        }
    )


OPEN: list[tuple[str, str, Endpoint]] = [
    ("GET", "/health", _health),
    ("GET", "/.well-known/jwks.json", _jwks),
    ("GET", "/verify", mail_links.open_link),
]
"""Reached without an API key: by servers, and from a link in a mail."""

KEYED: list[tuple[str, str, Endpoint]] = [
    ("GET", "/settings", _settings),
    ("POST", "/signup", accounts.sign_up),
    ("POST", "/token", accounts.token),
    ("POST", "/logout", accounts.log_out),
    ("GET", "/user", accounts.get_user),
    ("PUT", "/user", accounts.update_user),
    ("POST", "/recover", mail_links.recover),
    ("POST", "/verify", mail_links.verify),
    ("POST", "/admin/generate_link", mail_links.generate_link),
    ("GET", "/admin/users", admin.list_users),
    ("POST", "/admin/users", admin.create_user),
    ("GET", "/admin/users/{user_id}", admin.get_user),
    ("PUT", "/admin/users/{user_id}", admin.update_user),
    ("DELETE", "/admin/users/{user_id}", admin.delete_user),
]


class LocalAuth:
    """`app` serves once `open` was called; `close` gives the database connections back."""

    def __init__(self, config: AuthConfig, now: Callable[[], float] = time.time) -> None:
        self._issuer = Issuer(config, now)
        self.app = Starlette(
            routes=[
                *(self._route(*entry, keyed=False) for entry in OPEN),
                *(self._route(*entry, keyed=True) for entry in KEYED),
            ],
            middleware=[
                Middleware(
                    CORSMiddleware,
                    allow_origins=["*"],
                    allow_methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
                    allow_headers=CLIENT_HEADERS,
                    expose_headers=EXPOSED_HEADERS,
                )
            ],
            exception_handlers=HANDLERS,
            lifespan=self._lifespan,
        )

    def _route(self, method: str, path: str, endpoint: Endpoint, *, keyed: bool) -> Route:
        async def serve(request: Request) -> Response:
            if keyed:
                self._issuer.require_api_key(request)
            return await endpoint(self._issuer, request)

        return Route(path, serve, methods=[method])

    @asynccontextmanager
    async def _lifespan(self, _app: Starlette) -> AsyncIterator[None]:
        await self.open()
        yield
        await self.close()

    async def open(self) -> None:
        await self._issuer.pool.open()

    async def close(self) -> None:
        await self._issuer.pool.close()


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, AuthError)
    return error_response(request, error)


async def _no_such_route(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return error_response(request, AuthError(error.status_code, "not_found", error.detail))


async def _not_storable(request: Request, error: Exception) -> Response:
    message = "The request holds a character that cannot be stored"
    return error_response(request, AuthError(400, "validation_failed", message))


async def _no_database(request: Request, error: Exception) -> Response:
    log.error("auth_database_unavailable", error=type(error).__name__)
    return error_response(request, AuthError(503, "unexpected_failure", "Database unavailable"))


HANDLERS: dict[Any, Callable[[Request, Exception], Awaitable[Response]]] = {
    AuthError: _refused,
    HTTPException: _no_such_route,
    psycopg.DataError: _not_storable,
    psycopg.OperationalError: _no_database,
    PoolTimeout: _no_database,
    PoolClosed: _no_database,
}
