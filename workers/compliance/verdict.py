"""The verdict on a check: what is stored, and what becomes of a worker that failed."""

import logging
from collections.abc import Collection
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from workers.compliance.similarity import similarity
from workers.models import UNDECIDED, CheckState, ComplianceCheck, Worker

logger = logging.getLogger(__name__)

DISABLE = "disable"


def begin(check_id: UUID, session_id: UUID) -> ComplianceCheck | None:
    """waiting -> running, for the session that was asked. None: it is another's, or no longer waits."""
    begun = ComplianceCheck.objects.filter(pk=check_id, session_id=session_id, state=CheckState.WAITING).update(
        state=CheckState.RUNNING, started_at=timezone.now()
    )
    return ComplianceCheck.objects.select_related("message").get(pk=check_id) if begun else None


def answer(check_id: UUID, text: str) -> None:
    """running -> answered. The worker only answers: it is the reconciler that judges, by its own settings."""
    ComplianceCheck.objects.filter(pk=check_id, state=CheckState.RUNNING).update(
        state=CheckState.ANSWERED, answer=text, ended_at=timezone.now()
    )


def judge_answers() -> None:
    """Compare every answer with its message: the same text passes."""
    answered = ComplianceCheck.objects.filter(state=CheckState.ANSWERED)
    for check in answered.select_related("message", "worker", "compare_worker"):
        if check.message is None:
            drop(check.pk, "the message was deleted")
        else:
            _judge(check, similarity(check.message.text, check.answer or ""))


def _judge(check: ComplianceCheck, alike: float) -> None:
    if alike == 1.0:
        _decide(check.pk, CheckState.PASSED, alike=alike)
        return
    disable = settings.COMPLIANCE_FAIL_ACTION == DISABLE
    with transaction.atomic():
        _decide(check.pk, CheckState.FAILED, error="another text", alike=alike)
        if disable:
            Worker.objects.filter(pk=check.worker_id, trusted=False).update(enabled=False)
    logger.warning(
        "Worker %s gave another text than %s (similarity %.2f)%s",
        check.worker.name, check.compare_worker.name, alike, ": it is disabled" if disable else "",
    )  # fmt: skip


def fail(check_id: UUID, error: str) -> None:
    """The worker could not answer. It counts, but no worker is disabled for an engine that broke."""
    _decide(check_id, CheckState.FAILED, error=error)


def drop(check_id: UUID, why: str) -> None:
    """No verdict is possible."""
    _decide(check_id, CheckState.DROPPED, error=why)


def end_overdue(alive: Collection[UUID]) -> None:
    """Checks without an answer in time fail; those of sessions that ended are dropped. `alive`: session ids."""
    undecided = ComplianceCheck.objects.filter(state__in=(CheckState.WAITING, CheckState.RUNNING))
    latest = timezone.now() - timedelta(seconds=settings.COMPLIANCE_CHECK_TIMEOUT)
    for check_id, session_id, created_at in undecided.values_list("pk", "session_id", "created_at"):
        if session_id not in alive:
            drop(check_id, "its process ended")
        elif created_at < latest:
            fail(check_id, f"no answer within {settings.COMPLIANCE_CHECK_TIMEOUT:g} s")


def _decide(check_id: UUID, state: CheckState, *, error: str = "", alike: float | None = None) -> None:
    ComplianceCheck.objects.filter(pk=check_id, state__in=UNDECIDED).update(
        state=state,
        error=error,
        similarity=alike,
        answer=None,
        ended_at=Coalesce(F("ended_at"), Value(timezone.now())),
    )
