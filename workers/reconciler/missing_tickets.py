"""How many tickets the broker owes: it may have been flushed, or was away when a message was asked for.

All that is needed is tickets >= waiting messages, and it matters only where somebody could serve. A ticket that has
just been taken, and its message not yet claimed, looks like a missing one: so a lack counts when two rounds saw it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

MOST_AT_ONCE: Final = 500
"""Tickets per queue and round: a bound on one round's length, the next round sends more."""


@dataclass(frozen=True, slots=True)
class QueueState:
    """One model's queue. waiting: pending messages; free_seats: of live, open sessions; tickets: in the broker."""

    waiting: int
    free_seats: int
    tickets: int


class MissingTickets:
    """Remembers what each queue lacked a round ago."""

    def __init__(self) -> None:
        self._lacked: dict[str, int] = {}

    def see(self, queues: Mapping[str, QueueState]) -> dict[str, int]:
        """By compat hash, how many tickets to send now. Queues that could not be read are left out by the caller."""
        lacks = {name: _lack(queue) for name, queue in queues.items()}
        due = {
            name: min(lack, self._lacked[name], MOST_AT_ONCE)
            for name, lack in lacks.items()
            if lack and self._lacked.get(name)
        }
        # What is being sent is no lack any more: it must be seen twice again.
        self._lacked = {name: lack - due.get(name, 0) for name, lack in lacks.items()}
        return due


def _lack(queue: QueueState) -> int:
    return max(0, queue.waiting - queue.tickets) if queue.free_seats else 0
