"""The local issuer over plain HTTP: what the clients do not show, and what an attacker would try."""

import asyncio
import secrets
import stat
import time
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit
from uuid import uuid4

import httpx
import psycopg
import pytest

from backend.local.auth import LocalKeys
from backend.local.auth.links import challenge_of
from backend.local.auth.passwords import Passwords
from tests.conftest import TestDatabase
from tests.local.running_issuer import SITE_URL, RunningIssuer

PASSWORD = "correct horse"
VERSION = {"X-Supabase-Api-Version": "2024-01-01"}


@pytest.fixture(scope="module")
def running(
    pg_shared: TestDatabase, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningIssuer]:
    with RunningIssuer(pg_shared.auth_dsn, tmp_path_factory.mktemp("issuer")) as issuer:
        yield issuer


@pytest.fixture
def issuer(running: RunningIssuer) -> RunningIssuer:
    """Five minutes after the test before, so that no limit is carried over."""
    running.seconds_ahead += 301
    return running


@pytest.fixture
async def http(issuer: RunningIssuer) -> AsyncIterator[httpx.AsyncClient]:
    headers = {"apikey": issuer.keys.anon_key}
    base = f"{issuer.url}/auth/v1"
    async with httpx.AsyncClient(base_url=base, headers=headers, timeout=30) as client:
        yield client


@pytest.fixture
def email() -> str:
    return f"{uuid4().hex[:12]}@issuer.example"


@pytest.fixture
async def session(http: httpx.AsyncClient, email: str) -> dict[str, Any]:
    """The session of a new user with this address."""
    answer = await http.post("/signup", json={"email": email, "password": PASSWORD})
    assert answer.status_code == 200, answer.text
    created: dict[str, Any] = answer.json()
    return created


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


async def grant(http: httpx.AsyncClient, kind: str, **body: str) -> httpx.Response:
    return await http.post(f"/token?grant_type={kind}", json=body)


def code(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.headers["x-sb-error-code"]


class TestForm:
    async def test_errors_for_clients_that_announce_a_version(
        self, http: httpx.AsyncClient
    ) -> None:
        answer = await http.get("/user", headers=VERSION)
        assert answer.status_code == 401
        assert answer.json()["code"] == "no_authorization"
        assert answer.headers["x-supabase-api-version"] == "2024-01-01"

    async def test_errors_for_older_clients(self, http: httpx.AsyncClient) -> None:
        answer = await http.get("/user", headers=bearer("nonsense"))
        body = answer.json()
        assert (body["code"], body["error_code"]) == (403, "bad_jwt")
        assert "x-supabase-api-version" not in answer.headers

    async def test_browsers_of_any_origin_may_ask_and_read(self, http: httpx.AsyncClient) -> None:
        wanted = "authorization,apikey,content-type,x-client-info,x-supabase-api-version"
        preflight = await http.options(
            "/token",
            headers={
                "Origin": "http://localhost:3000",
                "Access-Control-Request-Method": "POST",
                "Access-Control-Request-Headers": wanted,
            },
        )
        assert preflight.status_code == 200
        assert preflight.headers["access-control-allow-origin"] == "*"
        refused = await http.get("/user", headers={"Origin": "http://localhost:3000"})
        exposed = refused.headers["access-control-expose-headers"].lower()
        assert "x-supabase-api-version" in exposed

    async def test_without_an_api_key_there_is_no_service(self, issuer: RunningIssuer) -> None:
        async with httpx.AsyncClient(base_url=f"{issuer.url}/auth/v1") as stranger:
            assert code(await stranger.post("/signup", json={})) == (401, "no_authorization")
            wrong = {"apikey": "sb_publishable_wrong"}
            assert (await stranger.get("/settings", headers=wrong)).status_code == 401
            for path in ("/health", "/.well-known/jwks.json"):
                assert (await stranger.get(path)).status_code == 200

    async def test_settings_say_what_is_offered(self, http: httpx.AsyncClient) -> None:
        settings = (await http.get("/settings")).json()
        assert settings["external"] == {"email": True, "phone": False, "anonymous_users": False}
        assert settings["mailer_autoconfirm"] is True

    async def test_the_key_set_has_no_private_part(self, http: httpx.AsyncClient) -> None:
        answer = await http.get("/.well-known/jwks.json")
        (key,) = answer.json()["keys"]
        assert (key["kty"], key["crv"], key["alg"], key["use"]) == ("EC", "P-256", "ES256", "sig")
        assert "d" not in key
        assert "max-age=600" in answer.headers["cache-control"]

    @pytest.mark.parametrize(
        ("content", "status", "expected"),
        [
            (b"{", 400, "bad_json"),
            (b"[]", 400, "validation_failed"),
            (b'{"email": "nobody", "password": "correct horse"}', 400, "validation_failed"),
            (b'{"email": "a@b.example", "password": 7}', 400, "validation_failed"),
            (b'{"email": "a@b.example", "password": "%b"}' % (b"x" * 73), 400, "validation_failed"),
            (b'{"phone": "+911234567890", "password": "p"}', 400, "validation_failed"),
            (b'{"password": "correct horse"}', 422, "anonymous_provider_disabled"),
            (b'"%b"' % (b"x" * 70_000), 413, "request_too_large"),
        ],
    )
    async def test_bad_sign_ups(
        self, http: httpx.AsyncClient, content: bytes, status: int, expected: str
    ) -> None:
        assert code(await http.post("/signup", content=content)) == (status, expected)

    @pytest.mark.parametrize("data", [{"name": "a\0b"}, {"pad": "x" * 3000}])
    async def test_metadata_that_cannot_be_kept(
        self, http: httpx.AsyncClient, email: str, data: dict[str, str]
    ) -> None:
        body = {"email": email, "password": PASSWORD, "data": data}
        assert code(await http.post("/signup", json=body)) == (400, "validation_failed")

    async def test_unknown_grants_and_routes(self, http: httpx.AsyncClient) -> None:
        assert code(await grant(http, "id_token")) == (400, "validation_failed")
        assert code(await http.get("/factors")) == (404, "not_found")


class TestSignUp:
    async def test_the_real_triggers_make_the_workspace(
        self, pg_shared: TestDatabase, session: dict[str, Any]
    ) -> None:
        async with await psycopg.AsyncConnection.connect(pg_shared.owner_dsn) as connection:
            rows = await connection.execute(
                "select w.name from public.workspaces w where w.user_id = %s",
                [session["user"]["id"]],
            )
            (name,) = (await rows.fetchone()) or (None,)
        assert name == f"{session['user']['email'].split('@')[0]}'s Workspace"

    async def test_a_failing_trigger_leaves_no_user(
        self, http: httpx.AsyncClient, pg_shared: TestDatabase, email: str
    ) -> None:
        async with await psycopg.AsyncConnection.connect(
            pg_shared.auth_dsn, autocommit=True
        ) as owner:
            await owner.execute(
                "create function auth.refuse() returns trigger language plpgsql as"
                " $$ begin raise exception 'no'; end $$"
            )
            await owner.execute(
                "create trigger refuse before insert on auth.users"
                " for each row execute function auth.refuse()"
            )
            try:
                body = {"email": email, "password": PASSWORD}
                answer = await http.post("/signup", json=body)
            finally:
                await owner.execute("drop function auth.refuse cascade")
        assert code(answer) == (500, "unexpected_failure")
        assert code(await grant(http, "password", **body)) == (400, "invalid_credentials")

    async def test_one_account_from_simultaneous_sign_ups(
        self, http: httpx.AsyncClient, email: str
    ) -> None:
        body = {"email": email, "password": PASSWORD}
        answers = await asyncio.gather(*(http.post("/signup", json=body) for _ in range(4)))
        assert sorted(answer.status_code for answer in answers) == [200, 422, 422, 422]

    async def test_secrets_are_stored_as_hashes(
        self, pg_shared: TestDatabase, session: dict[str, Any]
    ) -> None:
        async with await psycopg.AsyncConnection.connect(pg_shared.auth_dsn) as connection:
            rows = await connection.execute(
                "select u.encrypted_password, t.token from auth.users u"
                " join auth.refresh_tokens t on t.user_id = u.id::text where u.id = %s",
                [session["user"]["id"]],
            )
            hashed, token = (await rows.fetchone()) or ("", "")
        assert hashed.startswith("$argon2id$")
        assert token != session["refresh_token"]
        assert len(token) == 64


class TestPasswords:
    async def test_guessing_is_stopped(
        self, http: httpx.AsyncClient, issuer: RunningIssuer, email: str, session: dict[str, Any]
    ) -> None:
        guesses = [grant(http, "password", email=email, password="wrong one") for _ in range(14)]
        codes = [code(answer) for answer in await asyncio.gather(*guesses)]
        assert codes.count((400, "invalid_credentials")) == 10
        assert codes.count((429, "over_request_rate_limit")) == 4
        right = {"email": email, "password": PASSWORD}
        assert (await grant(http, "password", **right)).status_code == 429
        issuer.seconds_ahead += 301
        assert (await grant(http, "password", **right)).status_code == 200

    async def test_signing_in_rightly_is_not_guessing(
        self, http: httpx.AsyncClient, email: str, session: dict[str, Any]
    ) -> None:
        for _ in range(12):
            answer = await grant(http, "password", email=email, password=PASSWORD)
            assert answer.status_code == 200

    def test_an_unknown_address_takes_as_long(self) -> None:
        passwords = Passwords()
        hashed = asyncio.run(passwords.hash(PASSWORD))

        def fastest(against: str | None) -> float:
            durations = []
            for _ in range(6):
                started = time.perf_counter()
                assert passwords._matches("wrong one", against) is False
                durations.append(time.perf_counter() - started)
            return min(durations)

        fastest(None)
        assert 0.4 < fastest(None) / fastest(hashed) < 2.5

    async def test_nobody_has_the_hash_of_nobody(self) -> None:
        assert await Passwords().matches("", None) is False

    async def test_a_new_password_ends_the_other_sessions(
        self, http: httpx.AsyncClient, email: str, session: dict[str, Any]
    ) -> None:
        here = (await grant(http, "password", email=email, password=PASSWORD)).json()
        mine, other = bearer(here["access_token"]), bearer(session["access_token"])
        same = await http.put("/user", json={"password": PASSWORD}, headers=mine)
        assert code(same) == (422, "same_password")
        changed = await http.put("/user", json={"password": "battery staple"}, headers=mine)
        assert changed.status_code == 200
        assert (await http.get("/user", headers=mine)).status_code == 200
        assert code(await http.get("/user", headers=other)) == (403, "session_not_found")


class TestSessions:
    async def test_a_refresh_token_that_comes_back_ends_the_session(
        self, http: httpx.AsyncClient, issuer: RunningIssuer, session: dict[str, Any]
    ) -> None:
        first = session["refresh_token"]
        second = (await grant(http, "refresh_token", refresh_token=first)).json()["refresh_token"]
        issuer.seconds_ahead += 11
        stolen = await grant(http, "refresh_token", refresh_token=first)
        assert code(stolen) == (400, "refresh_token_already_used")
        family = await grant(http, "refresh_token", refresh_token=second)
        assert code(family) == (400, "refresh_token_not_found")

    async def test_tabs_that_refresh_together_all_stay_in(
        self, http: httpx.AsyncClient, session: dict[str, Any]
    ) -> None:
        token = session["refresh_token"]
        tabs = [grant(http, "refresh_token", refresh_token=token) for _ in range(5)]
        answers = await asyncio.gather(*tabs)
        assert {answer.status_code for answer in answers} == {200}
        newest = answers[-1].json()["refresh_token"]
        assert (await grant(http, "refresh_token", refresh_token=newest)).status_code == 200

    async def test_an_unknown_refresh_token(self, http: httpx.AsyncClient) -> None:
        answer = await grant(http, "refresh_token", refresh_token="nonsense")
        assert code(answer) == (400, "refresh_token_not_found")

    @pytest.mark.parametrize(
        ("scope", "here", "there"),
        [("local", 403, 200), ("others", 200, 403), ("global", 403, 403)],
    )
    async def test_log_out_scopes(
        self,
        http: httpx.AsyncClient,
        email: str,
        session: dict[str, Any],
        scope: str,
        here: int,
        there: int,
    ) -> None:
        second = (await grant(http, "password", email=email, password=PASSWORD)).json()
        mine, other = bearer(session["access_token"]), bearer(second["access_token"])
        assert (await http.post(f"/logout?scope={scope}", headers=mine)).status_code == 204
        assert (await http.get("/user", headers=mine)).status_code == here
        assert (await http.get("/user", headers=other)).status_code == there

    async def test_an_unknown_scope(self, http: httpx.AsyncClient, session: dict[str, Any]) -> None:
        mine = bearer(session["access_token"])
        answer = await http.post("/logout?scope=everyone", headers=mine)
        assert code(answer) == (400, "validation_failed")

    async def test_an_address_of_someone_else(
        self, http: httpx.AsyncClient, session: dict[str, Any]
    ) -> None:
        other = f"{uuid4().hex[:12]}@issuer.example"
        await http.post("/signup", json={"email": other, "password": PASSWORD})
        mine = bearer(session["access_token"])
        answer = await http.put("/user", json={"email": other}, headers=mine)
        assert code(answer) == (422, "email_exists")


class TestLinks:
    async def recover(
        self, http: httpx.AsyncClient, email: str, verifier: str | None = None, to: str = ""
    ) -> None:
        challenge = challenge_of(verifier) if verifier else None
        body = {"email": email, "code_challenge": challenge, "code_challenge_method": "s256"}
        answer = await http.post(f"/recover?{urlencode({'redirect_to': to})}", json=body)
        assert (answer.status_code, answer.json()) == (200, {})

    async def auth_code(
        self, http: httpx.AsyncClient, issuer: RunningIssuer, email: str, verifier: str
    ) -> str:
        await self.recover(http, email, verifier)
        landed = (await http.get(issuer.newest_mail()[0])).headers["location"]
        return parse_qs(urlsplit(landed).query)["code"][0]

    async def test_a_code_needs_its_verifier_and_works_once(
        self,
        http: httpx.AsyncClient,
        issuer: RunningIssuer,
        email: str,
        session: dict[str, Any],
    ) -> None:
        verifier = secrets.token_hex(56)
        first = await self.auth_code(http, issuer, email, verifier)
        wrong = await grant(http, "pkce", auth_code=first, code_verifier="x" * 56)
        assert code(wrong) == (400, "bad_code_verifier")
        spent = await grant(http, "pkce", auth_code=first, code_verifier=verifier)
        assert code(spent) == (404, "flow_state_not_found")

        second = await self.auth_code(http, issuer, email, verifier)
        good = await grant(http, "pkce", auth_code=second, code_verifier=verifier)
        assert good.json()["user"]["email"] == email
        again = await grant(http, "pkce", auth_code=second, code_verifier=verifier)
        assert code(again) == (404, "flow_state_not_found")

    async def test_a_code_lives_five_minutes(
        self,
        http: httpx.AsyncClient,
        issuer: RunningIssuer,
        email: str,
        session: dict[str, Any],
    ) -> None:
        verifier = secrets.token_hex(56)
        auth_code = await self.auth_code(http, issuer, email, verifier)
        issuer.seconds_ahead += 301
        late = await grant(http, "pkce", auth_code=auth_code, code_verifier=verifier)
        assert code(late) == (422, "flow_state_expired")

    async def test_a_link_works_once_within_an_hour(
        self,
        http: httpx.AsyncClient,
        issuer: RunningIssuer,
        email: str,
        session: dict[str, Any],
    ) -> None:
        await self.recover(http, email)
        link, _ = issuer.newest_mail()
        landed = urlsplit((await http.get(link)).headers["location"])
        values = dict(parse_qsl(landed.fragment))
        assert (values["type"], values["token_type"]) == ("recovery", "bearer")
        assert (await http.get("/user", headers=bearer(values["access_token"]))).is_success
        again = urlsplit((await http.get(link)).headers["location"])
        assert dict(parse_qsl(again.fragment))["error_code"] == "otp_expired"

        await self.recover(http, email)
        link, _ = issuer.newest_mail()
        issuer.seconds_ahead += 3601
        late = urlsplit((await http.get(link)).headers["location"])
        assert dict(parse_qsl(late.fragment))["error_code"] == "otp_expired"

    @pytest.mark.parametrize(
        ("wanted", "sent_to"),
        [
            ("http://localhost:4000/cb?a=1", "http://localhost:4000/cb"),
            ("http://127.0.0.1:3000/cb", "http://127.0.0.1:3000/cb"),
            ("https://evil.example/cb", SITE_URL),
            ("http://localhost.evil.example", SITE_URL),
            ("//evil.example", SITE_URL),
            ("javascript:alert(1)", SITE_URL),
            ("", SITE_URL),
        ],
    )
    async def test_browsers_are_not_sent_to_strangers(
        self, http: httpx.AsyncClient, wanted: str, sent_to: str
    ) -> None:
        answer = await http.get("/verify", params={"token": "x", "redirect_to": wanted})
        assert answer.status_code == 303
        target = urlsplit(answer.headers["location"])
        assert f"{target.scheme}://{target.netloc}{target.path}" == sent_to

    async def test_an_unknown_address_gets_the_same_answer_and_no_mail(
        self, http: httpx.AsyncClient, issuer: RunningIssuer, email: str
    ) -> None:
        issuer.mail_folder.mkdir(exist_ok=True)
        before = set(issuer.mail_folder.iterdir())
        await self.recover(http, email)
        assert set(issuer.mail_folder.iterdir()) == before

    async def test_mails_are_limited_and_private(
        self,
        http: httpx.AsyncClient,
        issuer: RunningIssuer,
        email: str,
        session: dict[str, Any],
    ) -> None:
        for _ in range(5):
            await self.recover(http, email)
        sixth = await http.post("/recover", json={"email": email})
        assert code(sixth) == (429, "over_email_send_rate_limit")
        for mail in issuer.mail_folder.iterdir():
            assert stat.S_IMODE(mail.stat().st_mode) == 0o600

    async def test_guessing_codes_is_stopped(
        self, http: httpx.AsyncClient, email: str, session: dict[str, Any]
    ) -> None:
        await self.recover(http, email)
        guess = {"type": "recovery", "email": email}
        guesses = [
            http.post("/verify", json={**guess, "token": f"x{number:05}"}) for number in range(12)
        ]
        codes = [code(answer) for answer in await asyncio.gather(*guesses)]
        assert codes.count((403, "otp_expired")) == 10
        assert codes.count((429, "over_request_rate_limit")) == 2


class TestAdmin:
    @pytest.fixture
    def service(self, issuer: RunningIssuer) -> dict[str, str]:
        return bearer(issuer.keys.service_key)

    async def test_pages(
        self, http: httpx.AsyncClient, service: dict[str, str], session: dict[str, Any]
    ) -> None:
        await http.post("/admin/users", json={"email": "page@issuer.example"}, headers=service)
        answer = await http.get("/admin/users?page=1&per_page=1", headers=service)
        assert len(answer.json()["users"]) == 1
        assert int(answer.headers["x-total-count"]) >= 2
        assert 'rel="next"' in answer.headers["link"]
        for query in ("page=0", "per_page=1001", "page=x", "page=9999999999"):
            refused = await http.get(f"/admin/users?{query}", headers=service)
            assert code(refused) == (400, "validation_failed")

    async def test_a_users_token_is_not_the_service_key(
        self, http: httpx.AsyncClient, session: dict[str, Any]
    ) -> None:
        mine = bearer(session["access_token"])
        user_id = session["user"]["id"]
        for method, path in (
            ("GET", "/admin/users"),
            ("POST", "/admin/users"),
            ("GET", f"/admin/users/{user_id}"),
            ("PUT", f"/admin/users/{user_id}"),
            ("DELETE", f"/admin/users/{user_id}"),
            ("POST", "/admin/generate_link"),
        ):
            answer = await http.request(method, path, json={}, headers=mine)
            assert code(answer) == (403, "not_admin")

    async def test_what_is_not_offered_is_refused(
        self, http: httpx.AsyncClient, service: dict[str, str], session: dict[str, Any]
    ) -> None:
        path = f"/admin/users/{session['user']['id']}"
        for body in ({"ban_duration": "24h"}, {"role": "service_role"}):
            answer = await http.put(path, json=body, headers=service)
            assert code(answer) == (400, "validation_failed")

    async def test_a_metadata_key_set_to_null_goes_away(
        self, http: httpx.AsyncClient, service: dict[str, str], session: dict[str, Any]
    ) -> None:
        path = f"/admin/users/{session['user']['id']}"
        for metadata, expected in (({"beta": True}, True), ({"beta": None}, None)):
            body = {"app_metadata": metadata}
            answer = await http.put(path, json=body, headers=service)
            assert answer.json()["app_metadata"].get("beta") is expected


class TestKeys:
    def test_they_are_made_once_and_private(self, tmp_path: Path) -> None:
        with ThreadPoolExecutor(8) as pool:
            found = list(pool.map(LocalKeys.load_or_create, [tmp_path] * 8))
        assert len(set(found)) == 1
        (file,) = tmp_path.iterdir()
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        keys = found[0]
        assert keys.anon_key.startswith("sb_publishable_")
        assert keys.service_key.startswith("sb_secret_")
        assert keys.service_key not in repr(keys)
        assert "PRIVATE" not in repr(keys)
