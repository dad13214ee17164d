"""Work: what a worker does with a reply, each ending fenced by the attempt that its claim was given."""

import json
import time
from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from chats.models import Message, State
from chats.repository.titles import after_completion
from chats.repository.usage import ADD_TO_USAGE
from chats.telemetry import tracing
from chats.threads import SPOKEN, THREAD
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


_CLAIM = f"""
WITH RECURSIVE claimed AS (
    UPDATE chats_message SET
        state = 'in_progress',
        attempt = attempt + 1,
        session_id = %(session)s,
        worker_name = %(worker)s,
        worker_config = %(config)s::jsonb,
        work_begin_at = COALESCE(work_begin_at, %(now)s)
    WHERE id = (
        SELECT id FROM chats_message
        WHERE state = 'pending'
            AND compat_hash = %(compat_hash)s
            AND COALESCE(work_parameters -> '{SCHEMA_FIELD}', '1') <= '{WORK_SCHEMA}'
            AND NOT EXISTS (SELECT FROM chats_pause WHERE compat_hash = %(compat_hash)s)
        ORDER BY queue_at, id
        LIMIT 1
        FOR UPDATE OF chats_message SKIP LOCKED
    )
    RETURNING id, chat_id, parent_id, attempt, model_config_name, work_parameters, origin, created_at
), {THREAD.format(prompt="(SELECT parent_id FROM claimed)")}
SELECT
    id, chat_id, attempt, model_config_name, work_parameters::json, origin::json, created_at,
    (SELECT json_agg(json_build_array(role, content) ORDER BY depth DESC) FROM thread WHERE {SPOKEN})
FROM claimed
"""
"""One statement, and so one round trip and one commit. The state stands in it as a word, not as a parameter, and the
pause is asked for once, not for each row: so the queue's partial index is walked in its order, and only to the first
row that is free, whatever Postgres takes the queue's length to be (tests/chats/test_growth.py).
"""


def claim(
    *, compat_hash: str, session_id: UUID, worker_name: str, worker_config: dict[str, Any] | None = None
) -> Work | None:
    """Take the reply of this queue that is due first: pending -> in_progress, attempt + 1. None: nothing waits.

    Other workers' claims are skipped, never waited for.
    """
    began_ns = time.time_ns()
    told: dict[str, Any] = {
        "compat_hash": compat_hash,
        "session": session_id,
        "worker": worker_name,
        "config": None if worker_config is None else json.dumps(worker_config),
        "now": timezone.now(),
    }
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, told)
        row = cursor.fetchone()
    if row is None:
        return None
    message_id, chat_id, attempt, model, parameters, origin, asked_at, thread = row
    attempt_span = tracing.attempt(
        origin,
        number=attempt,
        waits_since=asked_at,
        claim_began_ns=began_ns,
        **{"oasst.message_id": message_id, "oasst.model": model, "oasst.worker": worker_name},
    )
    if attempt_span is not None:
        origin = attempt_span.origin
        Message.objects.held(message_id, attempt).update(origin=origin)
    return Work(
        message_id=message_id,
        chat_id=chat_id,
        attempt=attempt,
        model_config_name=model,
        compat_hash=compat_hash,
        parameters=WorkParameters.from_json(parameters or {}),
        thread=[ThreadMessage(role=role, content=content) for role, content in thread or ()],
        origin=origin,
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


_END = f"""
WITH ended AS (
    UPDATE chats_message SET
        state = %(state)s,
        error = %(error)s,
        content = %(content)s,
        thoughts = %(thoughts)s,
        epoch = %(epoch)s,
        generated_tokens = %(generated_tokens)s,
        prompt_tokens = %(prompt_tokens)s,
        omitted_messages = %(omitted_messages)s,
        first_token_at = COALESCE(first_token_at, %(first_token_at)s),
        finish_reason = %(finish_reason)s,
        work_end_at = %(now)s
    WHERE id = %(message)s AND state = 'in_progress' AND attempt = %(attempt)s
    RETURNING chat_id, model_config_name, prompt_tokens, generated_tokens
)
{ADD_TO_USAGE.format(ended="ended")}
"""
"""The ending and its place in the user's usage: one statement, so both or none."""


_RESULT = tuple(field.name for field in fields(Result))


def _end(message_id: UUID, attempt: int, result: Result, *, state: State, error: str) -> bool:
    told = {name: getattr(result, name) for name in _RESULT} | {
        "message": message_id,
        "attempt": attempt,
        "state": state,
        "error": error,
        "now": timezone.now(),
    }
    with connection.cursor() as cursor:
        cursor.execute(_END, told)
        return cursor.rowcount == 1


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
