"""Ports are held from the moment they are chosen, and what cannot be had is one sentence."""

import socket

import pytest

from backend.local import ports
from backend.local.clients import ServerError
from backend.local.ports import PortTaken


def test_a_port_is_held_from_the_choice_on() -> None:
    with ports.listen("127.0.0.1", 0) as held:
        port = held.getsockname()[1]
        with pytest.raises(PortTaken, match=f"port {port} is in use"):
            ports.listen("127.0.0.1", port)
        assert ports.free_port("127.0.0.1", port) != port
    assert ports.free_port("127.0.0.1", port) == port


@pytest.mark.parametrize(
    ("host", "reason"),
    [("no.such.host.invalid", r"[^(]+"), ("192.0.2.1", "Cannot assign requested address")],
)
def test_a_host_that_is_not_ours(host: str, reason: str) -> None:
    with pytest.raises(ServerError, match=rf"^cannot listen on {host} port 0: {reason}$"):
        ports.listen(host, 0)


@pytest.mark.parametrize(
    ("host", "name"),
    [("127.0.0.1", "127.0.0.1"), ("", "127.0.0.1"), ("::1", "[::1]"), ("::", "[::1]")],
)
def test_the_address_is_one_that_this_machine_reaches(host: str, name: str) -> None:
    if ":" in host and not socket.has_dualstack_ipv6():
        pytest.skip("no IPv6 here")
    with ports.listen(host, 0) as listener:
        assert ports.url(listener) == f"http://{name}:{listener.getsockname()[1]}"
