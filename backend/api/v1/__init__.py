"""The router table: every noun of version 1. The lists that pages open with stand first."""

from fastapi import APIRouter, FastAPI

from backend.api.bulk import add_bulk_deletes
from backend.api.paging import ListRoutes
from backend.api.v1 import (
    agents,
    analytics,
    api_keys,
    approvals,
    audit,
    auth,
    billing,
    blackbox,
    campaigns,
    daily_wins,
    exports,
    feedback,
    foundation,
    icps,
    invoices,
    memory,
    moves,
    muse,
    muse_templates,
    onboarding,
    runs,
    webhook_endpoints,
    webhooks,
    win_feeds,
    workspace,
)

PREFIX = "/api/v1"


ROUTERS: list[tuple[APIRouter, str, str]] = [
    (moves.router, "/moves", "Moves"),
    (muse.router, "/muse", "Muse"),
    (blackbox.router, "/blackbox", "BlackBox"),
    (win_feeds.router, "/daily-wins/feeds", "Daily Wins"),
    (daily_wins.router, "/daily-wins", "Daily Wins"),
    (muse_templates.router, "/muse/templates", "Muse"),
    (campaigns.router, "/campaigns", "Campaigns"),
    (icps.router, "/icps", "ICPs"),
    (foundation.router, "/foundation", "Foundation"),
    (onboarding.router, "/onboarding", "Onboarding"),
    (analytics.router, "/analytics", "Analytics"),
    (agents.router, "/agents", "Agents"),
    (memory.router, "/memory", "Memory"),
    (runs.router, "/agents", "Agents"),
    (approvals.router, "/approvals", "Approvals"),
    (feedback.router, "/feedback", "Feedback"),
    (auth.router, "/auth", "Auth"),
    (api_keys.router, "/api-keys", "API keys"),
    (audit.router, "/audit-log", "Audit log"),
    (exports.router, "/exports", "Exports"),
    (workspace.router, "/workspace", "Workspace"),
    (webhook_endpoints.router, "/webhook-endpoints", "Webhooks"),
    (billing.router, "/billing", "Billing"),
    (webhooks.router, "/webhooks", "Webhooks"),
    (invoices.router, "/billing", "Invoices"),
]

for _router, _, _ in ROUTERS:
    add_bulk_deletes(_router)


def include_routers(app: FastAPI) -> None:
    for router, path, tag in ROUTERS:
        app.include_router(router, prefix=f"{PREFIX}{path}", tags=[tag])
    app.router.routes.insert(0, ListRoutes(app))
