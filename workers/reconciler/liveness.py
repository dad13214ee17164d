"""Which worker sessions are dead, judged by counters that stand still on this process's own clock.

A session is dead when its counter has not moved for DEAD_AFTER_S, over looks that all reached Redis. What is no
evidence against a session starts every session's clock again: Redis was away, was restarted (another run_id), lost
all sessions at once (a flush), or this process itself did not look for a while.
"""

from collections.abc import Mapping, Set
from dataclasses import dataclass
from typing import Final
from uuid import UUID

DEAD_AFTER_S: Final = 3.0
LONGEST_GAP_S: Final = 2.0
"""Looks further apart than this prove nothing about what was between them."""


@dataclass(frozen=True, slots=True)
class Look:
    """What one look saw. `at`: seconds of a monotonic clock; `run_id` tells one run of the server from the next."""

    at: float
    run_id: str
    beats: Mapping[UUID, int]


@dataclass(slots=True)
class _Seen:
    """A session's counter (None: it was not in the registry) and when it last moved, or its clock was started."""

    beat: int | None
    since: float


class Liveness:
    """Remembers the looks of one reconciler."""

    def __init__(self, dead_after_s: float = DEAD_AFTER_S, longest_gap_s: float = LONGEST_GAP_S) -> None:
        self._dead_after_s = dead_after_s
        self._longest_gap_s = longest_gap_s
        self._last: Look | None = None
        self._seen: dict[UUID, _Seen] = {}

    def missed(self) -> None:
        """A look did not reach Redis: all clocks start again with the next that does."""
        self._last = None

    def see(self, look: Look, also: Set[UUID] = frozenset()) -> set[UUID]:
        """Take a look that reached Redis; the sessions that are dead by now.

        also: sessions to judge although the registry may not have them (they hold messages in Postgres).
        """
        start_again = self._proves_nothing_before(look)
        self._last = look
        watched = look.beats.keys() | also
        for session in self._seen.keys() - watched:
            del self._seen[session]
        for session in watched:
            beat = look.beats.get(session)
            seen = self._seen.get(session)
            moved = beat is not None and (seen is None or beat != seen.beat)
            if seen is None or moved or start_again:
                self._seen[session] = _Seen(beat, look.at)
            else:
                seen.beat = beat  # gone from the registry is standing still
        return {session for session, seen in self._seen.items() if look.at - seen.since >= self._dead_after_s}

    def _proves_nothing_before(self, look: Look) -> bool:
        last = self._last
        if last is None or look.run_id != last.run_id or look.at - last.at > self._longest_gap_s:
            return True
        return bool(last.beats) and not (last.beats.keys() & look.beats.keys())
