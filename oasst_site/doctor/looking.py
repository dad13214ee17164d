"""Runs all looks at once, each in a thread of its own, and waits for none of them longer than its time."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence

from inference.long_waits import FIRST_S
from oasst_site.doctor.finding import Finding, Look, wrong

LOOK_S = 6.0
"""Of all looks together, since they run side by side."""


def examine(looks: Mapping[str, Look], say: Callable[[str], None], within_s: float = LOOK_S) -> Iterator[list[Finding]]:
    """The findings of each look, in the order of the looks. `say` is told once which of them take long."""
    running = [_Running(name, look) for name, look in looks.items()]
    for each in running:
        each.thread.start()
    began = time.monotonic()
    _join(running, began + min(FIRST_S, within_s))
    if slow := [each.name for each in running if each.thread.is_alive()]:
        say(f"waiting for {', '.join(slow)}, {within_s:g} s at most")
    for each in running:
        _join([each], began + within_s)
        yield each.findings(within_s)


def _join(running: Sequence["_Running"], deadline: float) -> None:
    for each in running:
        each.thread.join(max(0.0, deadline - time.monotonic()))


class _Running:
    def __init__(self, name: str, look: Look) -> None:
        self.name = name
        self._look = look
        self._found: list[Finding] = []
        self.thread = threading.Thread(target=self._run, name=f"doctor {name}", daemon=True)

    def _run(self) -> None:
        try:
            for finding in self._look():
                self._found.append(finding)
        except Exception as error:  # each dependency has its own errors
            said = " ".join(str(error).split()) or type(error).__name__
            self._found.append(wrong(self.name, f"{type(error).__name__}: {said}", _MEND.get(self.name, "")))

    def findings(self, within_s: float) -> list[Finding]:
        """What it has found by now."""
        found = list(self._found)
        if self.thread.is_alive():
            found.append(wrong(self.name, f"no answer within {within_s:g} s: it hangs", _MEND.get(self.name, "")))
        return found


_MEND = {
    "database": "Check DATABASE_URL, and that PostgreSQL runs and lets this machine in.",
    "redis": "Check REDIS_URL, and that Redis or Valkey runs and lets this machine in.",
    "broker": "Check CELERY_BROKER_URL (else REDIS_URL), and that the broker runs.",
    "channel layer": "It needs REDIS_URL; see what is said of redis.",
    "workers": "They are told by Redis; see what is said of redis.",
    "reconciler": "It is told by Redis; see what is said of redis.",
}
