"""How fast a reply is typed."""

import asyncio
from collections.abc import Callable

_AT_LEAST_S = 0.004
"""Shorter waits would cost more than they show; faster paces send several tokens at a time."""

_AT_MOST = 64
"""Tokens sent at a time."""


class Pace:
    """Tells when how many tokens may go out.

    Each token is due at a fixed time after the first one, so that a late wake-up is made good and hundreds of
    replies keep the same speed. A pace of 0 tokens a second is as fast as the machine can: a few tokens at first
    (the first one shall not wait), then many at a time, giving way to others after each batch.
    """

    def __init__(self, tokens_per_second: float) -> None:
        self._interval_s = 1 / tokens_per_second if tokens_per_second > 0 else 0.0
        self._started: float | None = None
        self._clock: Callable[[], float] = asyncio.get_running_loop().time

    async def next(self, sent: int, *, patience_s: float) -> int:
        """How many tokens to send now that ``sent`` are out. 0 when none is due within ``patience_s`` seconds."""
        if not self._interval_s:
            await asyncio.sleep(0)
            return min(_AT_MOST, sent + 1)
        now = self._clock()
        if self._started is None:
            self._started = now
        wait = self._started + sent * self._interval_s - now
        if wait > patience_s:
            await asyncio.sleep(patience_s)
            return 0
        if wait > 0:
            await asyncio.sleep(max(wait, _AT_LEAST_S))
            now = self._clock()
        due = int((now - self._started) / self._interval_s + 1e-6) + 1 - sent
        return min(_AT_MOST, max(1, due))
