"""What a web process depends on, and how each is looked at: by the way that requests take, at a connection of its own.

Postgres and the Channels layer matter: without them nobody is served. Without the broker and the reconciler replies
still wait in Postgres for their turn, and nobody gains by a site that is taken away: they are told as degraded.
"""

import asyncio
import threading
from collections.abc import Callable
from secrets import token_hex
from typing import Any

import psycopg
from celery import current_app
from channels.layers import get_channel_layer

from chats.direct_connection import direct_connection
from chats.redis import sync_redis
from oasst_site.health.readiness import Late, Readiness, Watched
from workers.reconciler_age import reconciler_age_s

RECONCILER_LATE_S = 10.0
LAYER_S = 5.0
"""What was sent over the layer is taken for lost after this time."""


def readiness() -> Readiness:
    """Of a web process."""
    return Readiness(
        [
            Watched("database", in_thread(Database()), matters=True),
            Watched("channel_layer", ChannelLayer(), matters=True),
            Watched("broker", in_thread(broker), matters=False),
            Watched("reconciler", in_thread(reconciler), matters=False),
        ]
    )


def in_thread(look: Callable[[], dict[str, Any]]) -> Callable[[], asyncio.Future[dict[str, Any]]]:
    """The look in a thread of its own each time: one that hangs holds up nobody, not even the process's end."""

    def begin() -> asyncio.Future[dict[str, Any]]:
        loop = asyncio.get_running_loop()
        future: asyncio.Future[dict[str, Any]] = loop.create_future()

        def settle(told: dict[str, Any] | None, error: Exception | None) -> None:
            if future.done():
                return
            if error is not None:
                future.set_exception(error)
            else:
                future.set_result(told or {})

        def run() -> None:
            told, problem = None, None
            try:
                told = look()
            except Exception as error:
                problem = error
            if not loop.is_closed():
                loop.call_soon_threadsafe(settle, told, problem)

        threading.Thread(target=run, name="readyz", daemon=True).start()
        return future

    return begin


class Database:
    """Postgres answers, on a connection that is kept: the pool may be spent, and a look must not wait for it."""

    def __init__(self) -> None:
        self._connection: psycopg.Connection | None = None

    def __call__(self) -> dict[str, Any]:
        """Raises psycopg.Error."""
        connection, self._connection = self._connection, None
        if connection is None:
            connection = direct_connection("readyz")
        try:
            connection.execute("SELECT 1")
        except psycopg.Error:
            connection.close()
            connection = direct_connection("readyz")  # Postgres may have been started anew
            connection.execute("SELECT 1")
        self._connection = connection
        return {}


class ChannelLayer:
    """What is sent over the layer comes back, on a channel that is kept: a look leaves no subscription behind."""

    def __init__(self) -> None:
        self._channel: str | None = None
        self._heard = asyncio.Event()
        self._mark = ""
        self._listening: asyncio.Task[None] | None = None

    async def __call__(self) -> dict[str, Any]:
        """Raises redis.RedisError and TimeoutError."""
        layer = get_channel_layer()
        if self._channel is None or self._listening is None or self._listening.done():
            self._channel = await layer.new_channel()
            self._listening = asyncio.create_task(self._listen(self._channel), name="readyz layer")
        self._heard.clear()
        self._mark = token_hex(8)
        # Not cancelled half-way: the layer's connection is everybody's. It has time limits of its own.
        await layer.send(self._channel, {"type": "readyz", "mark": self._mark})
        async with asyncio.timeout(LAYER_S):
            await self._heard.wait()
        return {}

    async def once(self) -> None:
        """One look that leaves nothing behind, for a loop that ends with it. Raises as a look does."""
        try:
            await self()
        finally:
            if self._listening is not None:
                self._listening.cancel()
                await asyncio.gather(self._listening, return_exceptions=True)

    async def _listen(self, channel: str) -> None:
        layer = get_channel_layer()
        while True:
            if (await layer.receive(channel)).get("mark") == self._mark:
                self._heard.set()


def broker() -> dict[str, Any]:
    """The broker takes a connection. Raises its transport's own errors."""
    with current_app.connection_for_write() as connection:
        connection.ensure_connection(max_retries=1, timeout=2)
    return {}


def reconciler() -> dict[str, Any]:
    """The reconciler has done its round lately. Raises Late, redis.RedisError."""
    age = reconciler_age_s(sync_redis())
    if age is None:
        raise Late("never seen: start `celery -A oasst_site worker -Q maintenance`")
    if age > RECONCILER_LATE_S:
        raise Late(f"its last round was {age:.0f} s ago")
    return {"age_s": round(age, 1)}
