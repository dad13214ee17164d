"""Runs all looks at once, each in a thread of its own, and waits for none of them longer than its time."""

import threading
import time
from collections.abc import Iterator, Mapping

from oasst_site.doctor.finding import Finding, Look, wrong

LOOK_S = 6.0
"""Of all looks together, since they run side by side."""


def examine(looks: Mapping[str, Look], within_s: float = LOOK_S) -> Iterator[list[Finding]]:
    """The findings of each look, in the order of the looks."""
    running = [_Running(name, look) for name, look in looks.items()]
    for each in running:
        each.thread.start()
    deadline = time.monotonic() + within_s
    for each in running:
        each.thread.join(max(0.0, deadline - time.monotonic()))
        yield each.findings(within_s)


class _Running:
    def __init__(self, name: str, look: Look) -> None:
        self._name = name
        self._look = look
        self._found: list[Finding] = []
        self.thread = threading.Thread(target=self._run, name=f"doctor {name}", daemon=True)

    def _run(self) -> None:
        try:
            for finding in self._look():
                self._found.append(finding)
        except Exception as error:  # each dependency has its own errors
            said = " ".join(str(error).split()) or type(error).__name__
            self._found.append(wrong(self._name, f"{type(error).__name__}: {said}", _MEND.get(self._name, "")))

    def findings(self, within_s: float) -> list[Finding]:
        """What it has found by now."""
        found = list(self._found)
        if self.thread.is_alive():
            found.append(wrong(self._name, f"no answer within {within_s:g} s: it hangs", _MEND.get(self._name, "")))
        return found


_MEND = {
    "database": "Check DATABASE_URL, and that PostgreSQL runs and lets this machine in.",
    "redis": "Check REDIS_URL, and that Redis or Valkey runs and lets this machine in.",
    "broker": "Check CELERY_BROKER_URL (else REDIS_URL), and that the broker runs.",
    "channel layer": "It needs REDIS_URL; see what is said of redis.",
    "workers": "They are told by Redis; see what is said of redis.",
    "reconciler": "It is told by Redis; see what is said of redis.",
}
