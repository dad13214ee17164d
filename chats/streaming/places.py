"""Which readers are told their place in the queue anew, and when.

Everybody each second would cost more than all else where very many wait: some 75 us of a web process's time for each.
"""

import asyncio
from typing import Final
from weakref import WeakKeyDictionary

from inference.events import PendingEvent
from inference.stream.reader import Reader

SECONDS_A_PLACE: Final = 0.01
"""The 50th in the queue hears of each change with the next look, the 500th every five seconds."""
LONGEST_S: Final = 10.0
"""Then everybody is told, also what has not changed: a client may have forgotten it."""


def is_due(told: PendingEvent, now: PendingEvent, age_s: float) -> bool:
    """Is it time to tell a reader `now` who was told `told` so long ago?"""
    return age_s >= LONGEST_S or (now != told and age_s >= now["queue_position"] * SECONDS_A_PLACE)


class Places:
    """What the readers of one event loop were told last."""

    def __init__(self) -> None:
        self._told: WeakKeyDictionary[Reader, tuple[PendingEvent, float]] = WeakKeyDictionary()

    def tell(self, reader: Reader, event: PendingEvent) -> None:
        """Feed the reader its place, when that is due."""
        now = asyncio.get_running_loop().time()
        last = self._told.get(reader)
        if last is None or is_due(last[0], event, now - last[1]):
            self._told[reader] = event, now
            reader.feed(event)

    def forget(self, reader: Reader) -> None:
        """The reader's reply waits no more: should it wait again, that is news."""
        self._told.pop(reader, None)
