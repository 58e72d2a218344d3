"""Who may do what with each table: the review that the database is compared with.

A new table, a new SECURITY DEFINER function, a column that users must not set: it is entered here, or
`tests/sql` and `raptorflow verify` call it a fault.
"""

from backend.cli.isolation.matrix import Actor, Outcome, Verb

ALL: frozenset[Verb] = frozenset({"select", "insert", "update", "delete"})
READ: frozenset[Verb] = frozenset({"select"})
EDIT: frozenset[Verb] = READ | {"update"}
NONE: frozenset[Verb] = frozenset()

OWNER_MAY: dict[str, frozenset[Verb]] = {
    "agent_executions": READ,
    "api_keys": ALL - {"delete"},
    "approval_gates": READ,
    "audit_log": READ,
    "blackbox_strategies": ALL,
    "budget_alerts": READ,
    "budget_months": READ,
    "budget_reservations": READ,
    "budget_topups": READ,
    "calendar_links": ALL - {"update"},
    "campaigns": ALL,
    "credit_notes": READ,
    "daily_wins": ALL,
    "episodic_memory": ALL,
    "evidence_items": ALL,
    "feedback_records": ALL - {"update"},
    "file_dues": NONE,
    "foundation_changes": READ,
    "foundations": EDIT,
    "graph_entities": ALL,
    "graph_relationships": ALL,
    "held_documents": READ,
    "icp_profiles": ALL,
    "idempotency_keys": NONE,
    "invoice_series": NONE,
    "invoices": READ,
    "letters": NONE,
    "memory_dues": NONE,
    "memory_vectors": ALL,
    "move_tasks": ALL,
    "moves": ALL,
    "muse_assets": ALL,
    "muse_versions": READ | {"insert"},
    "onboarding_sessions": ALL - {"delete"},
    "payments": READ,
    "refunds": READ,
    "run_calls": READ,
    "run_events": READ,
    "subscription_events": READ,
    "subscriptions": READ,
    "usage_records": READ,
    "users": EDIT,
    "webhook_deliveries": READ,
    "webhook_endpoints": ALL,
    "webhook_events": NONE,
    "win_feeds": ALL,
    "win_mornings": ALL - {"delete"},
    "workspaces": EDIT,
}
"""What users may do with their own rows. A new table belongs here before the suite passes."""

SERVICE_MAY: dict[str, frozenset[Verb]] = {
    "audit_log": ALL - {"update"},
    "credit_notes": ALL - {"delete"},
    "foundation_changes": ALL - {"update"},
    "invoice_series": ALL - {"delete"},
    "invoices": ALL - {"delete"},
    "memory_dues": frozenset({"select", "delete"}),
    "payments": ALL - {"delete"},
    "refunds": ALL - {"delete"},
    "subscription_events": ALL - {"update", "delete"},
}
"""The books are closed to the server as well; everywhere else it may do all."""

WITHOUT_POLICY = frozenset(table for table, verbs in OWNER_MAY.items() if not verbs)
"""The server's own; users have no grant on them either."""

SECURITY_DEFINERS = frozenset(
    {
        "handle_new_user",
        "handle_new_user_workspace",
        "list_session_evidence",
        "note_foundation_changes",
        "note_memory_due",
        "note_onboarding_completed",
        "user_owns_workspace",
    }
)
"""Functions that act as their owner, each read and found harmless."""

NEVER_UPDATED = frozenset({"id", "workspace_id", "user_id", "created_at", "updated_at"})

KEPT_FROM_USERS: dict[str, frozenset[str]] = {
    "win_mornings": frozenset({"last_run_on", "last_outcome"}),
    "users": frozenset({"email", "subscription_tier", "budget_limit_monthly"})
    | {"onboarding_completed_at"},
    "workspaces": frozenset({"slug"}),
    "onboarding_sessions": frozenset({"evidence"}),
}
"""Columns that users read and the server alone writes, in tables that users may otherwise edit."""


def expected(table: str, actor: Actor, verb: Verb) -> Outcome:
    if actor == "anon":
        return "denied"
    if actor == "service":
        return "reached" if verb in SERVICE_MAY.get(table, ALL) else "denied"
    if verb not in OWNER_MAY[table]:
        return "denied"
    if actor == "owner":
        return "reached"
    return "denied" if verb == "insert" else "nothing"
