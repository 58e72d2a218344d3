"""The application: factory, lifespan, middleware order; nothing else."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware

from backend.api.errors import install_error_handlers
from backend.api.health import router as health_router
from backend.api.v1 import router as v1_router
from backend.core.config import Settings, get_settings
from backend.core.logs import configure_logging
from backend.core.middleware import (
    AuthContextMiddleware,
    BodyLimitMiddleware,
    RequestIdMiddleware,
    TrailingSlashMiddleware,
    UnhandledErrorMiddleware,
)
from backend.core.startup import open_resources

TITLE, VERSION = "Raptorflow API", "6.0.0"
EXPOSED_HEADERS = ["X-Request-ID", "Retry-After", "RateLimit", "RateLimit-Policy", "ETag"]


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Open what lives as long as the process: database, Redis, token verifier, the compiled graph."""
    configure_logging(app.state.settings.log_level)
    async with open_resources(app.state.settings) as resources:
        app.state.database = resources.database
        app.state.redis = resources.redis
        app.state.verifier = resources.verifier
        app.state.raptorflow_graph = _compile_graph()
        yield
        app.state.raptorflow_graph = None


def _compile_graph() -> Any:
    from backend.agents.graph import create_raptorflow_graph

    return create_raptorflow_graph()


def _operation_id(route: APIRoute) -> str:
    return route.name


def create_app(settings: Settings | None = None) -> FastAPI:
    """The API on these settings, or on those of the environment. Raises ConfigError at once, not later."""
    settings = settings or get_settings()
    app = FastAPI(
        title=TITLE,
        version=VERSION,
        description="AI-powered marketing automation backend",
        lifespan=lifespan,
        redirect_slashes=False,
        generate_unique_id_function=_operation_id,
        middleware=[  # outermost first
            Middleware(
                CORSMiddleware,
                allow_origins=settings.cors_origins,
                allow_credentials=True,
                allow_methods=["*"],
                allow_headers=["*"],
                expose_headers=EXPOSED_HEADERS,
            ),
            Middleware(RequestIdMiddleware),
            Middleware(UnhandledErrorMiddleware),
            Middleware(
                BodyLimitMiddleware,
                max_bytes=settings.max_body_bytes,
                max_upload_bytes=settings.max_upload_bytes,
            ),
            Middleware(TrailingSlashMiddleware),
            Middleware(AuthContextMiddleware),
        ],
    )
    app.state.settings = settings
    app.state.raptorflow_graph = None
    install_error_handlers(app)
    app.include_router(health_router)
    app.include_router(v1_router, prefix="/api/v1")
    return app


def __getattr__(name: str) -> Any:
    """`uvicorn backend.main:app`: made at first access, so that importing this module reads no settings."""
    if name == "app":
        global app
        app = create_app()
        return app
    raise AttributeError(name)
