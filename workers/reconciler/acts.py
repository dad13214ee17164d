"""What the reconciler does: each act is fenced by the attempt that it saw, so that it is right or changes nothing."""

import logging
from collections.abc import Iterable
from uuid import UUID

import redis
from django.conf import settings

from chats.models import State
from chats.repository import ending, work
from chats.tickets import send_ticket
from inference.sessions import SessionInfo, SyncSessionRegistry
from workers.events import note_disconnect
from workers.reconciler.looks import some_waiting
from workers.reconciler.orphans import Held

logger = logging.getLogger(__name__)


def give_on(held: Iterable[Held], *, reason: str, failed: bool) -> None:
    """Messages of a lost worker go back to their queues, each with a ticket.

    failed: counts against MAX_ATTEMPTS; a message whose attempts are spent is aborted with the reason, its text kept.
    """
    for each in held:
        if work.release(each.message_id, each.attempt, failed=failed):
            logger.warning("Message %s goes back to its queue: %s", each.message_id, reason)
        elif failed:
            _end(each, State.ABORTED_BY_WORKER, f"{reason} (given up after {settings.MAX_ATTEMPTS} attempts)")


def time_out(overdue: Iterable[Held]) -> None:
    """Messages that waited too long end as timed out; their readers are told."""
    for each in overdue:
        _end(
            each,
            State.TIMEOUT,
            f"No worker took the message within {settings.ASSISTANT_MESSAGE_TIMEOUT} s.",
        )


def _end(held: Held, state: State, reason: str) -> None:
    ended = ending.end(held.message_id, state, error=reason, attempt=held.attempt)
    if ended is not None:
        logger.warning("Message %s ends as %s: %s", held.message_id, state, reason)
        ending.tell(ended)


def send_missing(due: dict[str, int]) -> None:
    """Send so many tickets per compat hash; stops at the first that the broker does not take."""
    for compat_hash, count in due.items():
        message_ids = some_waiting(compat_hash, count)
        if not message_ids:
            continue
        logger.warning("%d waiting messages of %s had no ticket: sent again", len(message_ids), compat_hash)
        for message_id in message_ids:
            if not send_ticket(message_id, compat_hash):
                return


def bury(client: redis.Redis, dead: Iterable[UUID], sessions: dict[UUID, SessionInfo]) -> None:
    """Take dead sessions out of the registry and store their end. One that has moved on meanwhile stays."""
    registry = SyncSessionRegistry(client)
    for session_id in dead:
        info = sessions.get(session_id)
        if info is not None and registry.forget(session_id, info.beat):
            logger.warning("Worker session %s (%s) is dead: its counter stood still", session_id, info.worker_name)
            note_disconnect(session_id, info.worker_name, "lost: its counter stood still", info.worker_id)
