"""How long to go on trying, and how long to wait between two tries."""

import random
import time
from collections.abc import Callable

FIRST_WAIT_S = 0.2
LONGEST_WAIT_S = 4.0


class Patience:
    """Waits that double from 0.2 s to 4 s, until `limit_s` have passed since the first failure in a row.

    Each wait is spread by a quarter, so that clients of a restarted server do not all come back in one moment.
    """

    def __init__(self, limit_s: float, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._limit_s = limit_s
        self._clock = clock
        self._first_failure: float | None = None
        self._wait_s = FIRST_WAIT_S

    def succeeded(self) -> None:
        """Start afresh: the last try worked."""
        self._first_failure = None
        self._wait_s = FIRST_WAIT_S

    def next_wait_s(self, at_least_s: float = 0.0) -> float | None:
        """Seconds to wait before the next try, or None when the limit is reached."""
        now = self._clock()
        if self._first_failure is None:
            self._first_failure = now
        wait_s = max(self._wait_s * random.uniform(0.75, 1.25), at_least_s)
        if now + wait_s - self._first_failure > self._limit_s:
            return None
        self._wait_s = min(self._wait_s * 2, LONGEST_WAIT_S)
        return wait_s
