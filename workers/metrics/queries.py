"""The questions to Postgres behind /metrics and the queues page; each is one indexed query."""

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta

from django.db import connection
from django.db.models import Count, Min, Q
from django.utils import timezone

from chats.models import Message, State
from workers.metrics.errors import kind_of

QUANTILES = (0.5, 0.95)

_TIMES = """
SELECT model_config_name,
       percentile_cont(%s::float8[]) WITHIN GROUP (ORDER BY extract(epoch FROM work_begin_at - created_at)),
       percentile_cont(%s::float8[]) WITHIN GROUP (ORDER BY extract(epoch FROM first_token_at - work_begin_at))
FROM chats_message
WHERE work_end_at >= %s AND work_begin_at IS NOT NULL
GROUP BY model_config_name
"""


@dataclass(frozen=True, slots=True)
class QueueLook:
    """One model's unfinished replies. oldest_wait_s: of those that wait; None when none does."""

    model: str
    compat_hash: str
    waiting: int
    running: int
    oldest_wait_s: float | None


@dataclass(frozen=True, slots=True)
class Times:
    """Quantiles in seconds, in the order of QUANTILES; None where nothing was measured."""

    queue_wait_s: list[float | None]
    first_token_s: list[float | None]


def look_at_queues() -> list[QueueLook]:
    """Every queue with unfinished replies."""
    pending = Q(state=State.PENDING)
    rows = (
        Message.objects.unfinished()
        .values_list("model_config_name", "compat_hash")
        .annotate(
            waiting=Count("pk", filter=pending),
            running=Count("pk", filter=~pending),
            oldest=Min("created_at", filter=pending),
        )
        .order_by("model_config_name")
    )
    now = timezone.now()
    return [
        QueueLook(model, compat_hash, waiting, running, (now - oldest).total_seconds() if oldest else None)
        for model, compat_hash, waiting, running, oldest in rows
    ]


def times(window: timedelta) -> dict[str, Times]:
    """By model: how long the replies that ended in the window had waited, and took to their first token."""
    quantiles = list(QUANTILES)
    with connection.cursor() as cursor:
        cursor.execute(_TIMES, [quantiles, quantiles, timezone.now() - window])
        rows = cursor.fetchall()
    nothing: list[float | None] = [None] * len(QUANTILES)
    return {model: Times(waits or nothing, firsts or nothing) for model, waits, firsts in rows}


def ended(window: timedelta) -> dict[tuple[str, str], int]:
    """(model, state): replies that ended in the window."""
    rows = (
        Message.objects.filter(work_end_at__gte=timezone.now() - window)
        .values_list("model_config_name", "state")
        .annotate(count=Count("pk"))
        .order_by()
    )
    return {(model, state): count for model, state, count in rows}


def errors(window: timedelta) -> Counter[tuple[str, str]]:
    """(model, kind): replies that failed in the window."""
    rows = (
        Message.objects.filter(
            work_end_at__gte=timezone.now() - window, state__in=(State.ABORTED_BY_WORKER, State.TIMEOUT)
        )
        .values_list("model_config_name", "error")
        .annotate(count=Count("pk"))
        .order_by()
    )
    found: Counter[tuple[str, str]] = Counter()
    for model, error, count in rows:
        found[model, kind_of(error)] += count
    return found
