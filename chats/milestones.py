"""The milestones of long queues: who counts places counts from the next one, and not from the queue's beginning.

The reconciler notes them once a second for all web processes (workers.reconciler), which else would each count all of a
queue.
"""

from typing import Final

from django.db import connection

SHORTEST_QUEUE: Final = 1000
"""Where fewer wait all are counted at once, in a tenth of a millisecond."""
STRIDES_PER_ROOT: Final = 2.5
"""A look reads some milestones and counts some rows; the sum is least where a stride is about so many times the root of
the queue's size: a milestone costs a look six times what a row does.
"""
TRUSTED_S: Final = 30.0
"""Nobody notes any more? Then it is better to count."""

_NOTE = """
WITH long AS (
    SELECT compat_hash, ceil(%(strides_per_root)s * sqrt(count(*)))::int AS stride
    FROM chats_message WHERE state = 'pending'
    GROUP BY compat_hash HAVING count(*) >= %(shortest)s
),
numbered AS (
    SELECT
        compat_hash, long.stride, waiting.queue_at, waiting.id,
        row_number() OVER (PARTITION BY compat_hash ORDER BY waiting.queue_at, waiting.id) AS number
    FROM long JOIN chats_message waiting USING (compat_hash)
    WHERE waiting.state = 'pending'
),
noted AS (
    INSERT INTO chats_milestones AS before (compat_hash, noted_at, stride, queue_at, message_id)
    SELECT compat_hash, now(), stride, array_agg(queue_at ORDER BY number), array_agg(id ORDER BY number)
    FROM numbered WHERE number %% stride = 0
    GROUP BY compat_hash, stride
    ON CONFLICT (compat_hash) DO UPDATE SET
        noted_at = excluded.noted_at, stride = excluded.stride,
        queue_at = excluded.queue_at, message_id = excluded.message_id
    RETURNING compat_hash
)
DELETE FROM chats_milestones WHERE compat_hash NOT IN (SELECT compat_hash FROM noted)
"""


def note_milestones(*, shortest: int = SHORTEST_QUEUE, strides_per_root: float = STRIDES_PER_ROOT) -> None:
    """Note anew the milestones of all queues of at least `shortest` messages, and forget those of the others."""
    with connection.cursor() as cursor:
        cursor.execute(_NOTE, {"shortest": shortest, "strides_per_root": strides_per_root})
