"""Tidying up: Celery tasks on the maintenance queue, sent by `celery -A oasst_site beat`.

Each may run twice, or late: it only deletes what is old enough.
"""

import logging
from typing import Any

from celery import shared_task
from celery.schedules import crontab

from inference.queues import MAINTENANCE, broker_queue

logger = logging.getLogger(__name__)

OFTEN_S = 15 * 60
DAY_S = 24 * 3600
LEFT_BEHIND, OLD = "oasst_site.tidy_left_behind", "oasst_site.tidy_old"


def _to_maintenance(expires_s: int) -> dict[str, Any]:
    """To that queue; what nobody has taken by the next time goes."""
    return {"queue": broker_queue(MAINTENANCE), "expires": expires_s}


SCHEDULE: dict[str, Any] = {
    "left-behind": {"task": LEFT_BEHIND, "schedule": OFTEN_S, "options": _to_maintenance(OFTEN_S)},
    "old": {"task": OLD, "schedule": crontab(hour=3, minute=17), "options": _to_maintenance(DAY_S)},
}
"""What beat sends, and when (UTC)."""


@shared_task(name=LEFT_BEHIND, ignore_result=True)
def tidy_left_behind() -> None:
    """Chats of API clients whose web process died before it could delete them."""
    from chats.repository.transient import purge_left_behind

    if count := purge_left_behind():
        logger.info("Deleted %d transient chats that were left behind", count)


@shared_task(name=OLD, ignore_result=True)
def tidy_old() -> None:
    """What the retention settings let go, and sessions and tokens that have expired."""
    from django.conf import settings
    from django.core.management import call_command

    from chats.repository.retention import purge_hidden
    from workers.retention import purge_checks, purge_events

    counts = {
        "hidden chats": purge_hidden(settings.RETENTION_HIDDEN_CHATS_DAYS),
        "worker events": purge_events(settings.RETENTION_WORKER_EVENTS_DAYS),
        "compliance checks": purge_checks(settings.RETENTION_COMPLIANCE_CHECKS_DAYS),
    }
    call_command("clearsessions")
    call_command("flushexpiredtokens", verbosity=0)
    logger.info("Deleted %s", ", ".join(f"{count} {name}" for name, count in counts.items()))
