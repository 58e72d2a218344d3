"""THE client for addresses that users give us (ADR 0031, TRUST S2). Nothing else fetches them.

The guard sits where connections are made: a host is resolved once, every address it has must be public, and
the connection goes to the address that was checked. So neither a redirect, nor an unusual way to write an
address, nor a name that changes its answer reaches a private network. httpcore is used directly: it has no
cookies, no redirects and no proxies from the environment to be switched off.
"""

import asyncio
import ipaddress
import re
import socket
import ssl
import zlib
from collections.abc import AsyncIterable, Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpcore
import httpx

from backend.core.errors import AddressUnreachable, AppError, Unprocessable
from backend.core.later import Later

USER_AGENT = "Raptorflow/6.0 (+https://raptorflow.com; reads pages its users ask for)"
WEBHOOK_AGENT = "Raptorflow-Webhooks/6.0 (+https://raptorflow.com)"
MAX_BYTES = 5 * 1024 * 1024
"""Of a body, as received and as unpacked."""
MAX_REDIRECTS = 5
TOTAL_SECONDS = 10.0
CONNECT_SECONDS = 3.0
PORTS = frozenset({80, 443})
MAX_URL_CHARACTERS = 2000
MAX_ADDRESSES_TRIED = 3

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
IPNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network
Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
Approve = Callable[[str], Awaitable[None]]

_V6_UNICAST = ipaddress.ip_network("2000::/3")
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_REFUSED = [
    ipaddress.ip_network(network)
    for network in (
        "168.63.129.16/32",  # the host below a virtual machine in Azure
        "192.0.0.0/24",  # protocol assignments, and a cloud's metadata
        "192.88.99.0/24",  # relays into 6to4
        "2001::/23",  # protocol assignments, Teredo
        "2002::/16",  # 6to4: an IPv4 address in disguise
        "3fff::/20",  # documentation
    )
]
"""Public by registry, but not the web, or not what they seem."""

_HOST = re.compile(r"[a-z0-9._:-]+")
_NOT_IN_URLS = re.compile(r"[\x00-\x20\x7f\\]")
_NUMBER_LIKE = re.compile(r"(?:^|\.)(?:\d+|0x[0-9a-f]*)\.?$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Fetched:
    """An answer of whatever status, after redirects. `content_type` is lower case, without parameters."""

    url: str
    status: int
    content_type: str
    charset: str | None
    body: bytes


def is_public(address: IPAddress) -> bool:
    """Whether an address is part of the public internet."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or _nat64(address)
        if inner:
            return is_public(inner)
        if address not in _V6_UNICAST:
            return False
    refused = any(address in network for network in _REFUSED)
    return address.is_global and not address.is_multicast and not refused


def _nat64(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF) if address in _NAT64 else None


async def resolve_by_system(host: str, port: int) -> list[str]:
    """All addresses of a host, best first. Raises OSError."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


# --- the guard ----------------------------------------------------------------------------------------


class _Guard(httpcore.AsyncNetworkBackend):
    """Connects to public addresses, and to the networks it was given. Raises Unprocessable for others."""

    def __init__(
        self, allowed: Sequence[IPNetwork], resolve: Resolve, inner: httpcore.AsyncNetworkBackend
    ) -> None:
        self._allowed = allowed
        self._resolve = resolve
        self._inner = inner

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109  # the signature is httpcore's
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        addresses = await self.checked(host, port)
        for address in addresses[:-1]:
            try:
                return await self._inner.connect_tcp(str(address), port, timeout)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
        return await self._inner.connect_tcp(str(addresses[-1]), port, timeout)

    async def checked(self, host: str, port: int) -> list[IPAddress]:
        """The addresses to try. One that is not allowed spoils them all: honest hosts have none."""
        try:
            addresses = [
                ipaddress.ip_address(found) for found in await self._resolve(host.strip("[]"), port)
            ]
        except (OSError, UnicodeError) as error:
            raise unreachable(f"The host {host} was not found.") from error
        if not addresses:
            raise unreachable(f"The host {host} was not found.")
        if not all(self._may_reach(address, port) for address in addresses):
            raise not_allowed("This address is not on the public web.")
        return addresses[:MAX_ADDRESSES_TRIED]

    def _may_reach(self, address: IPAddress, port: int) -> bool:
        if any(address in network for network in self._allowed):
            return True
        return port in PORTS and is_public(address)


# --- the client ---------------------------------------------------------------------------------------


class Egress:
    """Fetches public addresses. `allow_networks` may be reached too, on any port (never in production)."""

    def __init__(
        self,
        allow_networks: Sequence[str] = (),
        *,
        resolve: Resolve = resolve_by_system,
        network: httpcore.AsyncNetworkBackend | None = None,
        ssl_context: ssl.SSLContext | None = None,
    ) -> None:
        allowed = [ipaddress.ip_network(network) for network in allow_networks]
        self._guard = _Guard(allowed, resolve, network or httpcore.AnyIOBackend())
        self._ssl_context = ssl_context
        self._pool = Later(self._open)

    def _open(self) -> httpcore.AsyncConnectionPool:
        """Reads the authorities' certificates: 4 MB and a tenth of a second."""
        return httpcore.AsyncConnectionPool(
            ssl_context=self._ssl_context or httpcore.default_ssl_context(),
            network_backend=self._guard,
            max_keepalive_connections=0,  # a connection that was checked for one request serves only that
            max_connections=20,
        )

    async def aclose(self) -> None:
        if self._pool.made:
            await self._pool.made.aclose()

    async def get(
        self,
        url: str,
        *,
        accept: str = "*/*",
        approve: Approve | None = None,
        secrets: Mapping[str, str] | None = None,
    ) -> Fetched:
        """The answer to a GET. `approve` is asked before every hop, and may raise.

        `secrets` are headers for the address itself; they never follow a redirect.

        Raises Unprocessable (`url_invalid`, `url_not_allowed`, `page_too_large`, `too_many_redirects`) and
        AddressUnreachable.
        """
        try:
            async with asyncio.timeout(TOTAL_SECONDS):
                return await self._follow(url, accept, approve, secrets or {})
        except TimeoutError as error:
            raise unreachable("The page took too long to answer.") from error
        except httpcore.TimeoutException as error:
            raise unreachable("The page took too long to answer.") from error
        except (httpcore.NetworkError, httpcore.ProtocolError, ssl.SSLError) as error:
            raise unreachable("The page could not be fetched; the site did not answer.") from error

    async def check(self, url: str) -> None:
        """Raise what `post` would raise before it connects: no address, or not one of the public web."""
        target = checked_url(url)
        port = target.port or (443 if target.scheme == "https" else 80)
        await self._guard.checked(target.host, port)

    async def post(self, url: str, *, headers: Mapping[str, str], body: bytes) -> int:
        """Send a body and return the status of the answer, which is not read. Redirects are not followed.

        Raises as `get` does.
        """
        target = checked_url(url)
        sent = [
            ("Host", target.netloc.decode("ascii")),
            ("User-Agent", WEBHOOK_AGENT),
            ("Content-Length", str(len(body))),
            *headers.items(),
        ]
        waits = {"connect": CONNECT_SECONDS, "read": TOTAL_SECONDS, "write": TOTAL_SECONDS}
        pool = await self._pool.get()
        try:
            async with (
                asyncio.timeout(TOTAL_SECONDS),
                pool.stream(
                    "POST", str(target), headers=sent, content=body, extensions={"timeout": waits}
                ) as response,
            ):
                return response.status
        except (TimeoutError, httpcore.TimeoutException) as error:
            raise unreachable("The address took too long to answer.") from error
        except (httpcore.NetworkError, httpcore.ProtocolError, ssl.SSLError) as error:
            raise unreachable("The address did not answer.") from error

    async def _follow(
        self, url: str, accept: str, approve: Approve | None, secrets: Mapping[str, str]
    ) -> Fetched:
        target = checked_url(url)
        for _ in range(MAX_REDIRECTS + 1):
            if approve:
                await approve(str(target))
            answer = await self._fetch(target, accept, secrets)
            if isinstance(answer, Fetched):
                return answer
            target, secrets = answer, {}
        raise Unprocessable(
            f"The page redirects more than {MAX_REDIRECTS} times.", code="too_many_redirects"
        )

    async def _fetch(
        self, url: httpx.URL, accept: str, secrets: Mapping[str, str]
    ) -> Fetched | httpx.URL:
        """The answer, or where it redirects to; the body of a redirect is never read."""
        headers = [
            ("Host", url.netloc.decode("ascii")),
            ("User-Agent", USER_AGENT),
            ("Accept", accept),
            ("Accept-Encoding", "gzip"),
            *secrets.items(),
        ]
        waits = {"connect": CONNECT_SECONDS, "read": TOTAL_SECONDS, "write": TOTAL_SECONDS}
        pool = await self._pool.get()
        async with pool.stream(
            "GET", str(url), headers=headers, extensions={"timeout": waits}
        ) as response:
            answered = httpx.Headers(response.headers)
            if response.status in (301, 302, 303, 307, 308) and "location" in answered:
                return _redirected(url, answered["location"])
            body = await _body(response.aiter_stream(), answered)
        content_type, charset = _content_type(answered)
        return Fetched(str(url), response.status, content_type, charset, body)


def checked_url(url: str) -> httpx.URL:
    """The address, if it is one we could fetch at all. Raises Unprocessable.

    Where it leads is checked on connecting; what is refused here is what different readers read differently.
    """
    if len(url) > MAX_URL_CHARACTERS or _NOT_IN_URLS.search(url):
        raise _invalid()
    try:
        parsed = httpx.URL(url)
        host = parsed.raw_host.decode("ascii")
    except (httpx.InvalidURL, ValueError) as error:
        raise _invalid() from error
    if not parsed.scheme:
        raise _invalid()
    if parsed.scheme not in ("http", "https"):
        raise not_allowed("Only http:// and https:// addresses can be fetched.")
    if parsed.userinfo:
        raise not_allowed("An address with a user name or password in it is not fetched.")
    if not _HOST.fullmatch(host) or not 0 < (parsed.port or 80) < 65536:
        raise _invalid()
    if _NUMBER_LIKE.search(host) and not _is_plain_ip(host):
        raise not_allowed("This address is not on the public web.")
    return parsed.copy_with(fragment=None)


def _is_plain_ip(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _redirected(url: httpx.URL, location: str) -> httpx.URL:
    try:
        return checked_url(str(url.join(location)))
    except httpx.InvalidURL as error:
        raise _invalid() from error


# --- bodies -------------------------------------------------------------------------------------------


async def _body(chunks: AsyncIterable[bytes], headers: httpx.Headers) -> bytes:
    """The unpacked body. Neither what is received nor what it unpacks to is ever more than MAX_BYTES."""
    if int(headers.get("content-length", "0") or 0) > MAX_BYTES:
        raise _too_large()
    unpack = _unpacker(headers.get("content-encoding", "").strip().lower())
    received = 0
    body = bytearray()
    async for chunk in chunks:
        received += len(chunk)
        body += unpack(chunk, MAX_BYTES - len(body) + 1)
        if received > MAX_BYTES or len(body) > MAX_BYTES:
            raise _too_large()
    return bytes(body)


def _unpacker(encoding: str) -> Callable[[bytes, int], bytes]:
    """A function of (chunk, most bytes wanted). Input beyond that is dropped: it is too large by then."""
    if encoding in ("", "identity"):
        return lambda chunk, _most: chunk
    if encoding not in ("gzip", "x-gzip", "deflate"):
        raise unreachable(f"The site sent the page in an encoding we did not ask for ({encoding}).")
    inflater = zlib.decompressobj(zlib.MAX_WBITS | 32)  # gzip or zlib, by its first bytes

    def unpack(chunk: bytes, most: int) -> bytes:
        try:
            return inflater.decompress(chunk, most)
        except zlib.error as error:
            raise unreachable("The site sent a page that cannot be unpacked.") from error

    return unpack


def _content_type(headers: httpx.Headers) -> tuple[str, str | None]:
    essence, _, parameters = headers.get("content-type", "").partition(";")
    charset = re.search(r"charset=[\"']?([\w-]+)", parameters, re.IGNORECASE)
    return essence.strip().lower(), charset[1].lower() if charset else None


# --- refusals -----------------------------------------------------------------------------------------


def not_allowed(detail: str) -> AppError:
    return Unprocessable(detail, code="url_not_allowed")


def unreachable(detail: str) -> AppError:
    return AddressUnreachable(detail)


def _invalid() -> AppError:
    return Unprocessable(
        "This is not a web address, such as https://example.com/prices.", code="url_invalid"
    )


def _too_large() -> AppError:
    return Unprocessable(
        f"The page is larger than {MAX_BYTES // (1024 * 1024)} MB.", code="page_too_large"
    )
