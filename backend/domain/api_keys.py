"""API keys: how programs act for a user, within scopes, until an end (growth plan and above).

A key is shown once. What is kept is its SHA-256, which 256 random bits need no salt for.
"""

import hashlib
import secrets
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    Field,
    model_validator,
)

from backend.core.database import Tx
from backend.core.errors import Conflict, Forbidden
from backend.core.identity import KEY_PREFIX
from backend.core.records import TextArray, WorkspaceTable
from backend.domain import billing
from backend.domain.values import INPUT, Name, Timestamp, without_protected

PLANS = ("growth", "enterprise")
MOST_KEYS = 50
MOST_DAYS = 3660
HINT_CHARACTERS = 10
AREAS = (
    "agents",
    "analytics",
    "approvals",
    "audit-log",
    "billing",
    "blackbox",
    "campaigns",
    "daily-wins",
    "exports",
    "feedback",
    "foundation",
    "icps",
    "memory",
    "moves",
    "muse",
    "onboarding",
    "webhook-endpoints",
)
"""Parts of the API that a key can be let into: the first step of a path after `/api/v1`."""
OPEN_TO_ANY_KEY = ("/api/v1/auth/me",)

Scope = Annotated[
    str,
    Field(pattern=rf"^(\*|{'|'.join(AREAS)}):(read|write)$", examples=["moves:read", "*:write"]),
]


def _written_out(value: Any) -> Any:
    """Refuse what pydantic would take for seconds since 1970."""
    if isinstance(value, str) and value[4:5] == "-" and ":" in value:
        return value
    raise ValueError("must be a moment such as 2030-01-31T00:00:00Z")


def _ahead(at: datetime) -> datetime:
    now = datetime.now(UTC)
    if not now < at <= now + timedelta(days=MOST_DAYS):
        raise ValueError("must be in the future, within ten years")
    return at


End = Annotated[AwareDatetime, AfterValidator(_ahead), BeforeValidator(_written_out)]
Scopes = Annotated[list[Scope], Field(min_length=1, max_length=2 * len(AREAS) + 2)]


class ApiKey(BaseModel):
    """A key as its owner sees it later: `hint` is how it begins."""

    id: UUID
    workspace_id: UUID
    name: str
    hint: str
    scopes: TextArray
    expires_at: Timestamp | None
    revoked_at: Timestamp | None
    last_used_at: Timestamp | None
    previous_until: Timestamp | None
    created_at: Timestamp
    updated_at: Timestamp


class ApiKeyPage(BaseModel):
    api_keys: list[ApiKey]
    total: int
    limit: int
    offset: int
    next_cursor: str | None = None


class ApiKeyCreate(BaseModel):
    """Without `expires_at` it is good until it is revoked. `write` does not include `read`."""

    model_config = INPUT

    name: Name
    scopes: Scopes
    expires_at: End | None = None


class ApiKeyUpdate(BaseModel):
    """Only what is sent is changed."""

    model_config = INPUT

    name: Name = ""
    scopes: Scopes = []
    expires_at: End | None = None

    _drop = model_validator(mode="before")(without_protected)


class Rotation(BaseModel):
    model_config = INPUT

    grace_hours: Annotated[int, Field(ge=0, le=168)] = 24


table = WorkspaceTable("api_keys", ApiKey, "Api key")

COUNT = """
select count(*) as live from public.api_keys
where workspace_id = %(workspace_id)s and revoked_at is null
"""
LOCK = "select pg_advisory_xact_lock(hashtextextended('api_keys:' || %(workspace_id)s::text, 0))"
REVOKE = """
update public.api_keys set revoked_at = coalesce(revoked_at, now())
where workspace_id = %(workspace_id)s and id = %(id)s
returning id
"""
ROTATE = """
update public.api_keys set previous_hash = key_hash, key_hash = %(hash)s, hint = %(hint)s,
  previous_until = now() + make_interval(hours => %(hours)s)
where workspace_id = %(workspace)s and id = %(id)s and revoked_at is null
"""
FIND = """
select k.id, k.user_id, k.scopes, k.expires_at <= now() as expired, k.revoked_at is not null as revoked,
  coalesce(k.last_used_at < now() - interval '1 minute', true) as note,
  coalesce(s.plan, 'free') as plan, u.email
from public.api_keys k
join public.users u on u.id = k.user_id
left join public.subscriptions s on s.user_id = k.user_id and s.status <> 'cancelled'
where k.key_hash = %(hash)s or (k.previous_hash = %(hash)s and k.previous_until > now())
"""
NOTE_USE = "update public.api_keys set last_used_at = now() where id = %(id)s"


def new_key() -> str:
    return KEY_PREFIX + secrets.token_urlsafe(32)


def hashed(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def needed_scope(method: str, path: str) -> str | None:
    """The scope a request needs; None where any key may go. Raises Forbidden where none may."""
    if path in OPEN_TO_ANY_KEY or not path.startswith("/api/v1/"):
        return None
    area = path.removeprefix("/api/v1/").partition("/")[0]
    if area not in AREAS:
        raise Forbidden(
            "API keys cannot do this; sign in for it.", code="key_not_accepted", area=area
        )
    return f"{area}:{'read' if method in ('GET', 'HEAD', 'OPTIONS') else 'write'}"


def allows(scopes: frozenset[str], needed: str) -> bool:
    return needed in scopes or f"*:{needed.partition(':')[2]}" in scopes


async def create(tx: Tx, new: ApiKeyCreate) -> tuple[dict[str, Any], str]:
    """The row, and the key itself, which nobody can have again.

    Raises Forbidden `plan_required` below the growth plan, Conflict `too_many_keys`.
    """
    plan = await billing.current_plan(tx)
    if plan.id not in PLANS:
        raise plan_required(plan.name)
    await tx.run(LOCK)
    counted = await tx.one(COUNT)
    if counted and counted["live"] >= MOST_KEYS:
        raise Conflict(f"A workspace has up to {MOST_KEYS} live keys.", code="too_many_keys")
    key = new_key()
    values = {
        **new.model_dump(),
        "user_id": tx.user.id if tx.user else None,
        "hint": key[:HINT_CHARACTERS],
        "key_hash": hashed(key),
    }
    return await table.insert(tx, values), key


async def revoke(tx: Tx, id: UUID) -> dict[str, Any]:
    """The key stops at once; its row stays for the audit log. Safe to repeat."""
    if not await tx.one(REVOKE, {"id": id}):
        raise table.missing()
    return await table.get(tx, id)


async def rotate(tx: Tx, workspace_id: UUID, id: UUID, grace_hours: int) -> str:
    """A new key in place of the old one, which stays good for the grace. `tx` is of the service door.

    Raises Conflict `key_revoked` when there is no live key of that id.
    """
    key = new_key()
    values = {
        "workspace": workspace_id,
        "id": id,
        "hash": hashed(key),
        "hint": key[:HINT_CHARACTERS],
        "hours": grace_hours,
    }
    if not await tx.run(ROTATE, values):
        raise Conflict("A revoked key cannot be rotated.", code="key_revoked")
    return key


def plan_required(plan: str) -> Forbidden:
    return Forbidden(
        f"API keys come with the Growth plan; this is the {plan} plan.",
        code="plan_required",
        plans=list(PLANS),
    )
