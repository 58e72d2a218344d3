"""The router table: every noun of version 1. The lists that pages open with stand first."""

from fastapi import APIRouter, FastAPI

from backend.api.bulk import add_bulk_deletes
from backend.api.v1 import (
    agents,
    approvals,
    auth,
    billing,
    feedback,
    foundation,
    icps,
    invoices,
    memory,
    moves,
    onboarding,
    runs,
    webhooks,
)

PREFIX = "/api/v1"


ROUTERS: list[tuple[APIRouter, str, str]] = [
    (moves.router, "/moves", "Moves"),
    (icps.router, "/icps", "ICPs"),
    (foundation.router, "/foundation", "Foundation"),
    (onboarding.router, "/onboarding", "Onboarding"),
    (agents.router, "/agents", "Agents"),
    (memory.router, "/memory", "Memory"),
    (runs.router, "/agents", "Agents"),
    (approvals.router, "/approvals", "Approvals"),
    (feedback.router, "/feedback", "Feedback"),
    (auth.router, "/auth", "Auth"),
    (billing.router, "/billing", "Billing"),
    (invoices.router, "/billing", "Invoices"),
]

for _router, _, _ in ROUTERS:
    add_bulk_deletes(_router)


def include_routers(app: FastAPI) -> None:
    for router, path, tag in ROUTERS:
        app.include_router(router, prefix=f"{PREFIX}{path}", tags=[tag])
    app.include_router(moves.router, prefix=f"{PREFIX}/moves", tags=["Moves"])
    app.include_router(icps.router, prefix=f"{PREFIX}/icps", tags=["ICPs"])
    app.include_router(foundation.router, prefix=f"{PREFIX}/foundation", tags=["Foundation"])
    app.include_router(onboarding.router, prefix=f"{PREFIX}/onboarding", tags=["Onboarding"])
    app.include_router(agents.router, prefix=f"{PREFIX}/agents", tags=["Agents"])
    app.include_router(memory.router, prefix=f"{PREFIX}/memory", tags=["Memory"])
    app.include_router(runs.router, prefix=f"{PREFIX}/agents", tags=["Agents"])
    app.include_router(approvals.router, prefix=f"{PREFIX}/approvals", tags=["Approvals"])
    app.include_router(feedback.router, prefix=f"{PREFIX}/feedback", tags=["Feedback"])
    app.include_router(auth.router, prefix=f"{PREFIX}/auth", tags=["Auth"])
    app.include_router(billing.router, prefix=f"{PREFIX}/billing", tags=["Billing"])
    app.include_router(webhooks.router, prefix=f"{PREFIX}/webhooks", tags=["Webhooks"])
    app.include_router(invoices.router, prefix=f"{PREFIX}/billing", tags=["Invoices"])
