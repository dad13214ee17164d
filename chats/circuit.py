"""A circuit: remembers that something is away, so that not every caller finds out at the cost of a timeout."""

import threading
import time


class Circuit:
    """Closed while calls succeed. After a failure it is open: one caller per `again_after_s` seconds may try.

    For any thread. Ask `closed` before a call, tell `succeeded` or `failed` after it.
    """

    def __init__(self, again_after_s: float) -> None:
        self._again_after_s = again_after_s
        self._lock = threading.Lock()
        self._try_at: float | None = None

    def closed(self) -> bool:
        """Whether this caller may make the call."""
        with self._lock:
            if self._try_at is None:
                return True
            if time.monotonic() < self._try_at:
                return False
            self._try_at = time.monotonic() + self._again_after_s  # the next one, should this one never say
            return True

    def succeeded(self) -> None:
        """The call was answered: everybody may call again."""
        with self._lock:
            self._try_at = None

    def failed(self) -> None:
        """The call was not answered."""
        with self._lock:
            self._try_at = time.monotonic() + self._again_after_s
