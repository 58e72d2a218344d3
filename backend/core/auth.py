"""Who is asking: an access token becomes an `Identity`, and with its workspace an `AuthenticatedUser`.

`AuthContextMiddleware` verifies a token once and leaves the outcome in `request.state`; the two dependencies
at the end demand it. Why anonymous sign-ins are refused, and what is cached how long: docs/adr/0040.
"""

import hashlib
import json
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

import httpx
from fastapi import Request
from jose import jwk, jws, jwt
from jose.exceptions import JOSEError
from pydantic import BaseModel, Field, ValidationError

from backend.core.config import Settings
from backend.core.errors import AppError, Conflict, Unauthorized
from backend.core.identity import AuthenticatedUser as AuthenticatedUser
from backend.core.identity import Identity as Identity
from backend.core.jwks import FRESH_SECONDS, JwksCache, SigningKey
from backend.core.later import Later

if TYPE_CHECKING:
    from backend.core.database import Database

AUDIENCE: Final = "authenticated"
ROLE: Final = "authenticated"
LEEWAY_SECONDS: Final = 10
MAX_TOKEN_BYTES: Final = 8 * 1024
KEPT_TOKENS: Final = 10_000
KEPT_SECONDS: Final = FRESH_SECONDS
"""A verified token is looked at again this often, so that a key withdrawn from the JWKS stops counting."""

_DATABASE_CLAIMS: Final = ("sub", "role")
"""What policies read. Postgres parses them several times a statement, so nothing else goes along."""


class _Claims(BaseModel):
    """The claims an access token must carry (INTEGRATIONS C.1)."""

    sub: UUID
    exp: float = Field(allow_inf_nan=False, strict=True)
    iat: float = Field(allow_inf_nan=False, strict=True)
    nbf: float = Field(default=0, allow_inf_nan=False, strict=True)
    aud: str | list[str]
    iss: str
    role: str
    email: str | None = None
    is_anonymous: bool = False


def _refused(code: str, detail: str) -> Unauthorized:
    return Unauthorized(detail, code=code)


class TokenVerifier:
    """Checks access tokens against the project's keys and remembers the good ones.

    `http` fetches the JWKS; without one the verifier makes and closes its own. `now` gives epoch seconds.
    """

    def __init__(
        self,
        settings: Settings,
        http: httpx.AsyncClient | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._issuer = settings.jwt_issuer
        self._algorithms = frozenset(settings.jwt_algorithms)
        secret = settings.supabase_jwt_secret
        self._shared = _shared_key(secret.get_secret_value()) if secret else None
        self._now = now
        self._own_http = http is None
        self._http = Later(lambda: http or httpx.AsyncClient())
        jwks_url = f"{self._issuer}/.well-known/jwks.json"
        self._jwks = JwksCache(jwks_url, self._http, self._algorithms - {"HS256"}, now)
        self._kept: dict[bytes, tuple[float, Identity]] = {}

    async def aclose(self) -> None:
        if self._own_http and self._http.made:
            await self._http.made.aclose()

    async def verify(self, token: str) -> Identity:
        """The identity this token proves.

        Raises Unauthorized with code `token_malformed`, `token_expired`, `token_anonymous` or
        `token_invalid`, and Unavailable when the issuer's keys cannot be had.
        """
        encoded = token.encode()
        if len(encoded) > MAX_TOKEN_BYTES:
            raise _refused("token_malformed", "The bearer token is too long.")
        digest = hashlib.sha256(encoded).digest()
        kept = self._kept.get(digest)
        if kept and kept[0] > self._now():
            return kept[1]
        self._kept.pop(digest, None)
        payload = await self._signed_payload(token)
        claims = self._accepted(payload)
        identity = _identity(claims, payload)
        self._keep(digest, identity, claims.exp)
        return identity

    async def _signed_payload(self, token: str) -> bytes:
        header = self._header(token)
        signing = await self._key(header)
        try:
            return jws.verify(token, signing.key, algorithms=[signing.algorithm])
        except JOSEError as error:
            raise _refused("token_invalid", "The token's signature is not valid.") from error

    @staticmethod
    def _header(token: str) -> dict[str, Any]:
        """The unverified header: it may choose among our keys, never how a key is used."""
        try:
            if token.count(".") != 2:
                raise JOSEError("an access token has three parts")
            header: dict[str, Any] = jwt.get_unverified_header(token)
        except JOSEError as error:
            raise _refused("token_malformed", "The bearer token is not an access token.") from error
        if "crit" in header:
            raise _refused("token_malformed", "The token demands extensions we do not know.")
        return header

    async def _key(self, header: dict[str, Any]) -> SigningKey:
        algorithm, key_id = header.get("alg"), header.get("kid")
        if not isinstance(algorithm, str) or algorithm not in self._algorithms:
            raise _refused("token_invalid", "The token's algorithm is not accepted.")
        if algorithm == "HS256" and self._shared:
            return self._shared
        found = await self._jwks.find(key_id) if isinstance(key_id, str) else None
        if found is None:
            raise _refused("token_invalid", "The token is signed with a key we do not know.")
        return found

    def _accepted(self, payload: bytes) -> _Claims:
        try:
            claims = _Claims.model_validate_json(payload)
        except ValidationError as error:
            name = str(error.errors(include_input=False)[0]["loc"][:1]).strip("(',)")
            raise _refused("token_invalid", f"The token lacks a valid claim: {name}.") from error
        now = self._now()
        if claims.exp + LEEWAY_SECONDS <= now:
            raise _refused("token_expired", "The token has expired.")
        if max(claims.iat, claims.nbf) - LEEWAY_SECONDS > now:
            raise _refused("token_invalid", "The token is not valid yet.")
        self._check_purpose(claims)
        return claims

    def _check_purpose(self, claims: _Claims) -> None:
        """Refuse tokens that are genuine but meant for someone or something else."""
        audiences = [claims.aud] if isinstance(claims.aud, str) else claims.aud
        if AUDIENCE not in audiences:
            raise _refused("token_invalid", "The token's audience is not accepted.")
        if claims.iss != self._issuer:
            raise _refused("token_invalid", "The token's issuer is not accepted.")
        if claims.role != ROLE:
            raise _refused("token_invalid", "The token's role is not accepted.")
        if claims.is_anonymous:
            raise _refused("token_anonymous", "Sign up with an email address first.")

    def _keep(self, digest: bytes, identity: Identity, expires_at: float) -> None:
        if len(self._kept) >= KEPT_TOKENS:
            self._kept.pop(next(iter(self._kept)))
        self._kept[digest] = min(expires_at, self._now() + KEPT_SECONDS), identity


def _shared_key(secret: str) -> SigningKey:
    return SigningKey("HS256", jwk.construct(secret, "HS256"))


def _identity(claims: _Claims, payload: bytes) -> Identity:
    everything: dict[str, Any] = json.loads(payload)
    for_database = {name: everything[name] for name in _DATABASE_CLAIMS if name in everything}
    for_database["sub"] = str(claims.sub)
    return Identity(
        id=claims.sub,
        email=claims.email or None,
        claims=everything,
        claims_json=json.dumps(for_database, separators=(",", ":")),
    )


async def get_identity(request: Request) -> Identity:
    """Dependency: a verified token is all that is needed. Raises Unauthorized or what verifying met."""
    error: AppError | None = getattr(request.state, "auth_error", None)
    if error is not None:
        raise error
    identity: Identity | None = getattr(request.state, "identity", None)
    if identity is None:
        raise _refused("token_missing", "Send an access token: 'Authorization: Bearer <token>'.")
    return identity


async def get_current_user(request: Request) -> AuthenticatedUser:
    """Dependency: a verified token whose holder has a workspace.

    Raises Conflict `workspace_not_initialized` when sign-up was never completed.
    """
    identity = await get_identity(request)
    database: Database = request.app.state.database
    workspace_id = await database.workspace_id_of(identity)
    if workspace_id is None:
        raise Conflict(
            "This account has no workspace yet. Call POST /api/v1/auth/initialize first.",
            code="workspace_not_initialized",
        )
    user = AuthenticatedUser(
        identity.id,
        identity.email,
        identity.claims,
        identity.claims_json,
        workspace_id,
        key=identity.key,
    )
    state = request.state
    state.user, state.user_id, state.workspace_id = user, user.id, workspace_id
    return user
