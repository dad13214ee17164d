"""The reader of a stream: carries ReaderState's wishes out, and gives its events to one client."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, Self

from redis.exceptions import RedisError

from inference.events import ReaderEvent
from inference.stream.cursor import Cursor
from inference.stream.reader_state import FinalMessage, ReaderState
from inference.stream.script import Snapshot

log = logging.getLogger(__name__)

RETRY_S: Final = 1.0


class Reader:
    """One client's reader of one message: `async for event in reader`, after the group is subscribed.

    feed(), wake() and look_again() are called by whoever listens to the group, in the same event loop, and
    never wait. It gives pending, token, restart, and exactly one final event (message or error), then ends. At most
    256 KiB of text wait for a slow client; what it misses is read from the stream when it asks for more.
    """

    def __init__(
        self,
        message_id: str,
        cursor: Cursor | None = None,
        *,
        snapshot: Callable[[str, int], Awaitable[Snapshot | None]],
        load_final: Callable[[str], Awaitable[FinalMessage | None]],
        can_rewind: bool = True,
        retry_s: float = RETRY_S,
    ) -> None:
        """cursor: the last one that the client has. can_rewind: it understands `restart`.
        snapshot: StreamBuffer.snapshot. load_final: the row, if it is final; any exception means: not now.
        retry_s: after a look that failed, the next one.
        """
        self.message_id = message_id
        self._state = ReaderState(message_id, cursor, can_rewind=can_rewind)
        self._snapshot = snapshot
        self._load_final = load_final
        self._retry_s = retry_s
        self._not_before = 0.0
        self._failures = 0
        self._news = asyncio.Event()

    @property
    def ended(self) -> bool:
        """The final event was given out."""
        return self._state.ended

    @property
    def cursor(self) -> Cursor:
        """Up to where events were given out."""
        return Cursor(self._state.epoch or 0, self._state.shown)

    def feed(self, event: Mapping[str, Any]) -> None:
        """An event of the message's group (token, restart, pending; message and error: the row is final)."""
        self._state.feed(event)
        self._news.set()

    def wake(self, epoch: int | None, length: int, is_final: bool) -> None:
        """The idle look: call it once a second with what StreamBuffer.look and the row's state say."""
        self._state.wake(epoch, length, is_final)
        if self._state.wants_snapshot:
            self._news.set()

    def look_again(self) -> None:
        """Something may have been missed: the subscription was renewed, or the row is said to be final."""
        self._state.look_again()
        self._news.set()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> ReaderEvent:
        """May be cancelled at any time: nothing is lost, call it again."""
        clock = asyncio.get_running_loop().time
        while True:
            self._news.clear()
            event = self._state.take()
            if event is not None:
                return event
            if self._state.ended:
                raise StopAsyncIteration
            if not self._state.wants_snapshot:
                await self._news.wait()
            elif (wait := self._not_before - clock()) > 0:
                await self._news_within(wait)
            else:
                await self._look()

    async def next(self, timeout_s: float) -> ReaderEvent | None:
        """The next event; None when there is none for timeout_s (time for a ping) or the reader has ended."""
        try:
            async with asyncio.timeout(timeout_s):
                return await anext(self, None)
        except TimeoutError:
            return None

    async def _news_within(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._news.wait()
        except TimeoutError:
            pass

    async def _look(self) -> None:
        """The stream first, then the row: a row that became final in between is seen, its text is whole.

        For a gap alone the row is not asked for: that it is final the readers are told, by a hint and by the idle look.
        """
        wants_row, position = self._state.wants_row, self._state.begin_snapshot()
        unreadable = False
        final = None
        try:
            try:
                part = await self._snapshot(self.message_id, position)
            except (RedisError, OSError) as error:
                unreadable, part = True, None
                self._complain("stream", error)
            if wants_row or part is None:
                final = await self._load_final(self.message_id)
        except Exception as error:  # the row's reader has exceptions of its own (Django's); none may end the stream
            self._complain("row", error)
            self._put_off()
            return
        except BaseException:
            self._state.snapshot_failed()
            raise
        if unreadable and final is None:
            self._put_off()
            return
        self._failures = 0
        self._state.snapshot_taken(part, final)

    def _put_off(self) -> None:
        self._state.snapshot_failed()
        self._failures += 1
        self._not_before = asyncio.get_running_loop().time() + self._retry_s

    def _complain(self, what: str, error: Exception) -> None:
        if self._failures % 30 == 0:
            log.warning("message %s: its %s cannot be read: %r; trying again", self.message_id, what, error)
