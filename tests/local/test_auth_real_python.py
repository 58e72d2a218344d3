"""The local issuer, driven by the real supabase client for Python."""

from collections.abc import AsyncIterator, Awaitable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import httpx
import pytest
from supabase import AsyncClient, AsyncClientOptions, acreate_client
from supabase_auth.errors import AuthApiError, AuthWeakPasswordError

from backend.core.auth import TokenVerifier
from backend.core.config import load_settings
from tests.conftest import TestDatabase
from tests.local.running_issuer import RunningIssuer

PASSWORD = "correct horse"


@pytest.fixture(scope="module")
def issuer(
    pg_shared: TestDatabase, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningIssuer]:
    with RunningIssuer(pg_shared.auth_dsn, tmp_path_factory.mktemp("issuer")) as issuer:
        yield issuer


@pytest.fixture
async def client(issuer: RunningIssuer) -> AsyncIterator[AsyncClient]:
    client = await _client(issuer, issuer.keys.anon_key)
    yield client
    await client.auth.close()


@pytest.fixture
async def admin(issuer: RunningIssuer) -> AsyncIterator[Any]:
    client = await _client(issuer, issuer.keys.service_key)
    yield client.auth.admin
    await client.auth.close()


async def _client(issuer: RunningIssuer, key: str) -> AsyncClient:
    options = AsyncClientOptions(auto_refresh_token=False, flow_type="pkce")
    return await acreate_client(issuer.url, key, options)


@pytest.fixture
async def email(client: AsyncClient) -> str:
    """A user who has signed up through `client`."""
    address = f"{uuid4().hex[:12]}@py.example"
    options = {"data": {"full_name": "Meera"}}
    await client.auth.sign_up({"email": address, "password": PASSWORD, "options": options})
    return address


async def code_of(call: Awaitable[object]) -> str | None:
    with pytest.raises(AuthApiError) as refusal:
        await call
    code: str | None = refusal.value.code
    return code


async def test_sign_up_gives_a_session_and_the_user(client: AsyncClient, email: str) -> None:
    session = await client.auth.get_session()
    assert session is not None
    assert session.expires_in == 3600
    assert session.user.email == email
    assert session.user.user_metadata["full_name"] == "Meera"
    assert session.user.identities is not None


async def test_a_duplicate_and_a_weak_password(client: AsyncClient, email: str) -> None:
    again = client.auth.sign_up({"email": email.upper(), "password": PASSWORD})
    assert await code_of(again) == "user_already_exists"
    with pytest.raises(AuthWeakPasswordError) as refusal:
        await client.auth.sign_up({"email": "weak@py.example", "password": "x"})
    assert refusal.value.reasons == ["length"]


async def test_sign_in_and_who_am_i(client: AsyncClient, email: str) -> None:
    await client.auth.sign_in_with_password({"email": email, "password": PASSWORD})
    found = await client.auth.get_user()
    assert found is not None
    assert found.user.email == email
    wrong = client.auth.sign_in_with_password({"email": email, "password": "wrong one"})
    assert await code_of(wrong) == "invalid_credentials"


async def test_claims_are_verified_with_the_key_set(client: AsyncClient, email: str) -> None:
    found = await client.auth.get_claims()
    assert found is not None
    assert found["claims"]["email"] == email
    assert found["headers"]["alg"] == "ES256"


async def test_the_api_accepts_its_tokens(
    client: AsyncClient, issuer: RunningIssuer, email: str
) -> None:
    session = await client.auth.get_session()
    assert session is not None
    settings = load_settings(
        database_url="postgresql://nobody@localhost/none",
        redis_url="redis://localhost",
        supabase_url=issuer.url,
        supabase_anon_key=issuer.keys.anon_key,
        supabase_service_key=issuer.keys.service_key,
    )
    verifier = TokenVerifier(settings)
    identity = await verifier.verify(session.access_token)
    await verifier.aclose()
    assert (str(identity.id), identity.email) == (session.user.id, email)


async def test_refreshing_rotates(client: AsyncClient, email: str) -> None:
    before = await client.auth.get_session()
    after = (await client.auth.refresh_session()).session
    assert before is not None
    assert after is not None
    assert after.refresh_token != before.refresh_token
    assert after.user.email == email


async def test_metadata_and_address_change(client: AsyncClient, email: str) -> None:
    moved = f"new-{email}"
    updated = await client.auth.update_user({"email": moved, "data": {"city": "Kochi"}})
    assert updated.user.email == moved
    assert updated.user.user_metadata["city"] == "Kochi"
    assert updated.user.user_metadata["full_name"] == "Meera"


async def test_recovery_by_code_exchange(
    client: AsyncClient, issuer: RunningIssuer, email: str
) -> None:
    await client.auth.sign_out()
    await client.auth.reset_password_for_email(
        email, {"redirect_to": "http://localhost:3000/auth/callback"}
    )
    link, _ = issuer.newest_mail()
    async with httpx.AsyncClient() as browser:
        landed = (await browser.get(link)).headers["location"]
    code = parse_qs(urlsplit(landed).query)["code"][0]
    exchanged = await client.auth.exchange_code_for_session({"auth_code": code})
    assert exchanged.user.email == email
    await client.auth.update_user({"password": "battery staple"})
    await client.auth.sign_in_with_password({"email": email, "password": "battery staple"})


async def test_recovery_by_the_code_in_the_mail(
    client: AsyncClient, issuer: RunningIssuer, email: str
) -> None:
    await client.auth.reset_password_for_email(email)
    _, code = issuer.newest_mail()
    given = await client.auth.verify_otp({"type": "recovery", "email": email, "token": code})
    assert given.session is not None
    again = client.auth.verify_otp({"type": "recovery", "email": email, "token": code})
    assert await code_of(again) == "otp_expired"


async def test_signing_out_ends_the_session(client: AsyncClient, email: str) -> None:
    session = await client.auth.get_session()
    assert session is not None
    await client.auth.sign_out()
    assert await code_of(client.auth.get_user(session.access_token)) == "session_not_found"
    refreshing = client.auth.refresh_session(session.refresh_token)
    assert await code_of(refreshing) == "refresh_token_not_found"


async def test_the_admin_manages_users(admin: Any, client: AsyncClient) -> None:
    address = f"{uuid4().hex[:12]}@py.example"
    created = (await admin.create_user({"email": address, "app_metadata": {"beta": True}})).user
    assert (await admin.get_user_by_id(created.id)).user.app_metadata["beta"] is True
    assert address in {user.email for user in await admin.list_users(page=1, per_page=100)}

    link = await admin.generate_link({"type": "magiclink", "email": address})
    hashed = link.properties.hashed_token
    given = await client.auth.verify_otp({"type": "magiclink", "token_hash": hashed})
    assert given.session is not None

    await admin.update_user_by_id(created.id, {"password": PASSWORD})
    await client.auth.sign_in_with_password({"email": address, "password": PASSWORD})
    await admin.delete_user(created.id)
    assert await code_of(admin.get_user_by_id(created.id)) == "user_not_found"


async def test_an_erased_user_is_an_id_alone(client: AsyncClient, admin: Any) -> None:
    address = f"{uuid4().hex[:12]}@py.example"
    about = {"email": address, "password": PASSWORD, "email_confirm": True}
    created = (await admin.create_user({**about, "user_metadata": {"full_name": "Asha"}})).user
    given = await client.auth.sign_in_with_password({"email": address, "password": PASSWORD})
    assert given.session
    await admin.delete_user(created.id, should_soft_delete=True)
    left = (await admin.get_user_by_id(created.id)).user
    assert address not in left.model_dump_json()
    assert left.user_metadata == {}
    wrong = client.auth.sign_in_with_password({"email": address, "password": PASSWORD})
    assert await code_of(wrong) == "invalid_credentials"
    old = client.auth.refresh_session(given.session.refresh_token)
    assert await code_of(old) == "refresh_token_not_found"
    assert (await admin.create_user(about)).user.id != created.id


async def test_only_the_service_key_is_the_admin(client: AsyncClient, email: str) -> None:
    assert await code_of(client.auth.admin.list_users()) == "not_admin"
