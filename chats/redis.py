"""This process's Redis clients, each made once: one asynchronous client per event loop, one synchronous."""

import asyncio
from functools import cache
from typing import Any
from weakref import WeakKeyDictionary

from django.conf import settings
from redis import Redis
from redis.asyncio import Connection as AsyncConnection
from redis.asyncio import Redis as AsyncRedis
from redis.asyncio.retry import Retry as AsyncRetry
from redis.backoff import NoBackoff
from redis.connection import HiredisRespSerializer
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.retry import Retry


class _PackedInC(AsyncConnection):
    """Commands are packed by hiredis, as those of synchronous clients are; asyncio's connections do it in Python."""

    _packer = HiredisRespSerializer()

    def pack_command(self, *args: Any) -> list[bytes]:
        return self._packer.pack(*args)


_async_clients: WeakKeyDictionary[asyncio.AbstractEventLoop, AsyncRedis] = WeakKeyDictionary()


@cache
def sync_redis() -> Redis:
    """The client of synchronous code: every call ends within about a second, also while Redis hangs.

    A connection found dead (Redis was restarted) is opened again once; a call that had no answer is not made twice.
    """
    return Redis.from_url(
        settings.REDIS_URL,
        socket_timeout=settings.REDIS_TIMEOUT_S,
        socket_connect_timeout=settings.REDIS_TIMEOUT_S,
        retry=Retry(NoBackoff(), 1, supported_errors=(RedisConnectionError,)),
    )


def async_redis() -> AsyncRedis:
    """The client of the running event loop; with connections that were found dead it does as `sync_redis`."""
    loop = asyncio.get_running_loop()
    if loop not in _async_clients:
        _async_clients[loop] = AsyncRedis.from_url(
            settings.REDIS_URL,
            connection_class=_PackedInC,  # a URL with TLS or of a Unix socket brings its own
            socket_timeout=settings.REDIS_TIMEOUT_S * 2,
            socket_connect_timeout=settings.REDIS_TIMEOUT_S,
            retry=AsyncRetry(NoBackoff(), 1, supported_errors=(RedisConnectionError,)),
        )
    return _async_clients[loop]


async def leave_redis() -> None:
    """Close the client of the running event loop, which is about to end."""
    client = _async_clients.pop(asyncio.get_running_loop(), None)
    if client is not None:
        await client.aclose()
