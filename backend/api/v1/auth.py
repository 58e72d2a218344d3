"""Sign-up's last step, who am I, and the webhook of the auth server."""

import functools
import time
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field, ValidationError

from backend.api.deps import Db, Deleted, TokenHolder
from backend.api.raw_body import raw_body
from backend.core.config import Settings
from backend.core.errors import Conflict, Forbidden, NotFound, Unprocessable
from backend.core.webhook_signatures import WebhookSecrets
from backend.domain import workspaces
from backend.domain.workspaces import Me
from backend.services.belongings import Belongings

router = APIRouter()


class Initialized(BaseModel):
    status: Literal["initialized", "already_initialized"]
    workspace_id: UUID


class Received(BaseModel):
    status: Literal["ok"] = "ok"


class AuthEvent(BaseModel):
    """A row change that Supabase reports; an auth hook's payload has none of these members."""

    type: str = ""
    table: str = ""
    schema_name: Annotated[str, Field(alias="schema")] = "auth"
    record: dict[str, Any] | None = None

    def is_sign_up(self) -> bool:
        return (self.type, self.schema_name, self.table) == ("INSERT", "auth", "users")


class AuthRow(BaseModel):
    """The few columns of `auth.users` that are read; the others are secrets."""

    id: UUID
    email: Annotated[str, Field(max_length=320, pattern=r"^[^\x00]*$")] | None = None
    raw_user_meta_data: Any = None


@router.post("/initialize")
async def initialize_user(identity: TokenHolder, db: Db) -> Initialized:
    """Complete a sign-up whose triggers did not run; safe to repeat."""
    workspace_id, created = await workspaces.initialize(
        db,
        "initialize_user",
        user_id=identity.id,
        email=identity.email,
        full_name=workspaces.full_name(identity.claims.get("user_metadata")),
    )
    status: Literal["initialized", "already_initialized"] = (
        "initialized" if created else "already_initialized"
    )
    return Initialized(status=status, workspace_id=workspace_id)


@router.get("/me")
async def get_me(identity: TokenHolder, db: Db) -> Me:
    """The holder of the token, with workspace, plan and onboarding."""
    return await workspaces.me(db, identity)


@router.delete("/me")
async def delete_me(
    identity: TokenHolder,
    request: Request,
    confirm: Annotated[UUID, Query(description="The account's own id, so that it is meant.")],
) -> Deleted:
    """End the account and its workspace: nobody can sign in to it again, and nothing says whose it was.

    Invoices and payments stay, as the law wants them. `DELETE /workspace` ends the workspace alone.
    """
    if identity.key is not None:
        raise Forbidden("No API key may end an account.", code="key_not_allowed")
    if confirm != identity.id:
        raise Conflict("To delete the account, send its own id as `confirm`.", code="not_confirmed")
    belongings: Belongings = request.app.state.belongings
    await belongings.erase_account(identity.id)
    return Deleted()


@router.post(
    "/webhook",
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": AuthEvent.model_json_schema()}},
        }
    },
)
async def receive_auth_event(request: Request, db: Db) -> Received:
    """Completes the sign-up of a user inserted into `auth.users`; other genuine events are taken note of.

    Needs a Standard Webhooks signature, or the shared secret as bearer or in `x-webhook-secret`.
    """
    secrets = _webhook_secrets(request.app.state.settings)
    body = await raw_body(request)
    secrets.check(request.headers, body, time.time())
    row = _new_user(body)
    if row:
        await workspaces.initialize(
            db,
            "auth_webhook",
            user_id=row.id,
            email=row.email,
            full_name=workspaces.full_name(row.raw_user_meta_data),
        )
    return Received()


def _webhook_secrets(settings: Settings) -> WebhookSecrets:
    """Without a secret there is no webhook."""
    if settings.auth_webhook_secret is None:
        raise NotFound("Not Found", code="route_not_found")
    return _parsed(settings.auth_webhook_secret.get_secret_value())


@functools.lru_cache(maxsize=4)
def _parsed(secret: str) -> WebhookSecrets:
    return WebhookSecrets.parse(secret)


def _new_user(body: bytes) -> AuthRow | None:
    """The user of a sign-up event. The error names no value: the body holds secrets."""
    try:
        event = AuthEvent.model_validate_json(body)
        return AuthRow.model_validate(event.record) if event.is_sign_up() else None
    except ValidationError as error:
        raise Unprocessable("This is not an event of the auth server.") from error
