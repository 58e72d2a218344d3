"""Access tokens: what is accepted, what is refused under which code, and how often the JWKS is fetched."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jose import jwk, jws, jwt

from backend.core import auth
from backend.core.auth import TokenVerifier
from backend.core.config import Settings, load_settings
from backend.core.errors import Unauthorized, Unavailable

SECRET = "a-shared-secret-of-forty-characters-here"
ISSUER = "http://auth.test/auth/v1"


class Key:
    """A signing key and its public JWK."""

    def __init__(self, algorithm: str = "ES256") -> None:
        private = (
            ec.generate_private_key(ec.SECP256R1())
            if algorithm == "ES256"
            else rsa.generate_private_key(65537, 2048)
        )
        self.id = str(uuid4())
        self.algorithm = algorithm
        self.pem = private.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ).decode()
        self.public_pem = (
            private.public_key()
            .public_bytes(
                serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
            )
            .decode()
        )
        public = jwk.construct(self.public_pem, algorithm).to_dict()
        self.jwk = {**public, "kid": self.id, "use": "sig"}

    def sign(self, claims: dict[str, Any], **headers: Any) -> str:
        return jwt.encode(
            claims, self.pem, algorithm=self.algorithm, headers={"kid": self.id, **headers}
        )


class Issuer:
    """A JWKS endpoint that counts its visitors and can be taken down."""

    def __init__(self, *keys: Key) -> None:
        self.keys = list(keys)
        self.fetches = 0
        self.down = False

    async def answer(self, request: httpx.Request) -> httpx.Response:
        assert str(request.url) == f"{ISSUER}/.well-known/jwks.json"
        self.fetches += 1
        await asyncio.sleep(0)  # let the other requests in, as a network would
        if self.down:
            return httpx.Response(503)
        return httpx.Response(200, json={"keys": [key.jwk for key in self.keys]})


class Clock:
    def __init__(self) -> None:
        self.time = time.time()

    def __call__(self) -> float:
        return self.time


def settings(**changes: Any) -> Settings:
    return load_settings(
        **{
            "database_url": "postgresql://nobody@localhost/none",
            "redis_url": "redis://localhost",
            "supabase_url": "http://auth.test",
            "supabase_anon_key": "anon",
            "supabase_service_key": "service",
            **changes,
        }
    )


def claims(clock: Callable[[], float] = time.time, **changes: Any) -> dict[str, Any]:
    everything = {
        "iss": ISSUER,
        "sub": str(uuid4()),
        "aud": "authenticated",
        "role": "authenticated",
        "iat": int(clock()),
        "exp": int(clock()) + 3600,
        "email": "founder@example.com",
        "session_id": str(uuid4()),
        "is_anonymous": False,
        "app_metadata": {"provider": "email"},
        "user_metadata": {"full_name": "A Founder"},
        **changes,
    }
    return {name: value for name, value in everything.items() if value is not ...}


class Stand:
    """A verifier with its issuer and clock."""

    def __init__(self, *keys: Key, **changes: Any) -> None:
        self.clock = Clock()
        self.issuer = Issuer(*keys)
        http = httpx.AsyncClient(transport=httpx.MockTransport(self.issuer.answer))
        self.verifier = TokenVerifier(settings(**changes), http, self.clock)

    async def code(self, token: str) -> str:
        """The code a token is refused with."""
        with pytest.raises(Unauthorized) as refusal:
            await self.verifier.verify(token)
        return refusal.value.code


@pytest.fixture(scope="module")
def key() -> Key:
    return Key()


@pytest.fixture
def stand(key: Key) -> Stand:
    return Stand(key)


class TestAccepted:
    @pytest.mark.parametrize("algorithm", ["ES256", "RS256"])
    async def test_a_token_of_the_issuer(self, algorithm: str) -> None:
        key = Key(algorithm)
        given = claims()
        identity = await Stand(key).verifier.verify(key.sign(given))
        assert (identity.id, identity.email) == (UUID(given["sub"]), given["email"])
        assert identity.claims == given

    async def test_the_shared_secret_when_it_is_configured(self, key: Key) -> None:
        stand = Stand(key, supabase_jwt_secret=SECRET)
        given = claims()
        identity = await stand.verifier.verify(jwt.encode(given, SECRET, algorithm="HS256"))
        assert identity.id == UUID(given["sub"])
        assert stand.issuer.fetches == 0

    async def test_an_audience_list_and_an_empty_email(self, stand: Stand, key: Key) -> None:
        token = key.sign(claims(aud=["other", "authenticated"], email=""))
        assert (await stand.verifier.verify(token)).email is None

    async def test_the_database_sees_no_claim_its_owner_can_write(
        self, stand: Stand, key: Key
    ) -> None:
        given = claims()
        identity = await stand.verifier.verify(key.sign(given))
        shown = json.loads(identity.claims_json)
        assert shown["sub"] == given["sub"]
        assert shown["role"] == "authenticated"
        assert "user_metadata" not in shown

    async def test_a_clock_a_little_ahead(self, stand: Stand, key: Key) -> None:
        await stand.verifier.verify(key.sign(claims(iat=int(time.time()) + 5)))


class TestRefused:
    @pytest.mark.parametrize(
        ("change", "code"),
        [
            ({"aud": "anon"}, "token_invalid"),
            ({"aud": ...}, "token_invalid"),
            ({"iss": "http://elsewhere.test/auth/v1"}, "token_invalid"),
            ({"iss": ...}, "token_invalid"),
            ({"role": "service_role"}, "token_invalid"),
            ({"role": ...}, "token_invalid"),
            ({"sub": "not-a-uuid"}, "token_invalid"),
            ({"sub": ...}, "token_invalid"),
            ({"exp": ...}, "token_invalid"),
            ({"exp": None}, "token_invalid"),
            ({"exp": "9999999999"}, "token_invalid"),
            ({"exp": float("inf")}, "token_invalid"),
            ({"iat": ...}, "token_invalid"),
            ({"iat": int(time.time()) + 900}, "token_invalid"),
            ({"nbf": int(time.time()) + 900}, "token_invalid"),
            ({"exp": int(time.time()) - 11}, "token_expired"),
            ({"is_anonymous": True}, "token_anonymous"),
        ],
    )
    async def test_claims(self, stand: Stand, key: Key, change: dict[str, Any], code: str) -> None:
        assert await stand.code(key.sign(claims(**change))) == code

    @pytest.mark.parametrize(
        "token",
        ["", "sb_publishable_abc", "a.b", "a.b.c", "....", "é.é.é", "W10.e30.c2ln", "x" * 9000],
    )
    async def test_what_is_no_token(self, stand: Stand, token: str) -> None:
        assert await stand.code(token) == "token_malformed"

    async def test_a_header_nested_to_the_limit(self, stand: Stand) -> None:
        bomb = jws.base64url_encode(b"[" * 5000).decode()
        assert await stand.code(f"{bomb}.e30.c2ln") == "token_malformed"

    async def test_a_genuine_token_that_is_too_long(self, stand: Stand, key: Key) -> None:
        assert await stand.code(key.sign(claims(pad="x" * 9000))) == "token_malformed"

    @pytest.mark.parametrize("name", ["none", "None", "nOnE", ""])
    async def test_no_signature(self, stand: Stand, key: Key, name: str) -> None:
        _, payload, _ = key.sign(claims()).split(".")
        header = jws.base64url_encode(json.dumps({"alg": name, "kid": key.id}).encode()).decode()
        assert await stand.code(f"{header}.{payload}.") == "token_invalid"

    @pytest.mark.parametrize("secret", [None, SECRET])
    @pytest.mark.parametrize("material", ["pem", "jwk"])
    async def test_a_public_key_used_as_shared_secret(
        self, secret: str | None, material: str
    ) -> None:
        key = Key("RS256")
        stand = Stand(key, supabase_jwt_secret=secret)
        known = key.public_pem if material == "pem" else json.dumps(key.jwk)
        head = {"alg": "HS256", "typ": "JWT", "kid": key.id}
        signing = ".".join(
            jws.base64url_encode(json.dumps(part).encode()).decode() for part in (head, claims())
        )
        hmac_key = jwk.construct({"kty": "oct", "k": _b64(known.encode())}, "HS256")
        token = f"{signing}.{_b64(hmac_key.sign(signing.encode()))}"
        assert await stand.code(token) == "token_invalid"

    async def test_the_shared_secret_when_it_is_not_configured(self, stand: Stand) -> None:
        token = jwt.encode(claims(), SECRET, algorithm="HS256")
        assert await stand.code(token) == "token_invalid"

    async def test_an_algorithm_the_key_is_not_for(self) -> None:
        ours, theirs = Key("ES256"), Key("RS256")
        token = theirs.sign(claims(), kid=ours.id)
        assert await Stand(ours).code(token) == "token_invalid"

    async def test_an_algorithm_that_is_not_configured(self) -> None:
        key = Key("RS256")
        stand = Stand(key, jwt_algorithms=["ES256"])
        assert await stand.code(key.sign(claims())) == "token_invalid"

    async def test_another_key_under_a_known_id(self, stand: Stand, key: Key) -> None:
        assert await stand.code(Key().sign(claims(), kid=key.id)) == "token_invalid"

    async def test_a_changed_payload(self, stand: Stand, key: Key) -> None:
        head, _, signature = key.sign(claims()).split(".")
        other = _b64(json.dumps(claims(sub=str(uuid4()))).encode())
        assert await stand.code(f"{head}.{other}.{signature}") == "token_invalid"

    async def test_a_critical_extension(self, stand: Stand, key: Key) -> None:
        assert await stand.code(key.sign(claims(), crit=["b64"])) == "token_malformed"


class TestKeptTokens:
    async def test_a_verified_token_is_not_verified_again(self, stand: Stand, key: Key) -> None:
        token = key.sign(claims())
        assert await stand.verifier.verify(token) is await stand.verifier.verify(token)

    async def test_it_dies_when_it_expires(self, stand: Stand, key: Key) -> None:
        token = key.sign(claims(exp=int(stand.clock.time) + 60))
        await stand.verifier.verify(token)
        stand.clock.time += 60 + auth.LEEWAY_SECONDS + 1
        assert await stand.code(token) == "token_expired"

    async def test_it_dies_with_its_key(self, stand: Stand, key: Key) -> None:
        token = key.sign(claims(exp=int(stand.clock.time) + 7200))
        await stand.verifier.verify(token)
        stand.issuer.keys = [Key()]
        stand.clock.time += auth.KEPT_SECONDS + 1
        assert await stand.code(token) == "token_invalid"

    async def test_the_store_is_bounded(
        self, stand: Stand, key: Key, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(auth, "KEPT_TOKENS", 3)
        tokens = [key.sign(claims()) for _ in range(5)]
        identities = [await stand.verifier.verify(token) for token in tokens]
        assert len(stand.verifier._kept) == 3
        assert await stand.verifier.verify(tokens[-1]) is identities[-1]
        assert await stand.verifier.verify(tokens[0]) is not identities[0]


class TestKeySet:
    async def test_a_crowd_fetches_once(self, stand: Stand, key: Key) -> None:
        tokens = [key.sign(claims()) for _ in range(50)]
        await asyncio.gather(*map(stand.verifier.verify, tokens))
        assert stand.issuer.fetches == 1

    async def test_it_is_fetched_again_after_ten_minutes(self, stand: Stand, key: Key) -> None:
        await stand.verifier.verify(key.sign(claims()))
        stand.clock.time += 601
        await stand.verifier.verify(key.sign(claims()))
        assert stand.issuer.fetches == 2

    async def test_rotation_refuses_nobody(self, stand: Stand, key: Key) -> None:
        await stand.verifier.verify(key.sign(claims()))
        newer = Key()
        stand.issuer.keys = [key, newer]
        tokens = [(key if n % 2 else newer).sign(claims()) for n in range(40)]
        await asyncio.gather(*map(stand.verifier.verify, tokens))
        assert stand.issuer.fetches == 2

    async def test_a_flood_of_unknown_ids_fetches_once_in_thirty_seconds(
        self, stand: Stand, key: Key
    ) -> None:
        await stand.verifier.verify(key.sign(claims()))
        stranger = Key()
        for second in range(61):
            flood = [stranger.sign(claims(), kid=str(uuid4())) for _ in range(5)]
            assert set(await asyncio.gather(*map(stand.code, flood))) == {"token_invalid"}
            await stand.verifier.verify(key.sign(claims()))
            stand.clock.time += 1
            assert stand.issuer.fetches <= 2 + second // 30

    async def test_unknown_ids_at_a_cold_start_cost_one_fetch(self, stand: Stand) -> None:
        await asyncio.gather(*(stand.code(Key().sign(claims())) for _ in range(20)))
        assert stand.issuer.fetches == 1

    async def test_out_of_reach_is_503_and_not_401(self, stand: Stand, key: Key) -> None:
        stand.issuer.down = True
        for _ in range(10):
            with pytest.raises(Unavailable):
                await stand.verifier.verify(key.sign(claims()))
        assert stand.issuer.fetches == 1
        stand.issuer.down = False
        stand.clock.time += 6
        await stand.verifier.verify(key.sign(claims()))

    async def test_an_old_set_serves_while_the_issuer_is_down(self, stand: Stand, key: Key) -> None:
        await stand.verifier.verify(key.sign(claims()))
        stand.issuer.down = True
        stand.clock.time += 600 + 1199
        await stand.verifier.verify(key.sign(claims()))
        with pytest.raises(Unavailable):
            await stand.verifier.verify(Key().sign(claims()))
        stand.clock.time += 6
        with pytest.raises(Unavailable):
            await stand.verifier.verify(key.sign(claims()))

    @pytest.mark.parametrize(
        "answer",
        [b"", b"<html>", b"[]", b'{"keys": 7}', b'{"keys": ["x"]}'],
    )
    async def test_a_broken_set_is_an_outage(self, key: Key, answer: bytes) -> None:
        http = httpx.AsyncClient(
            transport=httpx.MockTransport(lambda _: httpx.Response(200, content=answer))
        )
        with pytest.raises(Unavailable):
            await TokenVerifier(settings(), http).verify(key.sign(claims()))

    async def test_unusable_keys_are_passed_over(self, key: Key) -> None:
        stand = Stand(key)
        odd = [
            {"kty": "EC", "crv": "P-256", "kid": "1", "x": "AA", "y": "AA"},
            {"kty": "EC", "crv": ["P-256"], "kid": "2"},
            {"kty": "oct", "k": "AAAA", "kid": "3", "alg": "HS256"},
            {**Key().jwk, "use": "enc", "kid": "4"},
            {**Key().jwk, "alg": "RS256", "kid": "5"},
            {**Key().jwk, "kid": None},
        ]
        broken = Key()
        stand.issuer.keys = [*(_with_jwk(broken, entry) for entry in odd), key]
        await stand.verifier.verify(key.sign(claims()))

    async def test_a_cancelled_fetch_leaves_no_one_waiting(self, key: Key) -> None:
        entered, never = asyncio.Event(), asyncio.Event()
        issuer = Issuer(key)

        async def hang_once(request: httpx.Request) -> httpx.Response:
            if not entered.is_set():
                entered.set()
                await never.wait()
            return await issuer.answer(request)

        http = httpx.AsyncClient(transport=httpx.MockTransport(hang_once))
        verifier = TokenVerifier(settings(), http)
        verify: Callable[[str], Awaitable[auth.Identity]] = verifier.verify
        first = asyncio.ensure_future(verify(key.sign(claims())))
        await entered.wait()
        second = asyncio.ensure_future(verify(key.sign(claims())))
        await asyncio.sleep(0)
        first.cancel()
        assert (await second).email == "founder@example.com"


def _b64(data: bytes) -> str:
    return jws.base64url_encode(data).decode()


def _with_jwk(key: Key, entry: dict[str, Any]) -> Key:
    other = Key.__new__(Key)
    other.__dict__.update(key.__dict__, jwk=entry)
    return other
