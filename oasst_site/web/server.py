"""Daphne's server with two things that it lacks: backpressure, and a goodbye that tells clients to come back."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from daphne.http_protocol import WebRequest
from daphne.server import Server as DaphneServer
from daphne.ws_protocol import WebSocketProtocol
from twisted.internet import reactor, task
from twisted.internet.error import CannotListenError

from chats.garbage import everything_is_loaded
from oasst_site.refused_address import refused_address
from oasst_site.web.backpressure import Gate

logger = logging.getLogger(__name__)

SERVICE_RESTART = 1012
"""RFC 6455's registry: the server is restarting, connect again."""

GOODBYE_S = 0.3
"""How long a stopping server waits for its close frames to leave."""


def _say_nothing(_: object) -> None:
    """Twisted's access line; ours is written by oasst_site/web/access.py."""


@contextmanager
def _any_length(protocol: Any) -> Iterator[None]:
    """Autobahn holds what it sends against the limit for what clients send; a reply may be longer than any command."""
    if not isinstance(protocol, WebSocketProtocol):
        yield
        return
    limit, protocol.maxMessagePayloadSize = protocol.maxMessagePayloadSize, 0
    try:
        yield
    finally:
        protocol.maxMessagePayloadSize = limit


class Server(DaphneServer):
    """One web process."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._gates: dict[Any, Gate] = {}

    def run(self) -> None:
        """Serve until the reactor stops."""
        reactor.addSystemEventTrigger("before", "shutdown", self._say_goodbye)  # type: ignore[arg-type]
        everything_is_loaded()
        super().run()

    def listen_success(self, port: Any) -> None:
        """Daphne's hook for an address that it has; one that was handed to it is told by who opened it."""
        super().listen_success(port)
        if self.verbosity <= 1:  # Daphne lets what Twisted logs go nowhere; it would be put into words all the same
            self.http_factory.log = _say_nothing
        if not any(each.startswith("fd:") for each in self.endpoints):
            # Told once it is true: Twisted swallows a Ctrl-C that comes before the reactor runs.
            reactor.callWhenRunning(self._say_address, port.getHost())

    def _say_address(self, address: Any) -> None:
        logger.info("Listening on http://%s:%s; Ctrl-C ends it", address.host, address.port)

    def listen_error(self, failure: Any) -> None:
        """Daphne's hook for an address that cannot be had; the process then ends."""
        error = failure.value
        if isinstance(error, CannotListenError):
            why, way_out = refused_address(
                error.interface, error.port, error.socketError, port_as="-p {}", host_as="-b {}"
            )
            logger.critical("%s. %s", why, way_out)
            self.stop()
        else:
            super().listen_error(failure)

    async def handle_reply(self, protocol: Any, message: dict[str, Any]) -> None:
        """Write a message, then wait while the client does not read."""
        if message["type"] in ("http.response.start", "websocket.accept"):
            self._watch(protocol, message)
        elif message["type"] == "http.response.body" and not message.get("more_body", False):
            self._unwatch(protocol)
        with _any_length(protocol):
            await super().handle_reply(protocol, message)
        gate = self._gates.get(protocol)
        if gate is not None:
            await gate.drained()

    def protocol_connected(self, protocol: Any) -> None:
        """Daphne's hook for a new request. Forms are Django's: Twisted would parse each body once more, and refuse."""
        protocol._parsePOSTFormSubmission = False  # Twisted takes it as an argument, which Daphne does not pass
        super().protocol_connected(protocol)

    def protocol_disconnected(self, protocol: Any) -> None:
        """Daphne's hook for a connection that is gone."""
        gate = self._gates.pop(protocol, None)
        if gate is not None:
            gate.stopProducing()
        super().protocol_disconnected(protocol)

    def _watch(self, protocol: Any, message: dict[str, Any]) -> None:
        """Put a gate behind the connection. Not for a request whose client has left already."""
        if isinstance(protocol, WebRequest):
            if protocol.channel is None or protocol.finished:
                return
            gate = Gate(protocol.channel.transport.abortConnection)
            protocol.registerProducer(gate, True)
        elif isinstance(protocol, WebSocketProtocol):
            # Until the upgrade the connection's producer was its HTTP channel.
            gate = Gate(protocol.transport.abortConnection)
            protocol.transport.unregisterProducer()
            protocol.transport.registerProducer(gate, True)
        else:
            return
        self._gates[protocol] = gate

    def _unwatch(self, protocol: Any) -> None:
        """A response ends: its producer must be gone before it is finished (twisted.web.http.Request.finish)."""
        if self._gates.pop(protocol, None) is not None:
            protocol.unregisterProducer()

    def _say_goodbye(self) -> Any:
        """Close every websocket with 1012; the returned deferred gives the frames a moment to leave."""
        sockets = [each for each in self.connections if isinstance(each, WebSocketProtocol)]
        for socket in sockets:
            if socket.state == socket.STATE_OPEN:
                socket.sendCloseFrame(code=SERVICE_RESTART)  # sendClose itself refuses the codes of servers
        if not sockets:
            return None
        return task.deferLater(reactor, GOODBYE_S)
