"""Who may call the auth webhook: Standard Webhooks signatures, or a shared secret (INTEGRATIONS C.5, C.6).

The two never mix: a request that carries signature headers stands or falls with its signature.
"""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Self

from backend.core.errors import Unauthorized

TOLERANCE_SECONDS: Final = 300
MIN_SHARED_LENGTH: Final = 16
ID, TIMESTAMP, SIGNATURE = SIGNED = "webhook-id", "webhook-timestamp", "webhook-signature"

_PREFIX: Final = re.compile(r"^(?:v1,)?whsec_")
_EPOCH_SECONDS: Final = re.compile(r"[0-9]{1,12}")
_ONE_SIGNATURE: Final = re.compile(r"v1,([A-Za-z0-9+/=]+)")
"""Supabase joins the signatures of two secrets with a comma where the standard has a space."""


@dataclass(frozen=True, slots=True)
class WebhookSecrets:
    """Several of either kind, so that a secret can be rotated without losing an event."""

    signing: tuple[bytes, ...] = field(repr=False)
    shared: tuple[bytes, ...] = field(repr=False)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Secrets joined by `|`; those with the prefix `v1,whsec_` sign. Raises ValueError."""
        parts = [part.strip() for part in text.split("|") if part.strip()]
        shared = [part.encode() for part in parts if not _PREFIX.match(part)]
        if not parts or any(len(secret) < MIN_SHARED_LENGTH for secret in shared):
            raise ValueError(f"a shared secret must have at least {MIN_SHARED_LENGTH} characters")
        try:
            signing = [
                base64.b64decode(_PREFIX.sub("", part), validate=True)
                for part in parts
                if _PREFIX.match(part)
            ]
        except binascii.Error as error:
            raise ValueError("a signing secret must be base64 after 'v1,whsec_'") from error
        if not all(signing):
            raise ValueError("a signing secret must not be empty")
        return cls(tuple(signing), tuple(shared))

    def check(self, headers: Mapping[str, str], body: bytes, now: float) -> None:
        """Raises Unauthorized unless these headers prove a sender of ours. `now` is epoch seconds."""
        if any(name in headers for name in SIGNED):
            genuine = self._is_signed(headers, body, now)
        else:
            genuine = self._is_shared(headers)
        if not genuine:
            raise Unauthorized("The webhook is not signed by us.", code="webhook_unauthorized")

    def _is_signed(self, headers: Mapping[str, str], body: bytes, now: float) -> bool:
        message_id, sent_at, given = (headers.get(name, "") for name in SIGNED)
        if not (message_id and _EPOCH_SECONDS.fullmatch(sent_at)):
            return False
        if abs(now - int(sent_at)) > TOLERANCE_SECONDS:
            return False
        message = f"{message_id}.{sent_at}.".encode() + body
        expected = [
            base64.b64encode(hmac.digest(secret, message, hashlib.sha256))
            for secret in self.signing
        ]
        shown = [signature.encode() for signature in _ONE_SIGNATURE.findall(given)[:8]]
        return any(hmac.compare_digest(one, other) for one in shown for other in expected)

    def _is_shared(self, headers: Mapping[str, str]) -> bool:
        scheme, _, token = headers.get("authorization", "").partition(" ")
        bearer = token.strip() if scheme.lower() == "bearer" else ""
        shown = (headers.get("x-webhook-secret") or bearer).encode()
        return any(hmac.compare_digest(shown, secret) for secret in self.shared)
