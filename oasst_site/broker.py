"""Kombu's transport for Redis, but with one client per channel where kombu makes one for every command.

A client of redis-py fills a table of some 300 entries when it is made. A ticket made one where it is sent and two where
it is taken: a third of the time of Celery's own thread. A client is safe in any thread; its connections come out of the
channel's pool as before.
"""

from typing import Any

from kombu.transport import TRANSPORT_ALIASES, redis

KOMBUS = "kombu.transport.redis:Transport"


class Channel(redis.Channel):
    """As kombu's."""

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
