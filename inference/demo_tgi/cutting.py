"""Ends a connection in the middle of an answer."""

import socket
import struct

from aiohttp import web

from inference.demo_tgi.faults import Fault

_NO_LINGERING = struct.pack("ii", 1, 0)


def cut(request: web.Request, fault: Fault) -> None:
    """Closes the connection as the fault says: not at all (``end``), by FIN (``close``) or by RST (``reset``)."""
    transport = request.transport
    if transport is None or fault.how in (None, "end"):
        return
    if fault.how == "reset":
        connection = transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGERING)
    transport.abort()
