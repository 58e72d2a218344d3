"""Who a request or a run acts for. Apart from `core.auth`, so that workers need no web framework."""

import json
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

KEY_PREFIX = "rf_"
"""What every API key begins with; no access token does."""


@dataclass(frozen=True, slots=True)
class KeyUse:
    """The API key that a request came with, instead of a person's own token."""

    id: UUID
    scopes: frozenset[str]


@dataclass(frozen=True, slots=True)
class Identity:
    """The holder of a verified token, perhaps without a workspace yet."""

    id: UUID
    email: str | None
    claims: dict[str, Any] = field(repr=False, compare=False)
    claims_json: str = field(repr=False, compare=False)
    """`request.jwt.claims` for the database door."""
    key: KeyUse | None = field(default=None, kw_only=True)


@dataclass(frozen=True, slots=True)
class AuthenticatedUser(Identity):
    """An identity inside its workspace."""

    workspace_id: UUID


def acting_for(user_id: UUID, workspace_id: UUID, run_id: UUID | None = None) -> AuthenticatedUser:
    """Somebody whose run or job is worked on, for the workspace door. Postgres notes what a run changes."""
    claims = {"sub": str(user_id), "role": "authenticated"}
    if run_id:
        claims["run_id"] = str(run_id)
    return AuthenticatedUser(user_id, None, claims, json.dumps(claims), workspace_id)
