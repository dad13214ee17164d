"""When the streams of a process have their turn: each the more seldom the more there are, and not all at once.

A read from an engine costs the same whether it brings one token or five, and so does all that follows from it: the
write to Redis, the event, the bytes to each reader. What comes between two turns waits, too short a time to be seen.
"""

import asyncio
import math
from typing import Final

PAUSE_PER_STREAM_S: Final = 0.0004
"""2,500 turns a second at the most: with one stream no pause to speak of, with 64 one of 26 ms."""
LONGEST_PAUSE_S: Final = 0.15
"""However many streams there are: a token must not come later than people notice."""
BEAT_S: Final = 0.005
"""Turns come at a beat: those of one go on together, and the next ones find the way free."""
SHORTEST_WAIT_S: Final = 0.001
"""A shorter one would cost more than it saves."""


class Rhythm:
    """The turns of one event loop's streams."""

    def __init__(
        self, *, pause_per_stream_s: float = PAUSE_PER_STREAM_S, longest_pause_s: float = LONGEST_PAUSE_S
    ) -> None:
        self._pause_per_stream_s = pause_per_stream_s
        self._longest_pause_s = longest_pause_s
        self._streams = 0

    def join(self) -> None:
        """One more stream."""
        self._streams += 1

    def leave(self) -> None:
        """One stream less."""
        self._streams -= 1

    @property
    def pause_s(self) -> float:
        """Between two turns of a stream."""
        return min(self._streams * self._pause_per_stream_s, self._longest_pause_s)

    def wait_s(self, since: float) -> float:
        """How long until the turn of a stream that had its last one at `since` (the event loop's time)."""
        pause_s = self.pause_s
        due = since + pause_s
        if pause_s > BEAT_S:
            due = math.ceil(due / BEAT_S) * BEAT_S
        wait_s = due - asyncio.get_running_loop().time()
        return wait_s if wait_s >= SHORTEST_WAIT_S else 0.0
