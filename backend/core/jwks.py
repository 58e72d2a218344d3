"""The signing keys of the Supabase project, fetched from its JWKS and kept for ten minutes.

Fetches are bounded whatever arrives: one at a time, at most one per `FORCED_SECONDS` because of a key id
nobody knows, at most one per `RETRY_SECONDS` while the issuer is down. When it is down, the last set stays in
use for `STALE_SECONDS` past its time (INTEGRATIONS C.1, C.2).
"""

import asyncio
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

import httpx
import structlog
from jose import jwk
from jose.backends.base import Key
from jose.exceptions import JWKError
from pydantic import BaseModel, ValidationError

from backend.core.errors import Unavailable
from backend.core.later import Later

log = structlog.get_logger(__name__)

FRESH_SECONDS: Final = 600
STALE_SECONDS: Final = 1200
FORCED_SECONDS: Final = 30
RETRY_SECONDS: Final = 5
TIMEOUT_SECONDS: Final = 5
MAX_KEYS: Final = 32


@dataclass(frozen=True, slots=True)
class SigningKey:
    """One public key with the only algorithm it may be used with."""

    algorithm: str
    key: Key


class _KeySet(BaseModel):
    keys: list[dict[str, Any]]


class JwksCache:
    """The key set of one issuer, shared by all requests of the process."""

    def __init__(
        self,
        url: str,
        http: Later[httpx.AsyncClient],
        algorithms: Collection[str],
        now: Callable[[], float],
    ) -> None:
        self._url = url
        self._http = http
        self._algorithms = frozenset(algorithms)
        self._now = now
        self._keys: Mapping[str, SigningKey] = {}
        self._fetched_at = self._tried_at = self._forced_at = float("-inf")
        self._tries = 0
        self._reachable = False
        self._one_at_a_time = asyncio.Lock()

    async def find(self, key_id: str) -> SigningKey | None:
        """The key with this id, or None when the issuer has no such key.

        Raises Unavailable when that cannot be known because the issuer does not answer.
        """
        tries = self._tries
        if self._age() >= FRESH_SECONDS and self._now() - self._tried_at >= RETRY_SECONDS:
            await self._fetch()
        if self._age() >= FRESH_SECONDS + STALE_SECONDS:
            raise self._unreachable()
        if key_id not in self._keys and tries == self._tries:
            await self._fetch_for_unknown()
        if key_id not in self._keys and not self._reachable:
            raise self._unreachable()
        return self._keys.get(key_id)

    async def _fetch_for_unknown(self) -> None:
        """Look once for a key that was published after the last fetch: a rotation."""
        if self._now() - self._forced_at >= FORCED_SECONDS:
            self._forced_at = self._now()
            await self._fetch()
        elif self._one_at_a_time.locked():  # the look this request needs is under way
            async with self._one_at_a_time:
                return

    async def _fetch(self) -> None:
        tries = self._tries
        async with self._one_at_a_time:
            if tries != self._tries:  # another request did it while this one waited
                return
            self._reachable = await self._replace_keys()
            self._tried_at = self._now()
            self._tries += 1

    async def _replace_keys(self) -> bool:
        """Fetch the set; False leaves the old one in place."""
        try:
            http = await self._http.get()
            response = await http.get(self._url, timeout=TIMEOUT_SECONDS)
            response.raise_for_status()
            entries = _KeySet.model_validate_json(response.content).keys
        except (httpx.HTTPError, ValidationError) as error:
            log.warning("jwks_unreachable", url=self._url, error=type(error).__name__)
            return False
        self._keys = self._usable(entries)
        self._fetched_at = self._now()
        return True

    def _usable(self, entries: list[dict[str, Any]]) -> dict[str, SigningKey]:
        keys: dict[str, SigningKey] = {}
        for entry in entries[:MAX_KEYS]:
            key_id, key = entry.get("kid"), _signing_key(entry)
            if isinstance(key_id, str) and key and key.algorithm in self._algorithms:
                keys[key_id] = key
        return keys

    def _age(self) -> float:
        return self._now() - self._fetched_at

    @staticmethod
    def _unreachable() -> Unavailable:
        return Unavailable(
            "Sign-ins cannot be checked right now. Try again shortly.", code="auth_unavailable"
        )


def _signing_key(entry: Mapping[str, Any]) -> SigningKey | None:
    """Read one JWK; None when it is of a kind we do not use."""
    algorithm = _algorithm(entry)
    if algorithm is None or entry.get("use", "sig") != "sig":
        return None
    if entry.get("alg", algorithm) != algorithm:
        return None
    try:
        return SigningKey(algorithm, jwk.construct(dict(entry), algorithm))
    except (JWKError, ValueError, TypeError, KeyError) as error:
        log.warning("jwks_key_unusable", error=type(error).__name__)
        return None


def _algorithm(entry: Mapping[str, Any]) -> str | None:
    """The algorithm follows from the kind of key, so no token can choose another."""
    if entry.get("kty") == "EC" and entry.get("crv") == "P-256":
        return "ES256"
    return "RS256" if entry.get("kty") == "RSA" else None
