"""Which worker makes which reply again, and the ticket that asks for it. Runs in the reconciler."""

import logging
import random
from collections.abc import Iterable
from datetime import timedelta
from functools import partial
from uuid import UUID

from celery import current_app
from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from chats.models import Message, State
from inference.queues import broker_queue, session_queue
from inference.schema import SCHEMA_HEADER, WORK_SCHEMA
from inference.sessions import SessionInfo
from workers.compliance import TASK
from workers.compliance.verdict import drop, end_overdue, judge_answers
from workers.models import ComplianceCheck, Worker, WorkerEvent, WorkerEventType

logger = logging.getLogger(__name__)

CANDIDATES = 50
"""The latest suitable replies, of which one is drawn."""


def compliance_round(alive: Iterable[SessionInfo]) -> None:
    """Judge what was answered, end what is overdue, and ask each untrusted worker whose turn it is.

    That is COMPLIANCE_CHECK_INTERVAL after its last check; with 0 nobody is asked.
    """
    sessions = list(alive)
    judge_answers()
    end_overdue({each.session_id for each in sessions})
    if settings.COMPLIANCE_CHECK_INTERVAL <= 0:
        return
    able = {each.worker_id: each for each in sessions if each.worker_id is not None and each.free_seats}
    if not able:
        return
    recent = ComplianceCheck.objects.filter(
        worker=OuterRef("pk"),
        created_at__gt=timezone.now() - timedelta(seconds=settings.COMPLIANCE_CHECK_INTERVAL),
    )
    due = Worker.objects.filter(pk__in=able, trusted=False, enabled=True).exclude(Exists(recent))
    for worker in due:
        ask(worker, able[worker.pk])


def ask(worker: Worker, session: SessionInfo) -> ComplianceCheck | None:
    """Give the worker's session a reply to make again. None: there is none of another worker."""
    message = choose(worker, session.compat_hash)
    if message is None or message.session_id is None:
        return None
    compared = WorkerEvent.objects.filter(session_id=message.session_id, worker__isnull=False).first()
    if compared is None or compared.worker_id is None:
        return None  # deleted since it was chosen
    with transaction.atomic():
        check = ComplianceCheck.objects.create(
            worker=worker,
            compare_worker_id=compared.worker_id,
            session_id=session.session_id,
            message=message,
            model_config_name=message.model_config_name,
        )
        transaction.on_commit(partial(_send, check.pk, session.session_id))
    return check


def choose(worker: Worker, compat_hash: str) -> Message | None:
    """One of the latest complete replies of another worker, made in one go, that this worker was not asked before."""
    connected = WorkerEvent.objects.filter(session_id=OuterRef("session_id"), event_type=WorkerEventType.CONNECT)
    suitable = (
        Message.objects.filter(
            Exists(connected.filter(worker__isnull=False).exclude(worker=worker)),
            state=State.COMPLETE,
            compat_hash=compat_hash,
            attempt=1,
            resumptions=[],
            generated_tokens__gt=0,
            chat__is_transient=False,
        )
        .of_known_schema()
        .exclude(Exists(ComplianceCheck.objects.filter(worker=worker, message=OuterRef("pk"))))
        .order_by("-work_end_at")[:CANDIDATES]
    )
    candidates = list(suitable)
    return random.choice(candidates) if candidates else None


def _send(check_id: UUID, session_id: UUID) -> None:
    try:
        current_app.send_task(
            TASK,
            args=[str(check_id)],
            queue=broker_queue(session_queue(session_id)),
            expires=settings.COMPLIANCE_CHECK_TIMEOUT,
            headers={SCHEMA_HEADER: WORK_SCHEMA},
            retry=False,
            ignore_result=True,
        )
    except Exception as error:  # kombu raises its transports' own errors
        logger.warning("The broker took no compliance check for session %s: %s", session_id, error)
        drop(check_id, "the broker was away")
