"""Tickets: the Celery tasks that offer a queue's workers a seat.

A ticket names a message only as a hint for people who look at the broker; the worker claims whichever message is due
first. All the broker owes us is that there are at least as many tickets as pending messages; what it loses the
reconciler sends again.
"""

import logging
from uuid import UUID

from celery import current_app

from inference.queues import broker_queue, queue_name

logger = logging.getLogger(__name__)

TASK = "workers.generate"


def send_ticket(message_id: UUID, compat_hash: str) -> bool:
    """Send one ticket to the model's queue; False when the broker cannot be reached (bounded to about 2 s).

    The failure is logged, not raised: the row waits in Postgres and the reconciler sends its ticket later.
    """
    name = queue_name(compat_hash)
    try:
        current_app.send_task(
            TASK,
            args=[str(message_id)],
            queue=broker_queue(name),
            retry=False,
            ignore_result=True,
        )
    except Exception as error:  # kombu raises its transports' own errors: redis, amqp, OSError
        logger.warning("The broker took no ticket for message %s on %s: %s", message_id, name, error)
        return False
    return True
