"""The local issuer's keys: one ES256 signing key and the two API keys, made once and kept in the data folder.

The API keys are random strings in the form of Supabase's own (`sb_publishable_…`, `sb_secret_…`): they prove
a caller, carry no claims and never verify as a token.
"""

import hmac
import json
import os
import secrets
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final, Self
from uuid import UUID, uuid4

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from jose import jwk, jwt

ALGORITHM: Final = "ES256"
FILE_NAME: Final = "auth-keys.json"
TOKEN_SECONDS: Final = 3600


@dataclass(frozen=True, slots=True)
class LocalKeys:
    """What the local Supabase signs with, and the keys its clients show."""

    key_id: str
    signing_pem: str = field(repr=False)
    anon_key: str
    service_key: str = field(repr=False)

    @classmethod
    def load_or_create(cls, data_dir: Path) -> Self:
        """The keys of this data folder (file mode 0600); several processes may ask at once."""
        path = data_dir / FILE_NAME
        if not path.exists():
            data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
            _write_first(path, json.dumps(asdict(cls._new())))
        return cls(**json.loads(path.read_text("utf-8")))

    @classmethod
    def _new(cls) -> Self:
        private = ec.generate_private_key(ec.SECP256R1())
        pem = private.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        return cls(
            key_id=str(uuid4()),
            signing_pem=pem.decode("ascii"),
            anon_key=f"sb_publishable_{secrets.token_urlsafe(24)}",
            service_key=f"sb_secret_{secrets.token_urlsafe(32)}",
        )

    def is_service(self, key: str) -> bool:
        return hmac.compare_digest(key.encode(), self.service_key.encode())

    def is_known(self, key: str) -> bool:
        """Whether this is one of the two API keys; both are compared, so the time says nothing."""
        return self.is_service(key) | hmac.compare_digest(key.encode(), self.anon_key.encode())


def _write_first(path: Path, text: str) -> None:
    """Create the file whole or not at all; where another process was first, its file stays."""
    draft = path.with_name(f".{path.name}.{uuid4().hex}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        if not path.exists():
            os.link(draft, path)
    except FileExistsError:
        return
    finally:
        draft.unlink()


class TokenSigner:
    """Signs and checks the issuer's access tokens. `issuer` is `<SUPABASE_URL>/auth/v1`."""

    def __init__(self, keys: LocalKeys, issuer: str, now: Callable[[], float] = time.time) -> None:
        self._keys = keys
        self._issuer = issuer
        self._now = now
        self._private = jwk.construct(keys.signing_pem, ALGORITHM)
        self._public = self._private.public_key()

    def jwks(self) -> dict[str, Any]:
        """The public half, as `/.well-known/jwks.json` shows it."""
        public = {**self._public.to_dict(), "kid": self._keys.key_id, "use": "sig"}
        return {"keys": [{**public, "key_ops": ["verify"]}]}

    def sign(self, claims: dict[str, Any], *, user_id: UUID, session_id: UUID) -> tuple[str, int]:
        """An access token for an hour, and when it expires (epoch seconds)."""
        issued_at = int(self._now())
        expires_at = issued_at + TOKEN_SECONDS
        standard = {
            "iss": self._issuer,
            "sub": str(user_id),
            "aud": "authenticated",
            "role": "authenticated",
            "iat": issued_at,
            "exp": expires_at,
            "session_id": str(session_id),
            "aal": "aal1",
            "is_anonymous": False,
        }
        headers = {"kid": self._keys.key_id}
        token = jwt.encode(
            {**claims, **standard}, self._private, algorithm=ALGORITHM, headers=headers
        )
        return token, expires_at

    def read(self, token: str) -> tuple[UUID, UUID]:
        """The user and session of a genuine, unexpired token. Raises JWTError."""
        claims = jwt.decode(
            token,
            self._public,
            algorithms=[ALGORITHM],
            audience="authenticated",
            issuer=self._issuer,
        )
        return UUID(claims["sub"]), UUID(claims["session_id"])
