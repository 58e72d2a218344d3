"""Signing up, in and out, and one's own account."""

from typing import Any, get_args

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from backend.local.auth.issuer import Issuer, check_strength
from backend.local.auth.links import FlowExpired, FlowUnknown, VerifierWrong
from backend.local.auth.sessions import RefreshTokenReused, RefreshTokenUnknown, Scope
from backend.local.auth.users import AuthUser, EmailTaken, NotStored, UserChanges
from backend.local.auth.wire import (
    AuthError,
    PasswordGrant,
    PkceGrant,
    RefreshGrant,
    SignUp,
    UserUpdate,
    read_body,
    user_object,
)


async def sign_up(issuer: Issuer, request: Request) -> Response:
    """POST /signup. Addresses count as confirmed at once, so the answer is a session."""
    body = await read_body(request, SignUp)
    if body.email is None:
        message = "Anonymous sign-ins are disabled"
        raise AuthError(422, "anonymous_provider_disabled", message)
    check_strength(body.password)
    hashed = await issuer.passwords.hash(body.password)
    user = await add_user(issuer, body.email, hashed, body.data or {})
    return JSONResponse(await issuer.sign_in(user, "password"))


async def add_user(
    issuer: Issuer, email: str, hashed: str | None, metadata: dict[str, Any]
) -> AuthUser:
    try:
        return await issuer.users.add(email, hashed, metadata, issuer.at())
    except EmailTaken as error:
        raise AuthError(422, "user_already_exists", "User already registered") from error
    except NotStored as error:
        raise AuthError(500, "unexpected_failure", "Database error saving new user") from error


async def token(issuer: Issuer, request: Request) -> Response:
    """POST /token?grant_type=password|refresh_token|pkce"""
    grant = GRANTS.get(request.query_params.get("grant_type", ""))
    if grant is None:
        raise AuthError(400, "validation_failed", "unsupported grant_type")
    return JSONResponse(await grant(issuer, request))


async def _password(issuer: Issuer, request: Request) -> dict[str, Any]:
    body = await read_body(request, PasswordGrant)
    was_right = issuer.count_guess(request, body.email)
    user = await issuer.users.by_email(body.email)
    hashed = user.encrypted_password if user else None
    if not await issuer.passwords.matches(body.password, hashed) or user is None:
        raise AuthError(400, "invalid_credentials", "Invalid login credentials")
    was_right()
    return await issuer.sign_in(user, "password")


async def _refresh_token(issuer: Issuer, request: Request) -> dict[str, Any]:
    body = await read_body(request, RefreshGrant)
    try:
        signed_in = await issuer.sessions.refresh(body.refresh_token, issuer.at())
    except RefreshTokenUnknown as error:
        message = "Invalid Refresh Token: Refresh Token Not Found"
        raise AuthError(400, "refresh_token_not_found", message) from error
    except RefreshTokenReused as error:
        message = "Invalid Refresh Token: Already Used"
        raise AuthError(400, "refresh_token_already_used", message) from error
    return issuer.session_object(signed_in, "token_refresh")


async def _pkce(issuer: Issuer, request: Request) -> dict[str, Any]:
    body = await read_body(request, PkceGrant)
    try:
        user_id, method = await issuer.links.exchange(
            body.auth_code, body.code_verifier, issuer.at()
        )
    except FlowUnknown as error:
        message = "invalid flow state, no valid flow state found"
        raise AuthError(404, "flow_state_not_found", message) from error
    except FlowExpired as error:
        message = "invalid flow state, flow state has expired"
        raise AuthError(422, "flow_state_expired", message) from error
    except VerifierWrong as error:
        message = "code challenge does not match previously saved code verifier"
        raise AuthError(400, "bad_code_verifier", message) from error
    user = await issuer.users.by_id(user_id)
    if user is None:
        raise AuthError(404, "user_not_found", "User not found")
    return await issuer.sign_in(user, method)


GRANTS = {"password": _password, "refresh_token": _refresh_token, "pkce": _pkce}


async def get_user(issuer: Issuer, request: Request) -> Response:
    """GET /user"""
    user, _ = await issuer.require_user(request)
    return JSONResponse(user_object(user))


async def update_user(issuer: Issuer, request: Request) -> Response:
    """PUT /user. A new password ends the user's other sessions."""
    user, session_id = await issuer.require_user(request)
    body = await read_body(request, UserUpdate)
    changes = UserChanges(
        email=body.email,
        password_hash=await _new_hash(issuer, user, body.password),
        user_metadata=body.data or {},
    )
    changed = await change_user(issuer, user, changes)
    if changes.password_hash:
        await issuer.sessions.end(user.id, session_id, "others")
    return JSONResponse(user_object(changed))


async def _new_hash(issuer: Issuer, user: AuthUser, password: str | None) -> str | None:
    if password is None:
        return None
    check_strength(password)
    if await issuer.passwords.matches(password, user.encrypted_password):
        message = "New password should be different from the old password."
        raise AuthError(422, "same_password", message)
    return await issuer.passwords.hash(password)


async def change_user(issuer: Issuer, user: AuthUser, changes: UserChanges) -> AuthUser:
    try:
        changed = await issuer.users.change(user.id, changes, issuer.at())
    except EmailTaken as error:
        message = "A user with this email address has already been registered"
        raise AuthError(422, "email_exists", message) from error
    except NotStored as error:
        raise AuthError(500, "unexpected_failure", "Error updating user") from error
    if changed is None:
        raise AuthError(404, "user_not_found", "User not found")
    return changed


async def log_out(issuer: Issuer, request: Request) -> Response:
    """POST /logout?scope=global|local|others. Access tokens stay valid until they expire, as on Supabase."""
    user, session_id = await issuer.require_user(request)
    scope = request.query_params.get("scope", "global")
    if scope not in get_args(Scope):
        raise AuthError(400, "validation_failed", "unsupported scope")
    await issuer.sessions.end(user.id, session_id, scope)  # type: ignore[arg-type]  # checked above
    return Response(status_code=204)
