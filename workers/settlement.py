"""What an attempt's outcome does to the message: the one place where a worker stores an ending.

Runs in the pool's thread that holds the ticket. Postgres may be away: the ending is kept and tried again, for as long
as this process lives; the stream already holds the text and the reason, so that a successor can end it too.
"""

import logging
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial
from typing import TypeVar

from django.conf import settings

from chats.models import State
from chats.repository import ending, work
from chats.repository.work import Result, Work
from workers.outcomes import Aborted, Completed, Drained, Failed, Lost, Outcome
from workers.postgres import POSTGRES_IS_AWAY

logger = logging.getLogger(__name__)

T = TypeVar("T")
Turn = Callable[[], AbstractContextManager[None]]

FIRST_PAUSE_S = 0.1
LONGEST_PAUSE_S = 2.0


class Unsettled(Exception):
    """Postgres stayed away until this process had to end: the reconciler gives the message on."""


def settle(claimed: Work, outcome: Outcome, *, turn: Turn, keep_trying: Callable[[], bool]) -> State | None:
    """Store the outcome while the attempt still holds the message; the state that it now has by that.

    None: the attempt did not hold it any more, and nothing was changed.
    turn: in which Postgres may be used (workers.postgres).
    keep_trying: asked between two tries while Postgres is away. Raises Unsettled when it says no.
    """
    held = (claimed.message_id, claimed.attempt)
    persist = partial(_persist, turn=turn, keep_trying=keep_trying)
    match outcome:
        case Completed():
            return State.COMPLETE if persist(partial(work.complete, *held, outcome.result)) else None
        case Aborted():
            abort = partial(work.abort, *held, outcome.result, error=outcome.reason)
            return _told(claimed, State.ABORTED_BY_WORKER, outcome.reason) if persist(abort) else None
        case Failed():
            first_token_at = outcome.result.first_token_at if outcome.result else None
            if persist(partial(work.release, *held, failed=True, first_token_at=first_token_at)):
                return _told(claimed, State.PENDING, outcome.reason)
            reason = f"{outcome.reason} (given up after {settings.MAX_ATTEMPTS} attempts)"
            given_up = persist(partial(_give_up, claimed, reason, outcome.result))
            return _told(claimed, State.ABORTED_BY_WORKER, reason) if given_up else None
        case Drained():
            release = partial(work.release, *held, failed=False, first_token_at=outcome.first_token_at)
        case Lost():
            # The stream went to somebody else. Should the row still be ours, nobody else would ever give it on.
            release = partial(work.release, *held, failed=False)
    return State.PENDING if persist(release) else None


def _told(claimed: Work, state: State, reason: str) -> State:
    logger.warning("Message %s is %s now: %s", claimed.message_id, state, reason)
    return state


def _give_up(claimed: Work, reason: str, result: Result | None) -> bool:
    """Abort; without a result of ours the text is what the stream has, should anybody be able to read it."""
    if result is not None:
        return work.abort(claimed.message_id, claimed.attempt, result, error=reason)
    ended = ending.end(claimed.message_id, State.ABORTED_BY_WORKER, error=reason, attempt=claimed.attempt)
    return ended is not None


def _persist(store: Callable[[], T], *, turn: Turn, keep_trying: Callable[[], bool]) -> T:
    pause = FIRST_PAUSE_S
    while True:
        try:
            with turn():
                return store()
        except POSTGRES_IS_AWAY as error:
            if not keep_trying():
                raise Unsettled(f"Postgres is away and this process ends: {error}") from error
            if pause == FIRST_PAUSE_S:
                logger.warning("Postgres is away, an ending waits to be stored: %s", error)
        time.sleep(pause)
        pause = min(pause * 2, LONGEST_PAUSE_S)
