"""Work: what a worker does with a reply, each ending fenced by the attempt that its claim was given."""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from chats.models import Message, State
from chats.repository.titles import after_completion
from chats.repository.usage import count_reply
from chats.telemetry import tracing
from chats.threads import read_thread
from chats.tickets import send_ticket
from inference.parameters import WorkParameters
from inference.prompts import ThreadMessage
from inference.schema import SCHEMA_FIELD, WORK_SCHEMA


@dataclass(frozen=True, slots=True)
class Work:
    """A claimed reply: the work request (thread and parameters) and the attempt that fences it."""

    message_id: UUID
    chat_id: UUID
    attempt: int
    model_config_name: str
    compat_hash: str
    parameters: WorkParameters
    thread: list[ThreadMessage]
    origin: dict[str, str] | None = None
    attempt_span: Any = None
    """chats.telemetry.tracing.attempt's."""

    @property
    def texts(self) -> list[str]:
        """What people have said: not to be quoted in logs (chats.telemetry.privacy)."""
        told = [self.parameters.system_prompt, self.parameters.user_profile, self.parameters.user_response_instructions]
        return [*(message.content for message in self.thread), *filter(None, told)]


@dataclass(frozen=True, slots=True)
class Result:
    """What an attempt knows at its end. `epoch` is the stream's; counts are None where the engine told none.

    `thoughts` and `content` one after the other are the stream's text.
    """

    content: str
    epoch: int
    generated_tokens: int
    prompt_tokens: int | None = None
    omitted_messages: int = 0
    first_token_at: datetime | None = None
    finish_reason: str = ""
    thoughts: str = ""


def claim(
    *, compat_hash: str, session_id: UUID, worker_name: str, worker_config: dict[str, Any] | None = None
) -> Work | None:
    """Take the reply of this queue that is due first: pending -> in_progress, attempt + 1. None: nothing waits.

    Other workers' claims are skipped, never waited for.
    """
    began_ns = time.time_ns()
    with transaction.atomic():
        due = Message.objects.waiting(compat_hash).not_paused().of_known_schema()
        message = due.select_for_update(skip_locked=True, of=("self",)).first()
        if message is None:
            return None
        message.state = State.IN_PROGRESS
        message.attempt += 1
        message.session_id = session_id
        message.worker_name = worker_name
        message.worker_config = worker_config
        message.work_begin_at = message.work_begin_at or timezone.now()
        changed = ["state", "attempt", "session_id", "worker_name", "worker_config", "work_begin_at"]
        attempt_span = tracing.attempt(
            message.origin,
            number=message.attempt,
            waits_since=message.created_at,
            claim_began_ns=began_ns,
            **{"oasst.message_id": message.pk, "oasst.model": message.model_config_name, "oasst.worker": worker_name},
        )
        if attempt_span is not None:
            message.origin = attempt_span.origin
            changed.append("origin")
        message.save(update_fields=changed)
    assert message.parent_id is not None, "the database's constraint gives every reply a parent"
    return Work(
        message_id=message.pk,
        chat_id=message.chat_id,
        attempt=message.attempt,
        model_config_name=message.model_config_name,
        compat_hash=message.compat_hash,
        parameters=WorkParameters.from_json(message.work_parameters or {}),
        thread=read_thread(message.parent_id),
        origin=message.origin,
        attempt_span=attempt_span,
    )


def left_alone(compat_hash: str) -> int:
    """How many replies wait in this queue that only a newer version of this code can do."""
    return Message.objects.waiting(compat_hash).filter(**{f"work_parameters__{SCHEMA_FIELD}__gt": WORK_SCHEMA}).count()


def still_mine(message_id: UUID, attempt: int) -> bool:
    """Whether this attempt still holds the reply."""
    return Message.objects.held(message_id, attempt).exists()


def running_attempts(message_ids: Iterable[UUID]) -> dict[UUID, int]:
    """Of these replies, those in progress, and the attempt that holds each."""
    rows = Message.objects.filter(pk__in=list(message_ids), state=State.IN_PROGRESS)
    return dict(rows.values_list("pk", "attempt"))


def note_resumption(message_id: UUID, attempt: int, offset: int) -> None:
    """Record that this attempt took the text up at `offset` bytes."""
    with transaction.atomic():
        message = Message.objects.select_for_update().held(message_id, attempt).first()
        if message is not None:
            message.resumptions = [
                *message.resumptions,
                {"at": timezone.now().isoformat(), "attempt": attempt, "offset": offset},
            ]
            message.save(update_fields=["resumptions"])


def complete(message_id: UUID, attempt: int, result: Result) -> bool:
    """in_progress -> complete, while the attempt is mine. False: somebody else has ended or taken the reply."""
    is_done = _end(message_id, attempt, result, state=State.COMPLETE, error="")
    if is_done:
        transaction.on_commit(partial(after_completion, message_id))
    return is_done


def abort(message_id: UUID, attempt: int, result: Result, *, error: str) -> bool:
    """in_progress -> aborted_by_worker with the reason; the text shown so far stays."""
    return _end(message_id, attempt, result, state=State.ABORTED_BY_WORKER, error=error)


def _end(message_id: UUID, attempt: int, result: Result, *, state: State, error: str) -> bool:
    with transaction.atomic():
        ended = Message.objects.held(message_id, attempt).update(
            state=state,
            error=error,
            content=result.content,
            thoughts=result.thoughts,
            epoch=result.epoch,
            generated_tokens=result.generated_tokens,
            prompt_tokens=result.prompt_tokens,
            omitted_messages=result.omitted_messages,
            first_token_at=Coalesce(F("first_token_at"), Value(result.first_token_at)),
            finish_reason=result.finish_reason,
            work_end_at=timezone.now(),
        )
        if ended:
            count_reply(message_id)
    return ended == 1


def release(message_id: UUID, attempt: int, *, failed: bool, first_token_at: datetime | None = None) -> bool:
    """in_progress -> pending with a ticket on commit: another worker goes on. The place in the queue is kept.

    `failed` counts against MAX_ATTEMPTS (a lost worker, an engine that stays down); a drain does not. False: the
    attempt does not hold the reply any more, or its failures are spent and the caller must abort it.
    """
    with transaction.atomic():
        held = Message.objects.held(message_id, attempt)
        if failed:
            held = held.filter(failures__lt=settings.MAX_ATTEMPTS - 1)
        changed = held.update(
            state=State.PENDING,
            failures=F("failures") + (1 if failed else 0),
            first_token_at=Coalesce(F("first_token_at"), Value(first_token_at)),
        )
        if changed:
            compat_hash = Message.objects.values_list("compat_hash", flat=True).get(pk=message_id)
            transaction.on_commit(partial(send_ticket, message_id, compat_hash))
    return changed == 1
