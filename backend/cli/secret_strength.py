"""Whether settings would keep out somebody who guesses, listens or mixes keys up. No value is ever shown."""

import base64
import ipaddress
import json
from collections.abc import Iterator
from urllib.parse import parse_qs, unquote, urlsplit

from pydantic import SecretStr

from backend.core.config import Settings
from backend.core.webhook_signatures import WebhookSecrets

MIN_LENGTH, MIN_DISTINCT, MIN_SIGNING_BYTES = 16, 8, 24
GUESSED_FIRST = ("password", "raptorflow", "postgres", "changeme", "secret", "supabase", "admin")
ENCRYPTED = {"require", "verify-ca", "verify-full"}


def faults(settings: Settings) -> Iterator[str]:
    """One sentence for each weakness, starting with the setting's name."""
    yield from _passwords(settings)
    yield from _auth_webhook(settings)
    yield from _supabase_keys(settings)
    yield from _transport(settings)
    if settings.environment != "production" and _is_public(settings.supabase_url):
        yield "ENVIRONMENT: is not production, so what production refuses is allowed"


def _passwords(settings: Settings) -> Iterator[str]:
    for name, value in {
        "DATABASE_URL": _password(settings.database_url),
        "MIGRATION_DATABASE_URL": _password(settings.migration_database_url),
        "SUPABASE_JWT_SECRET": _reveal(settings.supabase_jwt_secret),
        "METRICS_TOKEN": _reveal(settings.metrics_token),
        "PHONEPE_WEBHOOK_PASSWORD": _reveal(settings.phonepe_webhook_password),
        "PHONEPE_WEBHOOK_SECRET": _reveal(settings.phonepe_webhook_secret),
    }.items():
        if value and (weakness := _weakness(value)):
            yield f"{name}: {weakness}"


def _weakness(value: str) -> str | None:
    plain = value.lower()
    if any(plain.strip("0123456789!.-_") == word for word in GUESSED_FIRST):
        return "is a word that is guessed first"
    if len(value) < MIN_LENGTH:
        return f"is shorter than {MIN_LENGTH} characters"
    if len(set(value)) < MIN_DISTINCT:
        return f"has fewer than {MIN_DISTINCT} different characters"
    return None


def _auth_webhook(settings: Settings) -> Iterator[str]:
    text = _reveal(settings.auth_webhook_secret)
    if not text:
        return
    secrets = WebhookSecrets.parse(text)
    for shared in secrets.shared:
        if weakness := _weakness(shared.decode(errors="replace")):
            yield f"AUTH_WEBHOOK_SECRET: {weakness}"
    if any(len(key) < MIN_SIGNING_BYTES for key in secrets.signing):
        yield f"AUTH_WEBHOOK_SECRET: signs with fewer than {MIN_SIGNING_BYTES} bytes"


def _supabase_keys(settings: Settings) -> Iterator[str]:
    """The anon key goes to every browser: the mix-up that opens a project."""
    public, secret = _reveal(settings.supabase_anon_key), _reveal(settings.supabase_service_key)
    if public == secret:
        yield "SUPABASE_SERVICE_KEY: is the same as SUPABASE_ANON_KEY"
    if public.startswith("sb_secret_") or _role(public) == "service_role":
        yield "SUPABASE_ANON_KEY: is a secret key, and is given to every browser"
    if secret.startswith("sb_publishable_") or _role(secret) == "anon":
        yield "SUPABASE_SERVICE_KEY: is the publishable key: the server cannot work with it"


def _role(key: str) -> str | None:
    """The role in a key of the older kind, which is a token."""
    try:
        payload = key.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (IndexError, ValueError):
        return None
    return str(claims.get("role")) if isinstance(claims, dict) else None


def _transport(settings: Settings) -> Iterator[str]:
    for name, secret in (
        ("DATABASE_URL", settings.database_url),
        ("MIGRATION_DATABASE_URL", settings.migration_database_url),
    ):
        url = _reveal(secret)
        mode = parse_qs(urlsplit(url).query).get("sslmode", ["prefer"])[-1]
        if _is_public(url) and mode not in ENCRYPTED:
            yield f"{name}: may fall back to plain text; add ?sslmode=require or stricter"
    redis = settings.redis_url.get_secret_value()
    if _is_public(redis) and urlsplit(redis).scheme == "redis":
        yield "REDIS_URL: goes in plain text over a public network; use rediss://"


def _is_public(url: str) -> bool:
    """Whether the host is reached beyond one's own networks: a name without a dot is a neighbour's."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_global
    except ValueError:
        return "." in host and not host.endswith((".internal", ".local", ".localhost"))


def _password(url: SecretStr | None) -> str:
    return unquote(urlsplit(_reveal(url)).password or "")


def _reveal(secret: SecretStr | None) -> str:
    return secret.get_secret_value() if secret else ""
