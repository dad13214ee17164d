"""Which running messages their own live worker does not know of.

A claim whose commit went through while its answer was lost leaves a message in progress that nobody streams: its
session lives and beats, and never names it.
"""

from collections.abc import Collection, Mapping
from typing import Final, NamedTuple
from uuid import UUID

ORPHANED_AFTER_S: Final = 5.0
"""A worker names a message with its next beat after the claim, so this is many beats."""


class Held(NamedTuple):
    """A message in progress, as Postgres has it."""

    message_id: UUID
    attempt: int
    session_id: UUID


class Orphans:
    """Remembers since when each message has been missing from the beats of its session."""

    def __init__(self, after_s: float = ORPHANED_AFTER_S) -> None:
        self._after_s = after_s
        self._missing_since: dict[Held, tuple[float, int]] = {}

    def forget(self) -> None:
        """The looks were interrupted: everything missing must be seen missing anew."""
        self._missing_since.clear()

    def see(self, at: float, held: Collection[Held], named: Mapping[UUID, tuple[int, Collection[str]]]) -> set[Held]:
        """The messages that are orphans by now.

        at: seconds of a monotonic clock. held: all messages in progress.
        named: session -> its counter and the message ids of its latest beat.
        """
        missing = {
            each for each in held if each.session_id in named and str(each.message_id) not in named[each.session_id][1]
        }
        for each in self._missing_since.keys() - missing:
            del self._missing_since[each]
        for each in missing:
            self._missing_since.setdefault(each, (at, named[each.session_id][0]))
        return {
            each
            for each, (since, beat) in self._missing_since.items()
            # A beat that stands still proves nothing: that is a matter of liveness.
            if at - since >= self._after_s and named[each.session_id][0] != beat
        }
