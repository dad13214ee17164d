"""The reader of a reasoning model's reply: thoughts and reply told apart, see inference/stream/thought_events.py."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Protocol, Self

from inference.events import ReaderEvent
from inference.stream.cursor import Cursor
from inference.stream.reader import Reader
from inference.stream.thought_events import ThoughtEvents

TextBefore = Callable[[str, int, int], Awaitable[str]]
"""(message id, epoch, length in bytes) -> that much of the text; empty when a later epoch has made it void."""


class EventReader(Protocol):
    """What a connection reads: a reply's wire events, exactly one final one, then the end."""

    @property
    def ended(self) -> bool:
        """The final event was given out."""

    def __aiter__(self) -> Self: ...

    async def __anext__(self) -> ReaderEvent: ...

    async def next(self, timeout_s: float) -> ReaderEvent | None:
        """The next event; None when there is none for timeout_s or the reader has ended."""


class ThinkingReader:
    """An EventReader over another one."""

    def __init__(self, reader: Reader, cursor: Cursor | None, *, text_before: TextBefore) -> None:
        """cursor: the one that `reader` began with. text_before: asked once, when the client comes back with one."""
        self._reader = reader
        self._events = ThoughtEvents(reader.message_id, cursor)
        self._text_before = text_before
        self._taken: ReaderEvent | None = None
        self._ready: deque[ReaderEvent] = deque()

    @property
    def ended(self) -> bool:
        """See EventReader."""
        return self._reader.ended and not self._ready and self._taken is None

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> ReaderEvent:
        """May be cancelled at any time: nothing is lost, call it again."""
        while not self._ready:
            event = self._taken if self._taken is not None else await anext(self._reader)
            self._taken = event
            if (missing := self._events.missing_before(event)) is not None:
                epoch, length = missing
                self._events.recall(await self._text_before(self._reader.message_id, epoch, length), length)
            self._ready.extend(self._events.take(event))
            self._taken = None
        return self._ready.popleft()

    async def next(self, timeout_s: float) -> ReaderEvent | None:
        """See EventReader."""
        try:
            async with asyncio.timeout(timeout_s):
                return await anext(self, None)
        except TimeoutError:
            return None
