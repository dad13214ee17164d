"""A ticket's way back to the broker: once it is acknowledged the worker must look for the next one at once."""

from typing import Any

from celery.worker.request import Request

from workers import seat_signal


class TicketRequest(Request):
    """Celery acknowledges in the pool's thread, while its consumer may sleep for up to a second: wake it."""

    def acknowledge(self, *arguments: Any, **options: Any) -> None:
        """As Celery's, then wake the consumer: a seat is free."""
        super().acknowledge(*arguments, **options)
        seat_signal.wake()

    def reject(self, *arguments: Any, **options: Any) -> None:
        """As Celery's, then wake the consumer: a seat is free."""
        super().reject(*arguments, **options)
        seat_signal.wake()
