"""Hears on the server what a writer publishes there, as the web processes do."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import redis.asyncio

from inference import events
from inference.events import StreamEvent
from inference.stream import Letter, StreamBuffer

CHANNEL = "readers-of-a-message"


def address(event: StreamEvent) -> Letter:
    """As it goes to the listener."""
    return CHANNEL, events.encode(event).encode()


class Listener:
    """What was published so far. `hear` is called with each event."""

    def __init__(self, buffer: StreamBuffer, hear: Callable[[Any], None]) -> None:
        self._buffer = buffer
        self._hear = hear
        self._marks: dict[bytes, asyncio.Event] = {}

    async def all_heard(self) -> None:
        """Wait until everything that was published before this call has been heard."""
        mark = uuid4().bytes
        heard = self._marks[mark] = asyncio.Event()
        await self._buffer.publish((CHANNEL, mark))
        await asyncio.wait_for(heard.wait(), 60)

    async def listen(self, pubsub: Any) -> None:
        async for message in pubsub.listen():
            if message["type"] != "message":
                continue
            if message["data"] in self._marks:
                self._marks.pop(message["data"]).set()
            else:
                self._hear(events.decode(message["data"]))


@asynccontextmanager
async def listener(url: str, buffer: StreamBuffer, hear: Callable[[Any], None]) -> AsyncIterator[Listener]:
    """One that is subscribed already."""
    client = redis.asyncio.Redis.from_url(url, socket_timeout=None)
    pubsub = client.pubsub()
    await pubsub.subscribe(CHANNEL)
    await pubsub.get_message(timeout=60)
    listening = Listener(buffer, hear)
    task = asyncio.create_task(listening.listen(pubsub))
    yield listening
    task.cancel()
    await asyncio.wait({task})
    await pubsub.aclose()
    await client.aclose()
