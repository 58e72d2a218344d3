"""The local issuer, driven by the real supabase-js and @supabase/ssr under Node."""

import asyncio
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import TestDatabase
from tests.local.running_issuer import RunningIssuer

FOLDER = Path(__file__).with_name("real_client")
NODE = shutil.which("node")

pytestmark = [
    pytest.mark.skipif(NODE is None, reason="Node is not installed"),
    pytest.mark.skipif(
        not (FOLDER / "node_modules").is_dir(),
        reason="the Supabase clients are not installed: npm ci in tests/local/real_client",
    ),
]


@pytest.fixture(scope="module")
async def seen(pg_shared: TestDatabase, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the clients saw, step by step (drive.mjs)."""
    with RunningIssuer(pg_shared.auth_dsn, tmp_path_factory.mktemp("issuer")) as issuer:
        keys = issuer.keys
        driver = await asyncio.create_subprocess_exec(
            NODE or "node",
            str(FOLDER / "drive.mjs"),
            *(issuer.url, keys.anon_key, keys.service_key, str(issuer.mail_folder)),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        output, errors = await driver.communicate()
    assert driver.returncode == 0, errors.decode()
    steps: dict[str, Any] = json.loads(output)
    return steps


FOUNDER = "founder"


@pytest.mark.parametrize("step", ["signUp", "signIn", "refresh", "exchange", "ssrSignIn"])
def test_steps_that_give_a_session(seen: dict[str, Any], step: str) -> None:
    assert seen[step] == {"user": FOUNDER, "session": True}


@pytest.mark.parametrize("step", ["getUser", "updateUser", "newPassword", "ssrUser"])
def test_steps_that_give_the_user(seen: dict[str, Any], step: str) -> None:
    assert seen[step] == {"user": FOUNDER, "session": False}


@pytest.mark.parametrize(
    ("step", "status", "code"),
    [
        ("weak", 422, "weak_password"),
        ("duplicate", 422, "user_already_exists"),
        ("anonymous", 422, "anonymous_provider_disabled"),
        ("wrongPassword", 400, "invalid_credentials"),
        ("oldPassword", 400, "invalid_credentials"),
        ("adminGone", 404, "user_not_found"),
        ("notAdmin", 403, "not_admin"),
    ],
)
def test_refusals_arrive_with_their_code(
    seen: dict[str, Any], step: str, status: int, code: str
) -> None:
    assert (seen[step]["status"], seen[step]["error"]) == (status, code)


def test_a_weak_password_says_why(seen: dict[str, Any]) -> None:
    assert seen["weak"]["kind"] == "AuthWeakPasswordError"
    assert seen["weak"]["reasons"] == ["length"]


def test_claims_are_verified_in_the_client(seen: dict[str, Any]) -> None:
    assert seen["getClaims"] == {"algorithm": "ES256", "role": "authenticated"}
    assert seen["ssrClaims"] == FOUNDER


def test_a_refresh_rotates_the_token_and_keeps_the_session(seen: dict[str, Any]) -> None:
    assert seen["rotated"] is True
    assert seen["sameSession"] is True


def test_metadata_is_merged(seen: dict[str, Any]) -> None:
    assert seen["metadata"]["full_name"] == "Asha"
    assert seen["metadata"]["city"] == "Pune"


def test_recovery_leads_back_to_the_application(seen: dict[str, Any]) -> None:
    assert seen["recoverError"] is None
    assert seen["landed"] == {"status": 303, "at": "http://localhost:3000/auth/callback"}


def test_signing_out(seen: dict[str, Any]) -> None:
    assert seen["signOutError"] is None
    assert seen["afterSignOut"] is None


def test_the_admin_manages_users(seen: dict[str, Any]) -> None:
    assert seen["adminCreate"]["user"] == "invited"
    assert seen["adminListed"] == ["invited", FOUNDER]
    assert seen["magicLink"] == {"user": "invited", "session": True}
    assert seen["adminDeleteError"] is None
