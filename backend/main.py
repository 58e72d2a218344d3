"""The application: factory, lifespan, middleware order; nothing else."""

import asyncio
import functools
import gc
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware

import backend.core.lean  # noqa: F401  # before any of them is imported
from backend.agents.graph_door import GraphDoor
from backend.api.audit import AuditMiddleware
from backend.api.catalogue import Catalogue
from backend.api.contract import describe
from backend.api.errors import PROBLEMS, install_error_handlers
from backend.api.health import router as health_router
from backend.api.idempotency import IdempotencyMiddleware
from backend.api.mcp_door import add_mcp, door
from backend.api.metrics import Metrics
from backend.api.metrics import router as metrics_router
from backend.api.rate_limits import RateLimitMiddleware
from backend.api.tracing import TracingMiddleware
from backend.api.v1 import include_routers
from backend.api.versions import VersionMiddleware
from backend.core import tracing
from backend.core.config import ConfigError, Settings, get_settings
from backend.core.database import get_supabase_client
from backend.core.logs import configure_logging
from backend.core.middleware import (
    AuthContextMiddleware,
    BodyLimitMiddleware,
    RequestMiddleware,
    TrailingSlashMiddleware,
)
from backend.core.security_headers import SecurityHeadersMiddleware
from backend.core.startup import open_resources
from backend.payments.till import open_till
from backend.payments.webhook_auth import verifiers
from backend.services import documents, jobs
from backend.services.accounts import Accounts
from backend.services.api_keys import ApiKeys
from backend.services.audit import AuditLog
from backend.services.belongings import Belongings
from backend.services.egress import Egress
from backend.services.rate_limiter import RateLimiter
from backend.services.run_desk import RunDesk
from backend.services.storage import Storage
from backend.services.vault import Vault
from backend.services.webhooks import Webhooks

TITLE, VERSION = "Raptorflow API", "6.0.0"
EXPOSED_HEADERS = [
    "X-Request-ID",
    "Retry-After",
    "RateLimit",
    "RateLimit-Policy",
    "ETag",
    "Location",
    "Preference-Applied",
    "Idempotency-Replayed",
]


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Open what lives as long as the process: database, Redis, token verifier, the way to the graph."""
    settings, state = app.state.settings, app.state
    configure_logging(settings.log_level)
    tracing.start(settings, "raptorflow-api")
    async with AsyncExitStack() as stack:
        stack.push_async_callback(tracing.stop)
        resources = await stack.enter_async_context(open_resources(settings))
        state.database, state.redis = resources.database, resources.redis
        state.verifier, state.keys = resources.verifier, ApiKeys(resources.database)
        state.audit = AuditLog(resources.database)
        state.rate_limiter = RateLimiter(
            resources.redis,
            resources.database,
            api=settings.rate_limit_api,
            agent=settings.rate_limit_agent,
        )
        egress = Egress(settings.egress_allow_networks)
        stack.push_async_callback(egress.aclose)
        state.egress, state.webhooks = egress, Webhooks(resources.database, egress)
        supabase = functools.partial(get_supabase_client, settings)
        storage, accounts = Storage(supabase), Accounts(supabase)
        state.till = await stack.enter_async_context(open_till(settings, resources.database))
        state.webhook_verifiers = verifiers(settings)
        queue = jobs.create_jobs_app(settings)
        state.vault = Vault(resources.database, storage, egress, settings, queue)
        state.catalogue = engine = Catalogue(settings, egress)
        desk = RunDesk(
            resources.database, resources.redis, queue, state.rate_limiter, engine.estimate
        )
        state.run_desk = await stack.enter_async_context(desk)
        state.raptorflow_graph = GraphDoor()
        state.belongings = Belongings(
            resources.database, storage, accounts, resources.redis, settings.evidence_bucket
        )
        state.mcp = await stack.enter_async_context(door(app, VERSION))
        for warming in (
            asyncio.create_task(documents.warm_up(), name="document-readers"),
            asyncio.create_task(engine.warm_up(), name="estimator"),
        ):
            stack.callback(warming.cancel)
        gc.freeze()  # what is there now stays: no collection need look at it again
        stack.callback(gc.unfreeze)
        yield
        state.raptorflow_graph = None


def _operation_id(route: APIRoute) -> str:
    return route.name


def create_app(settings: Settings | None = None) -> FastAPI:
    """The API on these settings, or on those of the environment. Raises ConfigError at once, not later."""
    settings = settings or get_settings()
    metrics = Metrics()
    app = FastAPI(
        title=TITLE,
        version=VERSION,
        description="AI-powered marketing automation backend",
        lifespan=lifespan,
        redirect_slashes=False,
        responses=PROBLEMS,
        telemetry={"tracing": False, "metrics": False, "logs": False},  # api/metrics.py and the log
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
            Middleware(SecurityHeadersMiddleware, https_only=settings.environment == "production"),
            Middleware(RequestMiddleware, answered=metrics.answered),
            *([Middleware(TracingMiddleware)] if settings.otel_exporter_otlp_endpoint else []),
            Middleware(
                BodyLimitMiddleware,
                max_bytes=settings.max_body_bytes,
                max_upload_bytes=settings.max_upload_bytes,
            ),
            Middleware(TrailingSlashMiddleware),
            Middleware(AuthContextMiddleware),
            Middleware(RateLimitMiddleware),
            Middleware(IdempotencyMiddleware),
            Middleware(AuditMiddleware),
            Middleware(VersionMiddleware),
        ],
    )
    app.state.settings = settings
    app.state.metrics = metrics
    app.state.raptorflow_graph = None
    install_error_handlers(app)
    include_routers(app)
    app.include_router(health_router)
    app.include_router(metrics_router)
    describe(app)
    add_mcp(app)
    return app


app: FastAPI


def __getattr__(name: str) -> Any:
    """`uvicorn backend.main:app`: made at first access, so that importing this module reads no settings."""
    if name == "app":
        global app
        try:
            app = create_app()
        except ConfigError as error:  # a line for each setting instead of uvicorn's traceback
            raise SystemExit("\n".join(error.lines)) from None
        return app
    raise AttributeError(name)
