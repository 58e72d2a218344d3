"""Forgotten passwords and links by mail: /recover, /verify and the admin's /admin/generate_link."""

from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from backend.local.auth.issuer import Issuer
from backend.local.auth.links import PKCE_PREFIX, Link, link_token
from backend.local.auth.users import AuthUser
from backend.local.auth.wire import (
    AuthError,
    LinkRequest,
    Recovery,
    Verification,
    read_body,
    user_object,
)

RECOVERY_SUBJECT = "Choose a new password"
RECOVERY_TEXT = """Open this link within an hour to sign in and choose a new password:

{url}

Or enter this code: {code}

If you did not ask for it, nothing needs to be done.
"""


async def recover(issuer: Issuer, request: Request) -> Response:
    """POST /recover. The answer is the same whether the address has an account or not."""
    body = await read_body(request, Recovery)
    issuer.count_mail(body.email)
    user = await issuer.users.by_email(body.email)
    if user:
        link = await issuer.links.make(user, "recovery", body.code_challenge, issuer.at())
        target = issuer.redirect_target(request.query_params.get("redirect_to"))
        url = _url(issuer, link, "recovery", target)
        text = RECOVERY_TEXT.format(url=url, code=link.code)
        await issuer.outbox.send(user.email, RECOVERY_SUBJECT, text)
    return JSONResponse({})


def _url(issuer: Issuer, link: Link, kind: str, target: str) -> str:
    query = urlencode({"token": link.token, "type": kind, "redirect_to": target})
    return f"{issuer.url}/verify?{query}"


async def open_link(issuer: Issuer, request: Request) -> Response:
    """GET /verify, from a mail: back to the application with a code, or with the session in the fragment."""
    query = request.query_params
    target = issuer.redirect_target(query.get("redirect_to"))
    token, kind = query.get("token", ""), query.get("type", "")
    is_pkce = token.startswith(PKCE_PREFIX)
    try:
        user = await _user_of(issuer, request, token)
    except AuthError as error:
        return _redirect(target, _refusal(error), in_query=is_pkce)
    if is_pkce:
        code = await issuer.links.issue_code(user.id, issuer.at())
        return _redirect(target, {"code": code}, in_query=True)
    session = await issuer.sign_in(user, "otp")
    session.pop("user")
    return _redirect(target, {**session, "type": kind}, in_query=False)


def _refusal(error: AuthError) -> dict[str, Any]:
    return {
        "error": "access_denied",
        "error_code": error.code,
        "error_description": error.message,
    }


def _redirect(target: str, values: dict[str, Any], *, in_query: bool) -> Response:
    """To `target` with the values added, in the query or (never sent to a server) in the fragment."""
    base, _, _ = target.partition("#")
    mark = ("&" if "?" in base else "?") if in_query else "#"
    return RedirectResponse(f"{base}{mark}{urlencode(values)}", 303)


async def verify(issuer: Issuer, request: Request) -> Response:
    """POST /verify with the link's token or with address and code: a session."""
    body = await read_body(request, Verification)
    token = body.token_hash
    if token is None:
        if not (body.email and body.token):
            message = "Verify requires a token_hash, or an email and a token"
            raise AuthError(400, "validation_failed", message)
        token = link_token(body.email, body.token)
    user = await _user_of(issuer, request, token)
    return JSONResponse(await issuer.sign_in(user, "otp"))


async def _user_of(issuer: Issuer, request: Request, token: str) -> AuthUser:
    was_right = issuer.count_guess(request, "link")
    user = await issuer.links.open(token, issuer.at())
    if user is None:
        raise AuthError(403, "otp_expired", "Email link is invalid or has expired")
    was_right()
    return user


async def generate_link(issuer: Issuer, request: Request) -> Response:
    """POST /admin/generate_link: the link itself instead of a mail, for an existing user."""
    issuer.require_service(request)
    body = await read_body(request, LinkRequest)
    user = await issuer.users.by_email(body.email)
    if user is None:
        raise AuthError(404, "user_not_found", "User with this email not found")
    link = await issuer.links.make(user, body.type, None, issuer.at())
    wanted = body.redirect_to or request.query_params.get("redirect_to")
    target = issuer.redirect_target(wanted)
    return JSONResponse(
        {
            **user_object(user),
            "action_link": _url(issuer, link, body.type, target),
            "email_otp": link.code,
            "hashed_token": link.token,
            "redirect_to": target,
            "verification_type": body.type,
        }
    )
