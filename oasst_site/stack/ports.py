"""TCP ports: the one that people type, and free ones for the stack's own servers."""

import random
import socket

from oasst_site.refused_address import refused_address
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
        why, way_out = refused_address(host, port, error, port_as="PORT={} make run", host_as="HOST={}")
        raise StackError(why, way_out) from error
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
