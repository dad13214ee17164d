"""What the reconciler sees: sessions in Redis, unfinished messages in Postgres, tickets in the broker. Only looks."""

import time
from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from uuid import UUID

import redis
from celery import current_app
from django.conf import settings
from django.db.models import Count, Q
from django.utils import timezone
from kombu.connection import Connection

from chats.models import Message, State
from inference.queues import queue_name
from inference.sessions import SessionInfo, SyncSessionRegistry
from workers.reconciler.liveness import Look
from workers.reconciler.orphans import Held

LOOK_KEY = "reconciler.look"
LOOK_KEPT_S = 60
MOST_TIMED_OUT = 200
"""Messages timed out per round."""


def look_at_sessions(client: redis.Redis) -> tuple[Look, dict[UUID, SessionInfo]]:
    """All sessions and their counters. Raises redis.RedisError when Redis is away, or takes no beats.

    So a look writes as a beat does: counters stand still in a Redis that is out of memory or only a replica, and that
    says nothing of the workers.
    """
    client.set(LOOK_KEY, b"1", ex=LOOK_KEPT_S)
    server: Any = client.info("server")
    sessions = SyncSessionRegistry(client).live()
    look = Look(
        at=time.monotonic(),
        run_id=str(server["run_id"]),
        beats={session_id: info.beat for session_id, info in sessions.items()},
    )
    return look, sessions


def running_messages() -> list[Held]:
    """Every message in progress."""
    rows = Message.objects.filter(state=State.IN_PROGRESS).values_list("pk", "attempt", "session_id")
    return [Held(pk, attempt, session_id) for pk, attempt, session_id in rows if session_id is not None]


def waiting_messages() -> dict[str, int]:
    """How many messages are pending, by compat hash; none of paused models."""
    counts = (
        Message.objects.filter(state=State.PENDING)
        .not_paused()
        .values_list("compat_hash")
        .annotate(count=Count("pk"))
        .order_by()
    )
    return dict(counts)


def some_waiting(compat_hash: str, count: int) -> list[UUID]:
    """The messages of a queue that are due first."""
    return list(Message.objects.waiting(compat_hash).values_list("pk", flat=True)[:count])


def overdue_messages() -> list[Held]:
    """Pending messages that waited too long; nobody holds them, so their session is the nil UUID.

    Too long is ASSISTANT_MESSAGE_TIMEOUT from their place in the queue on. One that was begun and given back has
    streamed for an unknown part of that time: it has twice as long, from its beginning on.
    """
    now, patience = timezone.now(), timedelta(seconds=settings.ASSISTANT_MESSAGE_TIMEOUT)
    never_begun = Q(work_begin_at=None, queue_at__lt=now - patience)
    begun = Q(work_begin_at__lt=now - 2 * patience, queue_at__lt=now - patience)
    rows = Message.objects.filter(never_begun | begun, state=State.PENDING).values_list("pk", "attempt")
    return [Held(pk, attempt, UUID(int=0)) for pk, attempt in rows[:MOST_TIMED_OUT]]


class Broker:
    """The broker's side: how many tickets wait. Keeps one connection; belongs to one thread."""

    def __init__(self) -> None:
        self._connection: Connection | None = None

    def tickets(self, compat_hashes: Iterable[str]) -> dict[str, int]:
        """Tickets that wait in each queue, by compat hash. Raises the transport's errors when the broker is away."""
        try:
            if self._connection is None:
                self._connection = current_app.connection_for_read()
            return {each: self._count(self._connection, queue_name(each)) for each in compat_hashes}
        except Exception:
            self.close()
            raise

    @staticmethod
    def _count(connection: Connection, queue: str) -> int:
        with connection.channel() as channel:
            try:
                return int(channel.queue_declare(queue, passive=True).message_count)
            except connection.channel_errors:
                return 0  # there is no such queue (Redis keeps no empty one)

    def close(self) -> None:
        """Give the connection up; the next look opens another."""
        held, self._connection = self._connection, None
        if held is not None:
            held.release()
