"""How Supabase Auth speaks: error bodies in both forms, request bodies, user and session objects.

INTEGRATIONS C.3 has the tables these shapes come from.
"""

import json
from datetime import UTC, datetime
from typing import Annotated, Any, Final, Literal, TypeVar

from email_validator import EmailNotValidError, validate_email
from pydantic import AfterValidator, BaseModel, Field, ValidationError
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse

from backend.local.auth.users import AuthUser

VERSION_HEADER: Final = "X-Supabase-Api-Version"
VERSION: Final = "2024-01-01"
MAX_BODY_BYTES: Final = 64 * 1024
MAX_METADATA_BYTES: Final = 2048

Body = TypeVar("Body", bound=BaseModel)


class AuthError(Exception):
    """An answer other than success. `code` is what clients branch on."""

    def __init__(self, status: int, code: str, message: str, **extra: Any) -> None:
        self.status = status
        self.code = code
        self.message = message
        self.extra = extra
        super().__init__(message)


def error_response(request: Request, error: AuthError) -> JSONResponse:
    """The newer form for clients that announce an API version (and want it echoed), else the older."""
    headers = {"x-sb-error-code": error.code}
    body: dict[str, Any]
    if request.headers.get(VERSION_HEADER, "") >= VERSION:
        headers[VERSION_HEADER] = VERSION
        body = {"code": error.code, "message": error.message}
    else:
        body = {"code": error.status, "error_code": error.code, "msg": error.message}
    return JSONResponse({**body, **error.extra}, error.status, headers)


async def read_body(request: Request, model: type[Body]) -> Body:
    """The JSON body. Raises AuthError `bad_json`, `validation_failed` or `request_too_large`."""
    received = b""
    try:
        async for chunk in request.stream():
            received += chunk
            if len(received) > MAX_BODY_BYTES:
                raise AuthError(413, "request_too_large", "The request body is too large")
    except ClientDisconnect as error:
        raise AuthError(400, "bad_json", "The request was cut off") from error
    try:
        return model.model_validate_json(received or b"{}")
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        if first["type"] == "json_invalid":
            raise AuthError(400, "bad_json", "Could not parse request body as JSON") from error
        name = ".".join(str(part) for part in first["loc"]) or "body"
        raise AuthError(400, "validation_failed", f"{name}: {first['msg']}") from error


def _address(value: str) -> str:
    try:
        found = validate_email(value, check_deliverability=False, globally_deliverable=False)
    except EmailNotValidError as error:
        raise ValueError("Unable to validate email address: invalid format") from error
    return found.normalized.lower()


def _small(value: dict[str, Any]) -> dict[str, Any]:
    """Metadata travels in every access token, and those must stay short enough for an HTTP header."""
    if len(json.dumps(value)) > MAX_METADATA_BYTES:
        raise ValueError(f"must not take more than {MAX_METADATA_BYTES} bytes as JSON")
    return value


Email = Annotated[str, Field(max_length=255), AfterValidator(_address)]
Password = Annotated[str, Field(max_length=1024)]
Metadata = Annotated[dict[str, Any], AfterValidator(_small)]


class Pkce(BaseModel):
    """The challenge of a client that will come back for an exchange; null when it will not."""

    code_challenge: Annotated[str, Field(pattern=r"^[A-Za-z0-9._~-]{43,128}$")] | None = None
    code_challenge_method: Literal["s256", "S256"] | None = None


class SignUp(Pkce):
    email: Email | None = None
    phone: None = None
    password: Password = ""
    data: Metadata | None = None


class PasswordGrant(BaseModel):
    email: Email
    password: Password


class RefreshGrant(BaseModel):
    refresh_token: Annotated[str, Field(max_length=255)]


class PkceGrant(BaseModel):
    auth_code: Annotated[str, Field(max_length=64)]
    code_verifier: Annotated[str, Field(max_length=128)]


class UserUpdate(BaseModel):
    email: Email | None = None
    password: Password | None = None
    data: Metadata | None = None


class Recovery(Pkce):
    email: Email


LinkType = Literal["recovery", "magiclink", "email"]


class Verification(BaseModel):
    type: LinkType
    token_hash: Annotated[str, Field(max_length=128)] | None = None
    email: Email | None = None
    token: Annotated[str, Field(max_length=16)] | None = None


class AdminUser(BaseModel):
    """Bans and other roles are not offered here: asking for one is an error, not ignored."""

    email: Email | None = None
    password: Password | None = None
    user_metadata: Metadata | None = None
    app_metadata: Metadata | None = None
    email_confirm: bool = True
    ban_duration: Literal["none"] | None = None
    role: Literal["authenticated"] | None = None


class UserDeletion(BaseModel):
    should_soft_delete: bool = False


class LinkRequest(BaseModel):
    type: Literal["recovery", "magiclink"]
    email: Email
    redirect_to: str | None = None


def user_object(user: AuthUser) -> dict[str, Any]:
    confirmed = _time(user.email_confirmed_at)
    created, updated = _time(user.created_at), _time(user.updated_at)
    signed_in = _time(user.last_sign_in_at)
    user_id = str(user.id)
    return {
        "id": user_id,
        "aud": "authenticated",
        "role": "authenticated",
        "email": user.email,
        "email_confirmed_at": confirmed,
        "phone": "",
        "confirmed_at": confirmed,
        "last_sign_in_at": signed_in,
        "app_metadata": user.raw_app_meta_data,
        "user_metadata": user.raw_user_meta_data,
        "identities": [
            {
                "identity_id": user_id,
                "id": user_id,
                "user_id": user_id,
                "identity_data": {"sub": user_id, "email": user.email, "email_verified": True},
                "provider": "email",
                "last_sign_in_at": signed_in,
                "created_at": created,
                "updated_at": updated,
                "email": user.email,
            }
        ],
        "created_at": created,
        "updated_at": updated,
        "is_anonymous": False,
    }


def _time(at: datetime | None) -> str | None:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ") if at else None
