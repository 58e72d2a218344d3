"""Ports on this machine."""

import contextlib
import errno
import ipaddress
import socket

from backend.local.clients import ServerError


class PortTaken(ServerError):
    """The port that was asked for is in use."""


def free_port(host: str, preferred: int) -> int:
    """The preferred port if it is free, else one the system picks. 0 asks for any."""
    with contextlib.suppress(PortTaken), listen(host, preferred) as listener:
        return _port(listener)
    with listen(host, 0) as listener:
        return _port(listener)


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens on this port and no other (0: any). Raises PortTaken or ServerError.

    It is ours from here on, so nobody else can take the port while the rest of the stack starts.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise PortTaken(f"port {port} is in use; choose another with --port") from error
        raise ServerError(f"cannot listen on {host} port {port}: {_reason(error)}") from error


def _reason(error: OSError) -> str:
    """Without what `create_server` adds to it."""
    return str(error.strerror).partition(" (while")[0]


def url(listener: socket.socket) -> str:
    """The address under which this machine reaches the listener."""
    host, port = listener.getsockname()[:2]
    address = ipaddress.ip_address(host)
    if address.is_unspecified:
        host = "127.0.0.1" if address.version == 4 else "::1"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _port(listener: socket.socket) -> int:
    port: int = listener.getsockname()[1]
    return port
