"""Where waiting replies stand: one look a second for all readers of a process together."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db import connection
from django.db.models import Avg, F

from chats.milestones import TRUSTED_S
from chats.models import Message, State

RECENT_REPLIES = 20
DEFAULT_REPLY_TIME = timedelta(seconds=10)
"""What a reply is taken to last where none of its model has ended yet."""


@dataclass(frozen=True, slots=True)
class RowLook:
    """A reply's row as its readers need it once a second. `position` counts from 0, None unless it is pending."""

    message_id: str
    state: str
    compat_hash: str
    position: int | None
    queue_size: int
    paused: bool = False


_LOOK = """
WITH asked AS MATERIALIZED (
    SELECT id, state, compat_hash, queue_at FROM chats_message WHERE id = ANY(%(ids)s)
),
queues AS MATERIALIZED (
    SELECT DISTINCT compat_hash FROM asked WHERE state = 'pending'
),
edges AS (
    SELECT compat_hash, queue_at, id, NULL::int AS stride FROM asked WHERE state = 'pending'
    UNION ALL
    SELECT compat_hash, 'infinity', 'ffffffff-ffff-ffff-ffff-ffffffffffff', NULL FROM queues
    UNION ALL
    SELECT compat_hash, milestone.queue_at, milestone.id, noted.stride
    FROM queues
    JOIN chats_milestones noted USING (compat_hash)
    CROSS JOIN LATERAL (
        SELECT waiting.queue_at, waiting.id FROM chats_message waiting
        WHERE waiting.state = 'pending' AND waiting.compat_hash = queues.compat_hash
        ORDER BY waiting.queue_at, waiting.id LIMIT 1
    ) head
    CROSS JOIN LATERAL unnest(noted.queue_at, noted.message_id) AS milestone (queue_at, id)
    WHERE noted.noted_at > now() - %(trusted_s)s * interval '1 second'
        AND (milestone.queue_at, milestone.id) > (head.queue_at, head.id)
),
stretches AS (
    SELECT
        *,
        lag(queue_at, 1, '-infinity') OVER queue AS begin_at,
        lag(id, 1, '00000000-0000-0000-0000-000000000000') OVER queue AS begin_id,
        lag(stride) OVER queue AS begin_stride
    FROM edges
    WINDOW queue AS (PARTITION BY compat_hash ORDER BY queue_at, id, stride)
),
counted AS MATERIALIZED (
    SELECT
        compat_hash, queue_at, id, stride,
        CASE WHEN stride = begin_stride THEN stride ELSE (
            SELECT count(*) FROM chats_message waiting
            WHERE waiting.state = 'pending'
                AND waiting.compat_hash = stretches.compat_hash
                AND (waiting.queue_at, waiting.id) >= (stretches.begin_at, stretches.begin_id)
                AND (waiting.queue_at, waiting.id) < (stretches.queue_at, stretches.id)
        ) END AS length
    FROM stretches
),
places AS (
    SELECT
        id, stride,
        sum(length) OVER (PARTITION BY compat_hash ORDER BY queue_at, id, stride)::int AS place,
        sum(length) OVER (PARTITION BY compat_hash)::int AS size
    FROM counted
)
SELECT
    asked.id, asked.state, asked.compat_hash, places.place, COALESCE(places.size, 0),
    places.id IS NOT NULL AND EXISTS (SELECT FROM chats_pause WHERE chats_pause.compat_hash = asked.compat_hash)
FROM asked LEFT JOIN places ON places.id = asked.id AND places.stride IS NULL
"""
"""The asked rows, and the milestones of a long queue, cut it into stretches. Each is counted once, by the index alone,
but for those from one milestone to the next, whose length is known: a look costs little more where very many wait. A
row's place is the sum of the stretches before it. What is claimed leaves the first stretch, which is counted; what
comes or goes between two milestones is told when they are noted anew, or where somebody asks from between them.
One statement sees one moment: no place is told of a row that another question would see claimed.
"""


def look_at_rows(message_ids: Iterable[str]) -> list[RowLook]:
    """The state of these replies, and the place in the queue of those that wait, in the very order in which workers
    claim them. A message that is missing from the answer was deleted.
    """
    with connection.cursor() as cursor:
        cursor.execute(_LOOK, {"ids": [UUID(each) for each in message_ids], "trusted_s": TRUSTED_S})
        rows = cursor.fetchall()
    return [RowLook(str(pk), *row) for pk, *row in rows]


def mean_reply_s(compat_hash: str) -> float:
    """How long the latest replies of this queue took from claim to end, in seconds."""
    recent = (
        Message.objects.filter(state=State.COMPLETE, compat_hash=compat_hash, work_begin_at__isnull=False)
        .order_by("-work_end_at")
        .annotate(took=F("work_end_at") - F("work_begin_at"))
        .values("took")[:RECENT_REPLIES]
    )
    mean = recent.aggregate(mean=Avg("took"))["mean"] or DEFAULT_REPLY_TIME
    return mean.total_seconds()


def estimate_s(*, position: int, seats: int, reply_s: float) -> float | None:
    """Seconds until the reply at `position` (from 0) begins, None while no worker has a seat to offer.

    `seats` replies run at once, so a seat becomes free every `reply_s / seats` seconds.
    """
    if seats <= 0:
        return None
    return round((position + 1) * reply_s / seats, 1)
