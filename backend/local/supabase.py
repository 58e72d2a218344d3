"""The local Supabase: sign-in and storage on one port, as the real one has them on one address."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from starlette.applications import Starlette
from starlette.routing import Mount

from backend.local.auth import AuthConfig, LocalAuth, LocalKeys
from backend.local.storage import LocalStorage


def local_supabase(
    auth_dsn: str, keys: LocalKeys, data_dir: Path, url: str, site_url: str
) -> Starlette:
    """The application to serve at `url`; `auth_dsn` logs in as supabase_auth_admin."""
    auth = LocalAuth(AuthConfig(auth_dsn, keys, data_dir, url, site_url))
    storage = LocalStorage(data_dir / "storage", keys.service_key)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with auth.app.router.lifespan_context(auth.app):
            yield

    return Starlette(
        routes=[
            Mount("/auth/v1", app=auth.app),
            Mount("/storage/v1", routes=storage.routes()),
        ],
        lifespan=lifespan,
    )
