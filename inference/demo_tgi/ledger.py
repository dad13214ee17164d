"""What became of the latest requests, for tests: was it stopped when its client went away?"""

from collections import Counter, deque
from dataclasses import asdict, dataclass
from itertools import count
from time import time
from typing import Any, Literal

State = Literal["open", "finished", "cancelled", "failed", "refused"]

_KEPT = 500
_PROMPT_KEPT = 16_384


@dataclass(slots=True)
class Entry:
    """One generation request.

    inputs: the prompt; of a very long one its last 16,384 characters.
    state: ``cancelled`` is a client that left, ``failed`` a fault on purpose, ``refused`` an answer without a token.
    started_at, ended_at: seconds since 1970.
    """

    id: int
    endpoint: str
    inputs: str
    parameters: dict[str, Any]
    started_at: float
    state: State = "open"
    tokens: int = 0
    finish_reason: str | None = None
    fault: str | None = None
    ended_at: float | None = None


class Ledger:
    """The latest requests and how many there were of each kind."""

    def __init__(self) -> None:
        self._latest: deque[Entry] = deque(maxlen=_KEPT)
        self._counts: Counter[str] = Counter()
        self._ids = count(1)
        self.open = 0

    def start(self, endpoint: str, inputs: str, parameters: dict[str, Any], fault: str | None) -> Entry:
        """A request that has just come."""
        entry = Entry(next(self._ids), endpoint, inputs[-_PROMPT_KEPT:], parameters, time(), fault=fault)
        self._latest.append(entry)
        self._counts["started"] += 1
        self.open += 1
        return entry

    def end(self, entry: Entry, state: State) -> None:
        """It is over. Only the first end counts."""
        if entry.state == "open":
            entry.state = state
            entry.ended_at = time()
            self._counts[state] += 1
            self.open -= 1

    def told(self, prompt_contains: str = "") -> dict[str, Any]:
        """Counts and the latest requests, newest first; both only of prompts with this text, when there is one."""
        latest = [entry for entry in reversed(self._latest) if prompt_contains in entry.inputs]
        if prompt_contains:
            counts = Counter[str](entry.state for entry in latest)
            started, still_open = len(latest), counts["open"]
        else:
            counts = self._counts
            started, still_open = counts["started"], self.open
        ends = {state: counts[state] for state in ("finished", "cancelled", "failed", "refused")}
        return {
            "open": still_open,
            "started": started,
            **ends,
            "latest": [asdict(entry) for entry in latest],
        }
