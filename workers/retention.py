"""Retention of what workers left on record."""

from datetime import timedelta

from django.utils import timezone

from workers.models import ComplianceCheck, WorkerEvent
from workers.models.compliance import UNDECIDED


def purge_events(days: int) -> int:
    """Delete the records of sessions that are older than so many days; how many. 0 days: none.

    The hardware in a reply's provenance goes with its session's record.
    """
    if days <= 0:
        return 0
    return WorkerEvent.objects.filter(created_at__lt=timezone.now() - timedelta(days=days)).delete()[0]


def purge_checks(days: int) -> int:
    """Delete decided compliance checks that are older than so many days, and the scores with them; how many."""
    if days <= 0:
        return 0
    old = ComplianceCheck.objects.filter(created_at__lt=timezone.now() - timedelta(days=days))
    return old.exclude(state__in=UNDECIDED).delete()[0]
