"""The parts of the local issuer, and what its endpoints share: who asks, sessions, limits, redirects."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit
from uuid import UUID

from jose import JWTError
from starlette.requests import Request

from backend.local.auth.keys import TOKEN_SECONDS, LocalKeys, TokenSigner
from backend.local.auth.links import Links
from backend.local.auth.mail import Outbox
from backend.local.auth.passwords import MAX_LENGTH, MIN_LENGTH, Attempts, Passwords
from backend.local.auth.sessions import Sessions, SignIn
from backend.local.auth.users import AuthUser, Users, make_pool
from backend.local.auth.wire import AuthError, user_object

MAIL_FOLDER: Final = "mail"
LOOPBACK: Final = {"localhost", "127.0.0.1", "::1"}
WINDOW_SECONDS: Final = 300


@dataclass(frozen=True, slots=True)
class AuthConfig:
    """`url` is the SUPABASE_URL that clients are given; `site_url` the web app's own address.

    `dsn` logs in as the role `supabase_auth_admin`.
    """

    dsn: str
    keys: LocalKeys
    data_dir: Path
    url: str
    site_url: str


class Issuer:
    """Everything with a lifetime. `now` gives epoch seconds."""

    def __init__(self, config: AuthConfig, now: Callable[[], float] = time.time) -> None:
        self.config = config
        self.url = f"{config.url.rstrip('/')}/auth/v1"
        self._now = now
        self.pool = make_pool(config.dsn)
        self.users = Users(self.pool)
        self.sessions = Sessions(self.pool)
        self.links = Links(self.pool)
        self.passwords = Passwords()
        self.signer = TokenSigner(config.keys, self.url, now)
        self.outbox = Outbox(config.data_dir / MAIL_FOLDER)
        self._guesses = Attempts(10, WINDOW_SECONDS, now)
        self._guesses_of_address = Attempts(100, WINDOW_SECONDS, now)
        self._mails = Attempts(5, WINDOW_SECONDS, now)

    def at(self) -> datetime:
        return datetime.fromtimestamp(self._now(), UTC)

    # --- who asks -----------------------------------------------------------------------------------

    def require_api_key(self, request: Request) -> None:
        """As Supabase's gateway does: without one of the API keys, no service."""
        key = request.headers.get("apikey") or bearer(request) or ""
        if not self.config.keys.is_known(key):
            raise AuthError(401, "no_authorization", "No API key found in request")

    def require_service(self, request: Request) -> None:
        if not self.config.keys.is_service(bearer(request) or ""):
            raise AuthError(403, "not_admin", "User not allowed")

    async def require_user(self, request: Request) -> tuple[AuthUser, UUID]:
        """The bearer and the session, which must not have ended."""
        token = bearer(request)
        if token is None:
            message = "This endpoint requires a valid Bearer token"
            raise AuthError(401, "no_authorization", message)
        try:
            user_id, session_id = self.signer.read(token)
        except (JWTError, KeyError, ValueError) as error:
            raise AuthError(403, "bad_jwt", "invalid JWT: unable to verify the token") from error
        user = await self.sessions.holder(user_id, session_id)
        if user is None:
            message = "Session from session_id claim in JWT does not exist"
            raise AuthError(403, "session_not_found", message)
        return user, session_id

    # --- sessions -----------------------------------------------------------------------------------

    async def sign_in(self, user: AuthUser, method: str) -> dict[str, Any]:
        """A session object of a new session."""
        return self.session_object(await self.sessions.start(user.id, self.at()), method)

    def session_object(self, sign_in: SignIn, method: str) -> dict[str, Any]:
        user = sign_in.user
        claims = {
            "email": user.email,
            "phone": "",
            "app_metadata": user.raw_app_meta_data,
            "user_metadata": user.raw_user_meta_data,
            "amr": [{"method": method, "timestamp": int(self._now())}],
        }
        token, expires_at = self.signer.sign(claims, user_id=user.id, session_id=sign_in.id)
        return {
            "access_token": token,
            "token_type": "bearer",
            "expires_in": TOKEN_SECONDS,
            "expires_at": expires_at,
            "refresh_token": sign_in.refresh_token,
            "user": user_object(user),
        }

    # --- limits -------------------------------------------------------------------------------------

    def count_guess(self, request: Request, subject: str) -> Callable[[], None]:
        """Count a guess at a password or code; call the result when it was right.

        Raises AuthError 429 past 10 wrong ones for a subject, or 100 in all, from one address in 5 minutes.
        """
        address = request.client.host if request.client else ""
        allowed = self._guesses_of_address.take(address)
        if not (allowed and self._guesses.take((address, subject))):
            raise AuthError(429, "over_request_rate_limit", "Request rate limit reached")

        def was_right() -> None:
            self._guesses_of_address.give_back(address)
            self._guesses.give_back((address, subject))

        return was_right

    def count_mail(self, email: str) -> None:
        if not self._mails.take(email):
            raise AuthError(429, "over_email_send_rate_limit", "Email rate limit exceeded")

    # --- what users choose --------------------------------------------------------------------------

    def redirect_target(self, wanted: str | None) -> str:
        """Where to send a browser: the web app or this machine, never a stranger's page."""
        if not wanted:
            return self.config.site_url
        parts, site = urlsplit(wanted), urlsplit(self.config.site_url)
        is_site = (parts.scheme, parts.netloc) == (site.scheme, site.netloc)
        is_here = parts.scheme in {"http", "https"} and parts.hostname in LOOPBACK
        return wanted if is_site or is_here else self.config.site_url


def bearer(request: Request) -> str | None:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None


def check_strength(password: str) -> None:
    """Raises AuthError `weak_password` or `validation_failed`."""
    if len(password) < MIN_LENGTH:
        message = f"Password should be at least {MIN_LENGTH} characters."
        raise AuthError(422, "weak_password", message, weak_password={"reasons": ["length"]})
    if len(password.encode()) > MAX_LENGTH:
        message = f"Password cannot be longer than {MAX_LENGTH} characters"
        raise AuthError(400, "validation_failed", message)
