"""How fast one socket may send commands."""

import time
from math import ceil

from chats.errors import TooMany
from chats.rate import too_often

BURST = 40
"""Commands that may come at once: a page that reconnects resumes each of its replies."""

PER_SECOND = 5.0
"""Commands a second in the long run."""


class Pace:
    """A bucket of BURST commands that fills by PER_SECOND."""

    def __init__(self) -> None:
        self._left = float(BURST)
        self._looked_at = time.monotonic()

    def step(self) -> None:
        """One more command. Raises TooMany when it comes too soon; it is not done then."""
        now = time.monotonic()
        self._left = min(BURST, self._left + (now - self._looked_at) * PER_SECOND)
        self._looked_at = now
        if self._left < 1:
            wait_s = (1 - self._left) / PER_SECOND
            raise TooMany(too_often(wait_s), retry_after_s=ceil(wait_s))
        self._left -= 1
