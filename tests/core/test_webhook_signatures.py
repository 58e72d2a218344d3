"""Webhook secrets: both kinds, rotation, and that neither stands in for the other."""

import base64
import hashlib
import hmac

import pytest

from backend.core.errors import Unauthorized
from backend.core.webhook_signatures import WebhookSecrets

KEY, NEXT_KEY = b"k" * 32, b"n" * 32
SHARED = "a-shared-secret-of-some-length"
NOW = 1_800_000_000
BODY = b'{"type":"INSERT"}'


def text(key: bytes) -> str:
    return f"v1,whsec_{base64.b64encode(key).decode()}"


def signature(key: bytes, *, body: bytes = BODY, at: int = NOW, id: str = "msg_1") -> str:
    signed = hmac.digest(key, f"{id}.{at}.".encode() + body, hashlib.sha256)
    return f"v1,{base64.b64encode(signed).decode()}"


def headers(given: str, *, at: object = NOW, id: str = "msg_1") -> dict[str, str]:
    return {"webhook-id": id, "webhook-timestamp": str(at), "webhook-signature": given}


def accepted(secrets: str, shown: dict[str, str], body: bytes = BODY) -> bool:
    try:
        WebhookSecrets.parse(secrets).check(shown, body, NOW)
    except Unauthorized:
        return False
    return True


def test_a_signature_in_the_reference_form() -> None:
    """The example of the Standard Webhooks specification, computed there."""
    published = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # pragma: allowlist secret
    secrets = WebhookSecrets.parse(published)
    shown = {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }
    secrets.check(shown, b'{"test": 2432232314}', 1614265330)


@pytest.mark.parametrize("separator", [" ", ", ", ","])
def test_two_signatures_however_they_are_joined(separator: str) -> None:
    both = f"{signature(NEXT_KEY)}{separator}{signature(KEY)}"
    assert accepted(text(KEY), headers(both))


@pytest.mark.parametrize("key", [KEY, NEXT_KEY])
def test_either_secret_during_rotation(key: bytes) -> None:
    assert accepted(f"{text(KEY)}|{text(NEXT_KEY)}", headers(signature(key)))


@pytest.mark.parametrize(
    "shown",
    [
        headers(signature(NEXT_KEY)),
        headers(signature(KEY, body=b"{}")),
        headers(signature(KEY), id="msg_2"),
        headers(signature(KEY), at=NOW + 1),
        headers(signature(KEY, at=NOW - 301), at=NOW - 301),
        headers(signature(KEY, at=NOW + 301), at=NOW + 301),
        headers(signature(KEY), at="now"),
        headers(signature(KEY), at="9" * 400),
        headers(signature(KEY)[3:]),
        headers(signature(KEY).replace("v1,", "v2,")),
        headers("v1,"),
        headers(""),
    ],
)
def test_what_is_not_signed_by_us(shown: dict[str, str]) -> None:
    assert not accepted(text(KEY), shown)


@pytest.mark.parametrize("age", [-299, 299])
def test_clocks_may_differ_a_little(age: int) -> None:
    assert accepted(text(KEY), headers(signature(KEY, at=NOW + age), at=NOW + age))


@pytest.mark.parametrize(
    "shown",
    [
        {"authorization": f"Bearer {SHARED}"},
        {"authorization": f"bearer {SHARED}"},
        {"x-webhook-secret": SHARED},
    ],
)
def test_the_shared_secret(shown: dict[str, str]) -> None:
    assert accepted(SHARED, shown)
    assert accepted(f"{text(KEY)}|{SHARED}", shown)
    assert not accepted(f"{SHARED}x", shown)
    assert not accepted(text(KEY), shown)


@pytest.mark.parametrize("shown", [{}, {"authorization": "Bearer "}, {"x-webhook-secret": ""}])
def test_nothing_shown(shown: dict[str, str]) -> None:
    assert not accepted(f"{text(KEY)}|{SHARED}", shown)


@pytest.mark.parametrize("name", ["webhook-id", "webhook-timestamp", "webhook-signature"])
def test_a_failed_signature_never_falls_back_to_the_shared_secret(name: str) -> None:
    both = f"{text(KEY)}|{SHARED}"
    assert not accepted(both, {"x-webhook-secret": SHARED, **headers(signature(NEXT_KEY))})
    assert not accepted(both, {"x-webhook-secret": SHARED, name: "x"})


@pytest.mark.parametrize("bad", ["", "|", "short", "v1,whsec_%%%", "v1,whsec_", f"{SHARED}|x"])
def test_bad_secrets_fail_at_boot(bad: str) -> None:
    with pytest.raises(ValueError):
        WebhookSecrets.parse(bad)


def test_secrets_are_not_shown() -> None:
    assert SHARED not in repr(WebhookSecrets.parse(SHARED))
