"""Backpressure for one connection: `send` waits while the client does not read.

Daphne writes whatever the application sends into memory: an event stream whose client does not read took it from 65 MB
to 1.5 GB within seconds. Twisted tells a registered push producer when a connection's buffer is full (64 KiB) and
when it has drained (twisted.internet.interfaces.IPushProducer); `drained` waits in between.
"""

import asyncio
from collections.abc import Callable

from twisted.internet.interfaces import IPushProducer
from zope.interface import implementer

STALLED_S = 60.0
"""A client that reads nothing at all for so long is taken for gone."""


@implementer(IPushProducer)
class Gate:
    """Closed while the connection's buffer is full. `hang_up` ends a connection that stays full."""

    def __init__(self, hang_up: Callable[[], object]) -> None:
        self._open = asyncio.Event()
        self._open.set()
        self._hang_up = hang_up

    def pauseProducing(self) -> None:  # noqa: N802  # Twisted's name
        """The buffer is full."""
        self._open.clear()

    def resumeProducing(self) -> None:  # noqa: N802
        """The buffer has drained."""
        self._open.set()

    def stopProducing(self) -> None:  # noqa: N802
        """The connection is gone: nobody shall wait for it."""
        self._open.set()

    async def drained(self) -> None:
        """Wait until the client has read enough; hang up on one that reads nothing for STALLED_S."""
        if self._open.is_set():
            return
        try:
            async with asyncio.timeout(STALLED_S):
                await self._open.wait()
        except TimeoutError:
            self._hang_up()
