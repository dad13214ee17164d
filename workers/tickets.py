"""Serving a ticket: claim the reply that is due, stream it, store its ending.

A ticket is a seat in this process and names no work: which reply it serves is settled by the claim. A ticket that
finds nothing to do is used up; one that could not be served goes back to the broker.
"""

import logging
import time
from typing import NoReturn

from celery.exceptions import Reject
from django.conf import settings

from chats.models import UNFINISHED
from chats.repository import work
from chats.repository.work import Result, Work
from chats.telemetry import privacy, tracing
from chats.telemetry.origin import lines_about
from inference.schema import WORK_SCHEMA, is_known
from workers.in_flight import RunningReply
from workers.outcomes import Failed, Outcome
from workers.postgres import POSTGRES_IS_AWAY
from workers.runtime import Runtime
from workers.settlement import Unsettled, settle

logger = logging.getLogger(__name__)

CLOSED_PAUSE_S = 0.5
"""A ticket that came while the queue was being closed waits so long before it goes back to the broker."""
POSTGRES_PAUSE_S = 1.0
UNKNOWN_PAUSE_S = 1.0
SETTLE_WHILE_DRAINING_S = 2.0


def serve_ticket(runtime: Runtime, schema: object = None) -> None:
    """Serve one ticket to the end. Raises celery's Reject when it is to go back to the broker.

    schema: the ticket's version; one that this worker does not know it leaves to those that do.
    """
    if runtime.draining:
        raise Reject("this worker drains", requeue=True)
    if not runtime.gate.is_open:
        time.sleep(CLOSED_PAUSE_S)
        raise Reject(f"the queue is closed: {runtime.gate.closed_because}", requeue=True)
    if not is_known(schema):
        _leave(f"a ticket has version {schema!r}")
    begun, begun_at = time.monotonic(), time.time()
    claimed = _claim(runtime)
    if claimed is None:
        return
    running = RunningReply(claimed.message_id, claimed.attempt, begun, begun_at)
    texts = claimed.texts
    with (
        lines_about(
            claimed.origin,
            message_id=claimed.message_id,
            chat_id=claimed.chat_id,
            attempt=claimed.attempt,
            model=claimed.model_config_name,
        ),
        privacy.holding(lambda: texts),
        tracing.working(claimed.attempt_span),
        runtime.in_flight.holding(running),
    ):
        _serve(runtime, claimed, running, texts)


def _leave(what: str) -> NoReturn:
    """Put the ticket back for a newer worker; not at once, or this one would be given it again and again."""
    logger.warning("%s, this worker knows %d: left to a newer worker; upgrade this one", what, WORK_SCHEMA)
    time.sleep(UNKNOWN_PAUSE_S)
    raise Reject("of a version that this worker does not know", requeue=True)


def _claim(runtime: Runtime) -> Work | None:
    left = 0
    try:
        with runtime.turns.turn():
            claimed = work.claim(
                compat_hash=runtime.config.compat_hash,
                session_id=runtime.session_id,
                worker_name=runtime.node_name,
                worker_config=runtime.worker_config,
            )
            if claimed is None:
                left = work.left_alone(runtime.config.compat_hash)
    except POSTGRES_IS_AWAY as error:
        logger.warning("Postgres is away, a ticket goes back to the broker: %s", error)
        time.sleep(POSTGRES_PAUSE_S)
        raise Reject("Postgres is away", requeue=True) from error
    if left:
        _leave(f"{left} waiting messages ask for work of a newer version")
    return claimed


def _serve(runtime: Runtime, claimed: Work, running: RunningReply, texts: list[str]) -> None:
    """texts: what no warning may quote; the reply's own is added when it is known."""
    logger.info("Message %s is taken up, attempt %d", claimed.message_id, claimed.attempt)
    if settings.LOG_TEXT:
        logger.info("The prompt of message %s: %r", claimed.message_id, texts)
    outcome: Outcome
    try:
        outcome = runtime.stream(claimed, running)
    except Exception as error:
        logger.exception("Message %s: generation failed unexpectedly", claimed.message_id)
        outcome = Failed(f"The worker failed: {type(error).__name__}: {error}", None)
    result: Result | None = getattr(outcome, "result", None)
    if result is not None:
        texts += [result.thoughts, result.content]
        if settings.LOG_TEXT:
            logger.info("The text of message %s: %r", claimed.message_id, result.thoughts + result.content)
    deadline: float | None = None

    def keep_trying() -> bool:
        nonlocal deadline
        if deadline is None and runtime.draining:
            deadline = time.monotonic() + SETTLE_WHILE_DRAINING_S
        return deadline is None or time.monotonic() < deadline

    try:
        with tracing.span("finish"):
            state = settle(claimed, outcome, turn=runtime.turns.turn, keep_trying=keep_trying)
    except Unsettled as error:
        logger.warning("Message %s is left to the reconciler: %s", claimed.message_id, error)
        return
    logger.info(
        "Message %s, attempt %d: %s after %.1f s, %d tokens",
        claimed.message_id, claimed.attempt, state or "taken over by somebody else",
        time.monotonic() - running.begun, running.tokens,
    )  # fmt: skip
    if state is not None and state not in UNFINISHED:
        runtime.announce_end(claimed.message_id)
