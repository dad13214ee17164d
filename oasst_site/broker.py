"""Kombu's transport for Redis, with two things otherwise.

One client per channel, where kombu makes one for every command. A client of redis-py fills a table of some 300 entries
when it is made. A ticket made one where it is sent and two where it is taken, a third of the time of Celery's own
thread. A client is safe in any thread; its connections come out of the channel's pool as before.

A ticket's work begins before Redis is told that it was taken, where kombu waits for that first.
"""

import logging
from threading import Lock
from typing import Any

from kombu.asynchronous import get_event_loop
from kombu.transport import TRANSPORT_ALIASES, redis, virtual

logger = logging.getLogger(__name__)

KOMBUS = "kombu.transport.redis:Transport"


class QoS(redis.QoS):
    """The tickets that were taken and are not acknowledged yet.

    Those of a process that is killed go back to their queue by what Redis knows of them. One that was taken just then
    does not, with kombu neither: it has left its queue, and Redis is told next. The reconciler sends another.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)  # type: ignore[no-untyped-call]
        self._untold: dict[str, Any] = {}
        self._telling = Lock()
        """Held while Redis is told: a seat's thread that is done meanwhile waits, and takes back what was told."""

    def append(self, message: Any, delivery_tag: str) -> None:
        """Take the message; Redis is told in the next turn of the consumer's loop, when its work has been begun."""
        hub = get_event_loop()
        if hub is None:
            super().append(message, delivery_tag)  # type: ignore[no-untyped-call]
            return
        virtual.QoS.append(self, message, delivery_tag)
        self._untold[delivery_tag] = message
        hub.call_soon(self._tell)

    def ack(self, delivery_tag: str) -> None:
        """Its work is done."""
        with self._telling:
            untold = self._untold.pop(delivery_tag, None)
        if untold is None:
            super().ack(delivery_tag)  # type: ignore[no-untyped-call]
        else:
            virtual.QoS.ack(self, delivery_tag)

    def reject(self, delivery_tag: str, requeue: bool = False) -> None:
        """Its work is not done; requeue: somebody else is to do it."""
        self._tell()
        super().reject(delivery_tag, requeue=requeue)  # type: ignore[no-untyped-call]

    def restore_unacked(self, client: Any = None) -> Any:
        """Give all back to their queues."""
        self._tell()
        return super().restore_unacked(client)  # type: ignore[no-untyped-call]

    def _tell(self) -> None:
        """Raises nothing: the work goes on without. That a connection is lost the next wait for a ticket finds out."""
        with self._telling:
            for delivery_tag in list(self._untold):
                try:
                    super().append(self._untold.pop(delivery_tag), delivery_tag)  # type: ignore[no-untyped-call]
                except Exception as error:
                    logger.warning("The broker could not be told that a ticket was taken: %r", error)


class Channel(redis.Channel):
    """As kombu's."""

    QoS = QoS
    _kept: Any = None

    def _create_client(self, asynchronous: bool = False) -> Any:
        """A new client to wait with (BRPOP, SUBSCRIBE); for all else the one that is there, while its pool is."""
        if asynchronous:
            return super()._create_client(asynchronous=True)  # type: ignore[no-untyped-call]
        kept = self._kept
        if kept is None or kept.connection_pool is not self.pool:
            kept = self._kept = super()._create_client()  # type: ignore[no-untyped-call]
        return kept


class Transport(redis.Transport):
    """As kombu's, with our channels."""

    Channel = Channel


def install() -> None:
    """Let the broker's URLs that lead to kombu's transport lead to this one."""
    for scheme, transport in TRANSPORT_ALIASES.items():
        if transport == KOMBUS:
            TRANSPORT_ALIASES[scheme] = f"{__name__}:{Transport.__name__}"
