"""The router table: every noun of version 1. The lists that pages open with stand first."""

from fastapi import FastAPI

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
)

PREFIX = "/api/v1"


def include_routers(app: FastAPI) -> None:
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
    app.include_router(invoices.router, prefix=f"{PREFIX}/billing", tags=["Invoices"])
