"""Who may call PhonePe's webhook: a digest of name and password, or an HMAC of the body (INTEGRATIONS A.3).

The first proves nothing about the body, so what a webhook says is only a hint: PhonePe is asked before
anything is granted.
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from typing import Protocol

from backend.core.config import Settings
from backend.core.errors import Unauthorized


class Verifier(Protocol):
    def is_genuine(self, headers: Mapping[str, str], body: bytes) -> bool: ...


class Digest:
    """`Authorization: sha256("username:password")` in hex."""

    def __init__(self, username: str, password: str) -> None:
        self._expected = hashlib.sha256(f"{username}:{password}".encode()).hexdigest()

    @property
    def header(self) -> str:
        return self._expected

    def is_genuine(self, headers: Mapping[str, str], body: bytes) -> bool:
        shown = headers.get("authorization", "").strip().lower().removeprefix("sha256 ")
        return hmac.compare_digest(shown.encode(), self._expected.encode())


class Hmac:
    """HMAC-SHA256 of the raw body in a header that the dashboard names; hex or base64."""

    def __init__(self, header: str, secret: str) -> None:
        self._header, self._secret = header.lower(), secret.encode()

    def is_genuine(self, headers: Mapping[str, str], body: bytes) -> bool:
        digest = hmac.digest(self._secret, body, hashlib.sha256)
        shown = headers.get(self._header, "").strip().encode()
        expected = (digest.hex().encode(), base64.b64encode(digest))
        return any(hmac.compare_digest(shown, one) for one in expected)


def verifiers(settings: Settings) -> list[Verifier]:
    """Those that are set; both while a merchant changes from one to the other."""
    found: list[Verifier] = []
    if settings.phonepe_webhook_username and settings.phonepe_webhook_password:
        password = settings.phonepe_webhook_password.get_secret_value()
        found.append(Digest(settings.phonepe_webhook_username, password))
    if settings.phonepe_webhook_hmac_header and settings.phonepe_webhook_secret:
        secret = settings.phonepe_webhook_secret.get_secret_value()
        found.append(Hmac(settings.phonepe_webhook_hmac_header, secret))
    return found


def check(known: list[Verifier], headers: Mapping[str, str], body: bytes) -> None:
    """Raises Unauthorized unless one of them recognises the sender."""
    if not any(one.is_genuine(headers, body) for one in known):
        raise Unauthorized("The webhook is not PhonePe's.", code="webhook_unauthorized")
