"""TRUST S2: whatever address a user gives, no connection goes to one that is not public."""

import asyncio
import contextlib
import datetime
import gzip
import ipaddress
import ssl
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpcore
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from backend.core.errors import AppError
from backend.services import egress
from backend.services.egress import Egress, is_public
from tests.services.sites import answer, serve

PUBLIC = "93.184.215.14"
LOOPBACK = ["127.0.0.0/8"]
TRUST = httpcore.default_ssl_context()

NOT_PUBLIC = [
    "0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1", "100.100.100.200", "127.0.0.1", "127.255.255.254",
    "168.63.129.16", "169.254.169.254", "172.16.0.1", "192.0.0.192", "192.0.2.1", "192.88.99.1",
    "192.168.1.1", "198.18.0.1", "203.0.113.1", "224.0.0.1", "239.255.255.250", "240.0.0.1",
    "255.255.255.255", "::", "::1", "::127.0.0.1",
    "::ffff:10.0.0.1", "::ffff:169.254.169.254", "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "100::1", "2001::1", "2001:db8::1", "2002:7f00:1::", "3fff::1",
    "5f00::1", "fc00::1", "fd00:ec2::254", "fe80::1", "fec0::1", "ff02::1",
]  # fmt: skip

CORPUS = [
    *(f"http://{address}/" for address in NOT_PUBLIC if ":" not in address),
    *(f"http://[{address}]/" for address in NOT_PUBLIC if ":" in address),
    "http://2130706433/", "http://0x7f000001/", "http://0x7f.1/", "http://0177.0.0.1/", "http://127.1/",
    "http://017700000001/", "http://0/", "http://127.0.0.1./", "http://1.2.3.4.5/", "http://127.0.0.0x1/",
    "http://%31%32%37.0.0.1/", "http://①②⑦.⓪.⓪.①/", "http://127。0。0。1/", "http://[::ffff:7f00:1]/",
    "http://[0:0:0:0:0:ffff:127.0.0.1]/", "http://[fe80::1%25lo]/", "http://[::1]:80/",
    "http://localhost/", "http://internal.example/", "http://metadata.google.internal/computeMetadata/v1/",
    "http://public.example@127.0.0.1/", "http://user:pass@public.example/", "http://127.0.0.1#@public.example/",
    "http://public.example\\@127.0.0.1/", "http://127.0.0.1\\.public.example/", "http:\\\\127.0.0.1/",
    "http://127.0.0.1%00.public.example/", "http://public.example%0d%0aHost:%20internal/",
    "http://public.example /", "http://public.example\t.internal/", "http://pub\nlic.example/",
    "file:///etc/passwd", "gopher://127.0.0.1:6379/_FLUSHALL", "ftp://public.example/", "dict://127.0.0.1:11211/",
    "data:text/html,hi", "javascript:alert(1)", "unix:///var/run/docker.sock", "//127.0.0.1/", "http:///",
    "http://", "", "http://[::1", "http://public.example:22/", "http://public.example:6379/",
    "http://public.example:99999/", "https://127.0.0.1/",
]  # fmt: skip

NAMES = {
    "public.example": [PUBLIC],
    "localhost": ["127.0.0.1", "::1"],
    "internal.example": ["10.1.2.3"],
    "metadata.google.internal": ["169.254.169.254"],
    "mixed.example": [PUBLIC, "10.0.0.1"],
    "two.example": ["93.184.215.1", "93.184.215.2"],
}


class FakeNetwork(httpcore.AsyncNetworkBackend):
    """Writes down where connections go, and answers each with the next response."""

    def __init__(self, *responses: bytes, dead: Sequence[str] = ()) -> None:
        self.connected: list[tuple[str, int]] = []
        self.sent: list[bytes] = []
        self._responses = list(responses)
        self._dead = dead

    async def connect_tcp(self, host: str, port: int, *_: Any, **__: Any) -> "FakeStream":
        self.connected.append((host, port))
        if host in self._dead:
            raise httpcore.ConnectError("refused")
        response = self._responses.pop(0) if self._responses else answer(b"ok")
        return FakeStream(self.sent, response)


class FakeStream(httpcore.AsyncMockStream):
    def __init__(self, sent: list[bytes], response: bytes) -> None:
        super().__init__([response])
        self._sent = sent

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._sent.append(buffer)


async def resolve(host: str, _port: int) -> list[str]:
    try:
        return [str(ipaddress.ip_address(host))]
    except ValueError:
        pass
    if host not in NAMES:
        raise OSError(f"{host} is not known")
    return NAMES[host]


def fake(network: FakeNetwork) -> Egress:
    return Egress(resolve=resolve, network=network, ssl_context=TRUST)


async def refusal(client: Egress, url: str) -> AppError:
    with pytest.raises(AppError) as caught:
        await client.get(url)
    return caught.value


class TestCorpus:
    async def test_nothing_private_is_connected_to(self) -> None:
        network = FakeNetwork()
        client = fake(network)
        errors = {url: await refusal(client, url) for url in CORPUS}
        codes = ("url_not_allowed", "url_invalid")
        assert [url for url, error in errors.items() if error.code not in codes] == []
        assert {error.status for error in errors.values()} == {422}
        assert network.connected == []

    async def test_nor_by_a_redirect(self) -> None:
        for url in CORPUS:
            location = url.encode("unicode_escape").decode()
            network = FakeNetwork(answer(status=302, location=location))
            client = fake(network)
            with contextlib.suppress(AppError):  # some become harmless paths of the first site
                await client.get("https://public.example/")
            assert {host for host, _ in network.connected} == {PUBLIC}, url

    def test_not_public(self) -> None:
        assert [a for a in NOT_PUBLIC if is_public(ipaddress.ip_address(a))] == []

    @pytest.mark.parametrize(
        "address", [PUBLIC, "8.8.8.8", "2606:4700::6810:84e5", "::ffff:8.8.8.8", "64:ff9b::808:808"]
    )
    def test_public(self, address: str) -> None:
        assert is_public(ipaddress.ip_address(address))

    async def test_one_private_address_spoils_a_name(self) -> None:
        network = FakeNetwork()
        error = await refusal(fake(network), "http://mixed.example/")
        assert error.code == "url_not_allowed"
        assert network.connected == []

    async def test_a_name_that_changes_its_answer_is_asked_once(self) -> None:
        answers = iter([[PUBLIC], ["127.0.0.1"], ["127.0.0.1"]])

        async def rebinding(_host: str, _port: int) -> list[str]:
            return next(answers)

        network = FakeNetwork()
        client = Egress(resolve=rebinding, network=network, ssl_context=TRUST)
        await client.get("http://public.example/")
        assert network.connected == [(PUBLIC, 80)]
        assert (await refusal(client, "http://public.example/")).code == "url_not_allowed"
        assert network.connected == [(PUBLIC, 80)]

    async def test_the_system_resolver_reads_odd_loopbacks_and_is_not_believed(self) -> None:
        for url in ("http://localhost/", "http://127.0.0.1/", "http://[::1]/"):
            network = FakeNetwork()
            error = await refusal(Egress(network=network, ssl_context=TRUST), url)
            assert error.code in ("url_not_allowed", "url_unreachable")
            assert network.connected == []


class TestRequests:
    async def test_the_host_stays_in_the_request(self) -> None:
        network = FakeNetwork()
        await fake(network).get("http://public.example/prices?x=1#top")
        sent = b"".join(network.sent).decode()
        assert sent.startswith("GET /prices?x=1 HTTP/1.1\r\nHost: public.example\r\n")
        assert "User-Agent: Raptorflow/" in sent

    async def test_no_cookie_comes_back_and_no_proxy_is_asked(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:3128")
        network = FakeNetwork(
            answer(status=302, location="/next", set_cookie="id=1"), answer(b"here")
        )
        client = fake(network)
        fetched = await client.get("http://public.example/")
        assert (fetched.url, fetched.body) == ("http://public.example/next", b"here")
        assert network.connected == [(PUBLIC, 80), (PUBLIC, 80)]
        assert b"cookie" not in b"".join(network.sent).lower()

    async def test_a_second_address_is_tried(self) -> None:
        network = FakeNetwork(dead=["93.184.215.1"])
        await fake(network).get("http://two.example/")
        assert [host for host, _ in network.connected] == ["93.184.215.1", "93.184.215.2"]

    async def test_redirects_end(self) -> None:
        around = [answer(status=302, location="/again") for _ in range(10)]
        network = FakeNetwork(*around)
        error = await refusal(fake(network), "http://public.example/")
        assert (error.status, error.code) == (422, "too_many_redirects")
        assert len(network.connected) == 1 + egress.MAX_REDIRECTS

    async def test_every_hop_is_approved_first(self) -> None:
        network = FakeNetwork(answer(status=307, location="https://two.example/b"))
        asked: list[tuple[str, int]] = []

        async def approve(url: str) -> None:
            asked.append((url, len(network.connected)))

        await fake(network).get("http://public.example/a", approve=approve)
        assert asked == [("http://public.example/a", 0), ("https://two.example/b", 1)]


class TestBodies:
    @pytest.mark.parametrize(
        ("encoding", "pack"),
        [("gzip", gzip.compress), ("deflate", zlib.compress), ("identity", bytes)],
    )
    async def test_unpacked(self, encoding: str, pack: Any) -> None:
        packed = pack(b"Tea for offices" * 1000)
        network = FakeNetwork(answer(packed, content_encoding=encoding))
        fetched = await fake(network).get("http://public.example/")
        assert fetched.body == b"Tea for offices" * 1000

    @pytest.mark.parametrize(
        "response",
        [
            answer(bytes(egress.MAX_BYTES + 1)),
            answer(b"", content_length=str(egress.MAX_BYTES + 1)),
            answer(gzip.compress(bytes(200 * egress.MAX_BYTES)), content_encoding="gzip"),
        ],
        ids=["long", "announced", "packed"],
    )
    async def test_too_large(self, response: bytes) -> None:
        network = FakeNetwork(response)
        error = await refusal(fake(network), "http://public.example/")
        assert (error.status, error.code) == (422, "page_too_large")

    @pytest.mark.parametrize(
        "response",
        [
            answer(b"not gzip", content_encoding="gzip"),
            answer(b"?", content_encoding="br"),
            b"SSH-2.0-OpenSSH_9.6\r\n",
            b"",
        ],
        ids=["broken", "unasked", "not http", "silent"],
    )
    async def test_answers_that_make_no_sense(self, response: bytes) -> None:
        network = FakeNetwork(response)
        error = await refusal(fake(network), "http://public.example/")
        assert (error.status, error.code) == (422, "url_unreachable")


class TestRealSockets:
    async def test_an_allowed_network_on_any_port(self) -> None:
        async with serve({"/": answer(b"Tea", content_type="Text/HTML; charset=UTF-8")}) as site:
            fetched = await Egress(LOOPBACK, ssl_context=TRUST).get(site.url())
            error = await refusal(Egress(ssl_context=TRUST), site.url())
        assert (fetched.status, fetched.body) == (200, b"Tea")
        assert (fetched.content_type, fetched.charset) == ("text/html", "utf-8")
        assert error.code == "url_not_allowed"
        assert len(site.requests) == 1

    async def test_a_slow_drip_is_cut_off(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(egress, "TOTAL_SECONDS", 0.3)

        async def drip(writer: asyncio.StreamWriter) -> None:
            writer.write(answer(b"", content_length="100000"))
            while not writer.is_closing():
                writer.write(b".")
                await writer.drain()
                await asyncio.sleep(0.02)

        async with serve({"/": drip}) as site:
            error = await refusal(Egress(LOOPBACK, ssl_context=TRUST), site.url())
        assert (error.status, error.code) == (422, "url_unreachable")

    async def test_nobody_there(self) -> None:
        async with serve({}) as site:
            url = site.url()
        assert (await refusal(Egress(LOOPBACK, ssl_context=TRUST), url)).code == "url_unreachable"

    async def test_the_certificate_is_checked_against_the_name(self, tmp_path: Path) -> None:
        server, trust = _certificate("shop.example", tmp_path)

        async def to_loopback(_host: str, _port: int) -> list[str]:
            return ["127.0.0.1"]

        client = Egress(LOOPBACK, resolve=to_loopback, ssl_context=trust)
        async with serve({"/": answer(b"Tea")}, tls=server) as site:
            fetched = await client.get(site.url(host="shop.example", scheme="https"))
            error = await refusal(client, site.url(host="other.example", scheme="https"))
        assert fetched.body == b"Tea"
        assert f"host: shop.example:{site.port}" in site.requests[0]
        assert error.code == "url_unreachable"


def _certificate(host: str, folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """TLS for a server of this name, and a client's trust in it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder(
            name, name, key.public_key(), 1, now, now + datetime.timedelta(days=1)
        )
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = folder / "server.pem"
    pem.write_bytes(
        certificate.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(pem)
    return server, ssl.create_default_context(cafile=pem)
