"""The names of the Celery queues: one per model, one per worker session, one for maintenance.

All queues live on the broker's anonymous exchange and are addressed by their own name, so that no binding has
to be kept anywhere: flushing the broker loses tickets (which the reconciler sends again) but no route.
"""

import re
from uuid import UUID

from kombu.entity import Exchange, Queue

MAINTENANCE = "maintenance"
"""The queue of the reconciler and the other periodic tasks."""

SESSION_QUEUE_EXPIRES_S = 600.0
"""RabbitMQ deletes a session's queue when nobody has read it for so long; Redis keeps no empty one anyway."""

_SESSION = "session."
_NOT_PLAIN = re.compile(r"[^A-Za-z0-9._-]")


def queue_name(compat_hash: str) -> str:
    """The queue of the workers that can do work of this compat hash.

    Characters outside ``[A-Za-z0-9._-]`` become ``_``: ``OpenAssistant/x-1-2-f`` is
    ``model.OpenAssistant_x-1-2-f``. The catalogue refuses two models whose names would meet here.
    """
    if not compat_hash:
        raise ValueError("compat_hash is empty; a queue needs a model to serve")
    return "model." + _NOT_PLAIN.sub("_", compat_hash)


def session_queue(session_id: UUID | str) -> str:
    """The queue that only the worker of this session reads (compliance checks)."""
    return f"{_SESSION}{session_id}"


def broker_queue(name: str) -> Queue:
    """The queue as kombu declares it: on the anonymous exchange, addressed by its own name.

    Whoever sends to it and whoever reads it must declare it alike, RabbitMQ insists on that.
    """
    expires = SESSION_QUEUE_EXPIRES_S if name.startswith(_SESSION) else None
    return Queue(name, Exchange(""), routing_key=name, expires=expires)
