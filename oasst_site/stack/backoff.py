"""How long to wait before a process that died is started again."""

FIRST_S = 0.2
FACTOR = 2.0
LONGEST_S = 15.0
FORGIVEN_AFTER_S = 30.0
"""A process that ran so long is not counted among the restless."""


class Backoff:
    """The waits of one process."""

    def __init__(self) -> None:
        self._wait_s = FIRST_S

    def after(self, ran_s: float) -> float:
        """Seconds to wait now, given how long the process ran before it died."""
        if ran_s >= FORGIVEN_AFTER_S:
            self._wait_s = FIRST_S
        wait_s = self._wait_s
        self._wait_s = min(LONGEST_S, wait_s * FACTOR)
        return wait_s
