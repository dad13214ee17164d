"""TCP ports: the one that people type, and free ones for the stack's own servers."""

import errno
import random
import socket
from contextlib import suppress

import psutil  # type: ignore[import-untyped]

from oasst_site.stack.errors import StackError

LOOPBACK = "127.0.0.1"
BACKLOG = 512
FREE_PORTS = range(20_000, 32_000)
TRIES = 200


def listen(host: str, port: int) -> socket.socket:
    """A listening socket on the address, to be handed to the web processes.

    It is opened before anything else starts: a busy port is told at once, several web processes share one address, and
    a client that comes while a web process starts again waits in the backlog instead of being refused.
    Raises StackError when the address cannot be had.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, OverflowError) as error:
        raise StackError(
            f"HOST {host!r} is no address of this machine ({error})", "Use HOST=127.0.0.1 or 0.0.0.0"
        ) from error
    # "localhost" is both: the old one is what everybody tries.
    family, kind, protocol, _, address = min(found, key=lambda each: each[0] != socket.AF_INET)
    listener = socket.socket(family, kind, protocol)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(BACKLOG)
    except (OSError, OverflowError) as error:
        listener.close()
        raise _refusal(host, port, error) from error
    return listener


def free_port() -> int:
    """A port of the loopback address that nobody listens on now.

    Below the range from which systems take the ports of outgoing connections (32768 on Linux, 49152 on macOS): a server
    that is started again must find its port free, and a client that tries to reconnect meanwhile must not be connected
    to itself. Raises StackError when none is found.
    """
    for port in random.sample(FREE_PORTS, TRIES):
        if is_free(port):
            return port
    raise StackError(f"No free port found between {FREE_PORTS.start} and {FREE_PORTS.stop}", "End what listens there")


def is_free(port: int) -> bool:
    """Whether a server could listen on this port of the loopback address now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
        return True


def _refusal(host: str, port: int, error: Exception) -> StackError:
    number = getattr(error, "errno", None)
    if number == errno.EADDRINUSE:
        return StackError(f"Port {port} on {host} is in use{_owner(port)}", f"Choose another: PORT={port + 1} make run")
    if number == errno.EACCES:
        return StackError(f"Port {port} may not be opened by this user", "Choose one above 1023: PORT=8000 make run")
    if number == errno.EADDRNOTAVAIL:
        return StackError(f"HOST {host!r} is no address of this machine", "Use HOST=127.0.0.1 or 0.0.0.0")
    return StackError(f"Port {port} on {host} cannot be opened ({error})", "Choose another: PORT=8001 make run")


def _owner(port: int) -> str:
    """` by NAME (process ID)`, as far as this user may see it."""
    with suppress(psutil.Error, OSError):
        for connection in psutil.net_connections("tcp"):
            if connection.status == psutil.CONN_LISTEN and connection.laddr[1] == port and connection.pid:
                return f" by {psutil.Process(connection.pid).name()} (process {connection.pid})"
    return ""
