"""One round of the reconciler: look, decide, act. Remembers what the decisions need from round to round."""

import logging
import time

import redis

from chats.milestones import note_milestones
from inference.sessions import SessionInfo
from workers.compliance.choosing import compliance_round
from workers.metrics.history import EVERY_S, note_sample
from workers.reconciler import acts, looks
from workers.reconciler.liveness import Liveness
from workers.reconciler.missing_tickets import MissingTickets, QueueState
from workers.reconciler.orphans import Orphans
from workers.reconciler_age import note_round

logger = logging.getLogger(__name__)

MILESTONES_SHARE = 0.01
"""Of the reconciler's time; where hundreds of thousands wait it takes as many rows to note the milestones."""
MILESTONES_AGE_S = 10.0
"""They are noted as often as this in any case."""


class Rounds:
    """The rounds of one term as reconciler: a process that takes the lock again begins with a new one."""

    def __init__(
        self, client: redis.Redis, *, liveness: Liveness | None = None, orphans: Orphans | None = None
    ) -> None:
        self._client = client
        self._liveness = liveness or Liveness()
        self._orphans = orphans or Orphans()
        self._missing_tickets = MissingTickets()
        self._broker = looks.Broker()
        self._sample_due = 0.0
        self._milestones_due = 0.0

    def close(self) -> None:
        """The term is over."""
        self._broker.close()

    def sessions_round(self) -> list[SessionInfo]:
        """Give on what dead sessions held and live ones do not know of; the sessions that live.

        Raises redis.RedisError or django's database errors when one of them is away.
        """
        try:
            look, sessions = looks.look_at_sessions(self._client)
        except (redis.RedisError, OSError):
            self._liveness.missed()
            self._orphans.forget()
            raise
        held = looks.running_messages()
        dead = self._liveness.see(look, {each.session_id for each in held})
        acts.give_on(
            [each for each in held if each.session_id in dead],
            reason="The worker was lost",
            failed=True,
        )
        acts.bury(self._client, dead, sessions)
        alive = [info for session_id, info in sessions.items() if session_id not in dead]
        orphans = self._orphans.see(look.at, held, {info.session_id: (info.beat, info.replies) for info in alive})
        acts.give_on(orphans, reason="Its worker does not know of it", failed=False)
        return alive

    def queues_round(self, alive: list[SessionInfo]) -> None:
        """Time out what waited too long, send the tickets that the broker lacks, note where places in long queues are
        counted from, and tell that the round is done.
        """
        acts.time_out(looks.overdue_messages())
        waiting = looks.waiting_messages()
        free = dict.fromkeys(waiting, 0)
        for info in alive:
            if info.compat_hash in free:
                free[info.compat_hash] += info.free_seats
        try:
            tickets = self._broker.tickets([name for name, seats in free.items() if seats])
        except Exception as error:  # every transport has its own errors; while it is away nothing can be sent
            logger.warning("The broker does not tell its tickets: %s: %s", type(error).__name__, error)
        else:
            acts.send_missing(
                self._missing_tickets.see(
                    {
                        name: QueueState(waiting=waiting[name], free_seats=free[name], tickets=count)
                        for name, count in tickets.items()
                    }
                )
            )
        compliance_round(alive)
        self._note_milestones()
        self._note_sample(sum(waiting.values()), alive)
        note_round(self._client)

    def _note_milestones(self) -> None:
        if (began := time.monotonic()) < self._milestones_due:
            return
        note_milestones()
        now = time.monotonic()
        self._milestones_due = now + min((now - began) / MILESTONES_SHARE, MILESTONES_AGE_S)

    def _note_sample(self, waiting: int, alive: list[SessionInfo]) -> None:
        if (now := time.monotonic()) < self._sample_due:
            return
        self._sample_due = now + EVERY_S
        rate = sum(float(session.metrics.get("tokens_per_s", 0)) for session in alive)
        note_sample(self._client, waiting=waiting, tokens_per_s=rate)
