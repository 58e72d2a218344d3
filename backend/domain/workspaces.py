"""Who a token's holder is to Raptorflow: profile, workspace, plan, and where the onboarding stands."""

import zoneinfo
from typing import Annotated, Any, Literal
from uuid import UUID

from psycopg.errors import ForeignKeyViolation
from psycopg.types.json import Jsonb
from pydantic import AfterValidator, BaseModel, Field

from backend.core.auth import Identity
from backend.core.database import Database, Tx
from backend.core.errors import NotFound
from backend.domain.values import INPUT, Name, Timestamp, storable


class Account(BaseModel):
    """`budget_limit_monthly` is in USD."""

    id: UUID
    email: str
    full_name: str | None
    avatar_url: str | None
    subscription_tier: str
    budget_limit_monthly: float
    onboarding_completed_at: Timestamp | None
    preferences: dict[str, Any]
    created_at: Timestamp
    updated_at: Timestamp


class Workspace(BaseModel):
    id: UUID
    user_id: UUID
    name: str
    slug: str | None
    settings: dict[str, Any]
    created_at: Timestamp
    updated_at: Timestamp


Language = Literal[
    "en-IN",
    "en",
    "hi-IN",
    "bn-IN",
    "mr-IN",
    "te-IN",
    "ta-IN",
    "gu-IN",
    "kn-IN",
    "ml-IN",
    "pa-IN",
    "or-IN",
]
"""What a workspace's copy may be written in."""


def _known_zone(name: str) -> str:
    if name not in zoneinfo.available_timezones():
        raise ValueError("must be a time zone such as Asia/Kolkata")
    return name


class WorkspaceChange(BaseModel):
    """Only what is sent is changed. Days, weeks and months of budget begin by `timezone`."""

    model_config = INPUT

    name: Name = ""
    timezone: Annotated[
        str, AfterValidator(_known_zone), Field(max_length=64, examples=["Asia/Kolkata"])
    ] = "Asia/Kolkata"
    language: Language = "en-IN"


class Subscription(BaseModel):
    """The plan in force. The gateway's own ids stay inside."""

    id: UUID
    plan: str
    status: str
    price_inr: float | None
    billing_cycle: str | None
    current_period_start: Timestamp | None
    current_period_end: Timestamp | None
    trial_end: Timestamp | None
    created_at: Timestamp
    updated_at: Timestamp
    cancelled_at: Timestamp | None


class OnboardingState(BaseModel):
    current_step: int
    status: Literal["in_progress", "completed", "abandoned"]


class Me(BaseModel):
    """Each part is null until sign-up has made it."""

    user: Account | None
    workspace: Workspace | None
    subscription: Subscription | None
    onboarding: OnboardingState | None


# One statement, one round trip; the models above choose what leaves.
ME = """
select to_jsonb(profile) as "user", to_jsonb(workspace) as workspace,
  to_jsonb(subscription) as subscription, to_jsonb(onboarding) as onboarding
from (select %(user_id)s::uuid as id) as holder
left join public.users as profile on profile.id = holder.id
left join public.workspaces as workspace on workspace.user_id = holder.id
left join public.subscriptions as subscription on subscription.user_id = holder.id
left join public.onboarding_sessions as onboarding on onboarding.workspace_id = workspace.id
"""
CHANGE = """
update public.workspaces set name = coalesce(%(name)s, name), settings = settings || %(settings)s
where id = %(workspace_id)s returning *
"""
ERASED = "select 1 from public.users where id = %(user_id)s and erased_at is not null"
INITIALIZE = """
select workspace_id, created
from public.initialize_user(%(user_id)s, %(email)s, %(full_name)s)
"""


async def me(database: Database, identity: Identity) -> Me:
    row = await database.read_as(identity, ME)
    return Me.model_validate(row)


async def change(tx: Tx, sent: WorkspaceChange) -> Workspace:
    values = sent.model_dump(exclude_unset=True)
    name = values.pop("name", None)
    row = await tx.one(CHANGE, {"name": name, "settings": Jsonb(values)})
    assert row is not None, "whoever has a workspace may change it"
    return Workspace.model_validate(row)


async def initialize(
    database: Database,
    reason: Literal["initialize_user", "auth_webhook"],
    *,
    user_id: UUID,
    email: str | None,
    full_name: str | None,
) -> tuple[UUID, bool]:
    """Make what sign-up should have made: the workspace's id, and whether anything was missing.

    The same function the triggers call; safe to repeat. Raises NotFound `user_not_found` when there is no
    such account (any more).
    """
    params = {"user_id": user_id, "email": email, "full_name": full_name}
    async with database.service(reason) as tx:
        if await tx.one(ERASED, params):
            raise _gone()
        try:
            row = await tx.one(INITIALIZE, params)
        except ForeignKeyViolation as error:
            raise _gone() from error
    assert row is not None, "initialize_user gives one row or raises"
    return row["workspace_id"], row["created"]


def _gone() -> NotFound:
    return NotFound("This account does not exist.", code="user_not_found")


def full_name(metadata: object) -> str | None:
    """The name in a user's own metadata, if it is one that can be kept."""
    name = metadata.get("full_name") if isinstance(metadata, dict) else None
    try:
        return storable(name) if isinstance(name, str) else None
    except ValueError:
        return None
