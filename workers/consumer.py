"""Celery's consumer, at ease with a broker that goes away: back soon when it returns, no trace when it does not."""

import logging
from functools import partial
from typing import Any

from celery.worker.consumer import Consumer

logger = logging.getLogger(__name__)

FIRST_PAUSE_S = 0.2
PAUSE_STEP_S = 0.2
LONGEST_PAUSE_S = 1.0


class SoonBackConsumer(Consumer):
    """Celery waits 2, 4, 6 and up to 30 seconds between its tries to connect; this one up to one second."""

    def ensure_connected(self, conn: Any) -> Any:
        """As Celery's, with shorter pauses."""
        conn.ensure_connection = partial(
            conn.ensure_connection,
            interval_start=FIRST_PAUSE_S,
            interval_step=PAUSE_STEP_S,
            interval_max=LONGEST_PAUSE_S,
        )
        return super().ensure_connected(conn)

    def shutdown(self) -> None:
        """As Celery's; a connection that is broken already is let go, so that the rest of the process ends in order.

        Giving the unacknowledged tickets back fails then, by an AttributeError (kombu 5.7.0) that Celery lets through.
        The broker gives them back by itself.
        """
        try:
            super().shutdown()
        except Exception as error:
            logger.warning("The broker's connection was not closed in order: %s: %s", type(error).__name__, error)
