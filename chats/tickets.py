"""Tickets: the Celery tasks that offer a queue's workers a seat.

A ticket names a message only as a hint for people who look at the broker; the worker claims whichever message is due
first. All the broker owes us is that there are at least as many tickets as pending messages; what it loses the
reconciler sends again.
"""

import logging
from dataclasses import dataclass
from typing import Any
from uuid import UUID
from weakref import WeakKeyDictionary

from celery import Celery, current_app
from django.conf import settings
from kombu.pools import ProducerPool

from chats.circuit import Circuit
from chats.telemetry import origin, tracing
from inference.queues import broker_queue, queue_name
from inference.schema import SCHEMA_HEADER, WORK_SCHEMA

logger = logging.getLogger(__name__)

TASK = "workers.generate"
SEND_TIMEOUT_S = 1.0
"""A caller in a hurry waits behind every ticket: shorter than the two seconds of a consumer's connection."""
AGAIN_AFTER_S = 1.0
"""While the broker is away, a ticket is tried once in so long; the others are left to the reconciler at once."""


def send_ticket(message_id: UUID, compat_hash: str) -> bool:
    """Send one ticket to the model's queue; False when the broker is away (told within about SEND_TIMEOUT_S).

    The failure is logged, not raised: the row waits in Postgres and the reconciler sends its ticket later.
    """
    name = queue_name(compat_hash)
    sender = _sender()
    if not sender.circuit.closed():
        logger.info("The broker is away: no ticket for message %s on %s", message_id, name)
        return False
    try:
        with (
            tracing.span("enqueue", "producer", **{"messaging.destination.name": name, "oasst.message_id": message_id}),
            sender.producers.acquire(block=True, timeout=SEND_TIMEOUT_S) as producer,
        ):
            current_app.send_task(
                TASK,
                args=[str(message_id)],
                queue=broker_queue(name),
                producer=producer,
                retry=False,
                ignore_result=True,
                headers={SCHEMA_HEADER: WORK_SCHEMA, **(origin.here() or {})},
            )
    except Exception as error:  # kombu raises its transports' own errors: redis, amqp, OSError
        sender.circuit.failed()
        logger.warning("The broker took no ticket for message %s on %s: %s", message_id, name, error)
        return False
    sender.circuit.succeeded()
    return True


@dataclass(frozen=True, slots=True)
class _Sender:
    """One Celery application's connections for tickets, a connection for each thread that may send at a time."""

    producers: Any
    circuit: Circuit


_senders: WeakKeyDictionary[Celery, _Sender] = WeakKeyDictionary()


def _sender() -> _Sender:
    app: Celery = current_app._get_current_object()
    if app not in _senders:
        options = app.conf.broker_transport_options
        shorter = {name: SEND_TIMEOUT_S for name in ("socket_timeout", "socket_connect_timeout") if name in options}
        once = {"max_retries": 0}  # a broker that hangs would cost the time-out again
        connections = app.connection_for_write(transport_options=shorter | once).Pool(settings.DATABASE_THREADS)
        producers = ProducerPool(connections, limit=settings.DATABASE_THREADS)
        _senders[app] = _Sender(producers, Circuit(AGAIN_AFTER_S))
    return _senders[app]
