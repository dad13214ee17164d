"""The hub: what all readers of one event loop share.

One Channels channel takes in the events of every message that is read here and hands them to that message's readers.
Once a second one look at Redis (epochs, lengths, sessions) and one at Postgres (states, queues) serve all readers
together: that heals a lost last event (docs/architecture.md, the token stream) and tells those who wait their place in
the queue.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any
from weakref import WeakKeyDictionary

from channels.layers import get_channel_layer
from redis.exceptions import RedisError

from chats.database import in_database
from chats.groups import message_group
from chats.models import UNFINISHED
from chats.positions import RowLook, look_at_rows
from chats.redis import async_redis
from chats.streaming.final import load_final
from chats.streaming.places import Places
from chats.streaming.thoughts import EventReader, ThinkingReader
from chats.streaming.waiting import WaitEstimates
from inference import events
from inference.stream.buffer import StreamBuffer
from inference.stream.cursor import Cursor
from inference.stream.reader import Reader
from inference.stream.reader_state import FinalMessage

logger = logging.getLogger(__name__)

LOOK_S = 1.0
JOIN_WAIT_S = 1.0
"""How long a new reader waits for its subscription: longer only while Redis hangs."""
FIRST_LOOK_S = 0.1
"""A new reader of a waiting reply is told its place after this time; most replies have begun by then."""

_hubs: WeakKeyDictionary[asyncio.AbstractEventLoop, StreamHub] = WeakKeyDictionary()


def current_hub() -> StreamHub:
    """The hub of the running event loop."""
    loop = asyncio.get_running_loop()
    if loop not in _hubs:
        _hubs[loop] = StreamHub()
    return _hubs[loop]


class StreamHub:
    """Feeds the readers of one event loop. Looks while there are any."""

    def __init__(self) -> None:
        self._buffer = StreamBuffer(async_redis())
        self._readers: dict[str, set[Reader]] = defaultdict(set)
        self._subscribed: set[str] = set()
        self._channel: str | None = None
        self._subscribing = asyncio.Lock()
        """Held by whoever joins or leaves groups: one after the other, as the layer's one connection has it anyway."""
        self._joining: dict[str, asyncio.Task[None]] = {}
        self._looking: asyncio.Task[None] | None = None
        self._receiving: asyncio.Task[None] | None = None
        self._background: set[asyncio.Task[None]] = set()
        self._look_soon = asyncio.Event()
        self._loading: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._finals: dict[str, tuple[float, FinalMessage | None]] = {}
        self._estimates = WaitEstimates()
        self._places = Places()

    @asynccontextmanager
    async def reader(
        self, message_id: str, cursor: Cursor | None, *, can_rewind: bool, thinks: bool = False
    ) -> AsyncIterator[EventReader]:
        """A reader of the reply, fed until the block is left. Iterate over it for its wire events.

        thinks: thoughts may stand before the reply (Message.thinks); they are told apart. Works with Redis away too:
        the reader is fed once it is back.
        """
        reader = Reader(
            message_id,
            cursor,
            snapshot=self._buffer.snapshot,
            load_final=self._load_final,
            can_rewind=can_rewind,
        )
        self._readers[message_id].add(reader)
        try:
            self._start()
            await self._subscribe(message_id)
            self._look_soon.set()
            yield ThinkingReader(reader, cursor, text_before=self._text_before) if thinks else reader
        finally:
            # Nothing is awaited here: a reader that leaves is often being cancelled.
            self._readers[message_id].discard(reader)
            if not self._readers[message_id]:
                del self._readers[message_id]
                self._loading.pop(message_id, None)
                self._finals.pop(message_id, None)
                self._in_background(self._tidy(message_id))

    # --- subscriptions ---

    async def _subscribe(self, message_id: str) -> None:
        """Wait until the message's group is joined, or JOIN_WAIT_S: then the looks carry the reader meanwhile.

        The joining itself goes on when the caller is cancelled: half a subscription could not be undone.
        """
        await asyncio.wait({self._joined(message_id)}, timeout=JOIN_WAIT_S)

    def _joined(self, message_id: str) -> asyncio.Task[None]:
        """The task that joins the message's group, begun unless it runs already."""
        task = self._joining.get(message_id)
        if task is None or task.done():
            task = self._joining[message_id] = self._in_background(self._join(message_id))
        return task

    async def _join(self, message_id: str) -> None:
        """A failure is left to the next look, the snapshots carry the readers meanwhile."""
        async with self._subscribing:
            if message_id in self._subscribed or message_id not in self._readers:
                return
            try:
                await get_channel_layer().group_add(message_group(message_id), await self._own_channel())
            except Exception as error:  # redis' errors and OSError
                logger.warning("Not subscribed to message %s yet: %s", message_id, error)
            else:
                self._subscribed.add(message_id)

    async def _tidy(self, message_id: str) -> None:
        """After a message's last reader: leave its group, and look no more when there is nothing left to feed."""
        async with self._subscribing:
            if message_id not in self._readers:
                self._joining.pop(message_id, None)
            if message_id in self._subscribed and message_id not in self._readers:
                self._subscribed.discard(message_id)
                try:
                    await get_channel_layer().group_discard(message_group(message_id), self._channel)
                except Exception as error:  # redis' errors and OSError: the subscription dies with its connection
                    logger.info("Message %s is still subscribed: %s", message_id, error)
            if not self._readers and self._looking is not None:
                self._looking.cancel()
                self._looking = None

    async def _own_channel(self) -> str:
        """The hub's channel, made and listened to when it is first needed, and kept: a layer that has no subscription
        left sleeps, and would hear the next reader's first tokens up to 0.1 s late.
        """
        if self._channel is None:
            self._channel = await get_channel_layer().new_channel()
            self._receiving = asyncio.create_task(self._receive(self._channel))
        return self._channel

    async def _receive(self, channel: str) -> None:
        """Hand each event to the readers of its message."""
        layer = get_channel_layer()
        while True:
            received: dict[str, Any] = await layer.receive(channel)
            if received["type"] == "stream.event":
                event = received["event"]
                for reader in self._readers.get(event["message_id"], ()):
                    reader.feed(event)
            elif received["type"] == "stream.finished":
                for reader in self._readers.get(received["message_id"], ()):
                    reader.look_again()

    # --- the look, once a second ---

    async def _looks(self) -> None:
        while True:
            try:
                async with asyncio.timeout(LOOK_S):
                    await self._look_soon.wait()
                await asyncio.sleep(FIRST_LOOK_S)
                self._look_soon.clear()
            except TimeoutError:
                pass
            try:
                await self._look()
            except Exception as error:  # a dependency is away: readers go on when it is back
                logger.warning("The look at %d messages failed: %s", len(self._readers), error)

    async def _look(self) -> None:
        for message_id in self._readers.keys() - self._subscribed:
            self._joined(message_id)
        ids = list(self._readers)
        rows = {row.message_id: row for row in await in_database(look_at_rows, ids)}
        try:
            streams = await self._buffer.look(ids)
        except (RedisError, OSError) as error:  # a reply that has ended is told all the same
            logger.warning("The streams of %d messages cannot be looked at: %s", len(ids), error)
            streams = {}
        for message_id in ids:
            row = rows.get(message_id)
            is_final = row is None or row.state not in UNFINISHED
            epoch, length = streams.get(message_id) or (None, 0)
            for reader in self._readers.get(message_id, ()):
                reader.wake(epoch, length, is_final)
                if row is not None and row.position is None:
                    self._places.forget(reader)
        await self._tell_places([row for row in rows.values() if row.position is not None])

    async def _tell_places(self, rows: list[RowLook]) -> None:
        estimates = await self._estimates.of({row.compat_hash for row in rows}) if rows else {}
        for row in rows:
            assert row.position is not None, "only waiting rows come here"
            estimate = estimates[row.compat_hash]
            event = events.pending(
                row.message_id,
                queue_position=row.position,
                queue_size=row.queue_size,
                workers=estimate.workers,
                estimate_s=None if row.paused else estimate.until(row.position),
            )
            for reader in self._readers.get(row.message_id, ()):
                self._places.tell(reader, event)

    # --- the end of a reply ---

    async def _load_final(self, message_id: str) -> FinalMessage | None:
        """The reply's end, None while it has none. Readers share a query, but none that began before they asked: its
        answer may be older than the text that they have just read.
        """
        clock = asyncio.get_running_loop().time
        asked = clock()
        async with self._loading[message_id]:
            began, final = self._finals.get(message_id, (-1.0, None))
            if began < asked:
                began, final = clock(), await in_database(load_final, message_id)
                self._finals[message_id] = (began, final)
            return final

    # --- thoughts ---

    async def _text_before(self, message_id: str, epoch: int, length: int) -> str:
        """The first `length` bytes of the epoch's text, wherever they are now; empty when a later epoch has begun.

        A reader has just been told what follows them, so they are somewhere: a Redis that is away is waited for.
        """
        while True:
            try:
                snapshot = await self._buffer.snapshot(message_id, 0, max(length, 4))
                if snapshot is not None and snapshot.epoch > epoch:
                    return ""
                if snapshot is not None and snapshot.epoch == epoch and len(snapshot.data) >= length:
                    return snapshot.data[:length].decode(errors="replace")
            except (RedisError, OSError) as error:
                logger.warning("Message %s: its text cannot be read: %r; trying again", message_id, error)
            try:
                final = await self._load_final(message_id)
                if final is not None:
                    return (final.content or "").encode()[:length].decode(errors="replace")
            except Exception as error:  # the database is away
                logger.warning("Message %s: its row cannot be read: %r; trying again", message_id, error)
            await asyncio.sleep(LOOK_S)

    # --- running only while needed ---

    def _in_background(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._background.add(task)
        task.add_done_callback(self._background.discard)
        return task

    def _start(self) -> None:
        if self._looking is None:
            self._looking = asyncio.create_task(self._looks())
