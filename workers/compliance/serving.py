"""A worker serves a check: it makes the reply again, by the very code that streams replies, for nobody's eyes."""

import logging
from uuid import UUID

from django.db import connections

from chats.models import Message
from chats.repository.work import Work
from chats.threads import read_thread
from inference.parameters import WorkParameters
from workers.compliance import verdict
from workers.in_flight import RunningReply
from workers.outcomes import Aborted, Completed, Failed
from workers.runtime import Runtime

logger = logging.getLogger(__name__)


def serve_check(runtime: Runtime, check_id: UUID) -> None:
    """Serve the check to its answer. Raises what a database that is away raises: the reconciler ends the check."""
    try:
        check = verdict.begin(check_id, runtime.session_id)
        if check is None:
            return
        message = check.message
        if message is None:
            verdict.drop(check_id, "the message was deleted")
            return
        if runtime.draining or not runtime.gate.is_open:
            verdict.drop(check_id, runtime.gate.closed_because or "the worker drains")
            return
        again = work_again(check_id, message)
    finally:
        connections.close_all()
    running = RunningReply(check_id, again.attempt)
    with runtime.checks.holding(running):
        outcome = runtime.make_again(again, running)
    try:
        match outcome:
            case Completed(result):
                verdict.answer(check_id, result.thoughts + result.content)
            case Aborted(reason, _) | Failed(reason, _):
                verdict.fail(check_id, reason)
            case _:
                verdict.drop(check_id, "the worker drained")
    finally:
        connections.close_all()
    logger.info("Compliance check %s: %s", check_id, type(outcome).__name__.lower())


def work_again(check_id: UUID, message: Message) -> Work:
    """The message's work under the check's id: the same thread, parameters and seed."""
    assert message.parent_id is not None, "the database's constraint gives every reply a parent"
    return Work(
        message_id=check_id,
        chat_id=message.chat_id,
        attempt=1,
        model_config_name=message.model_config_name,
        compat_hash=message.compat_hash,
        parameters=WorkParameters.from_json(message.work_parameters or {}),
        thread=read_thread(message.parent_id),
    )
