"""Remote commands: `inspect session`, `inspect in_flight`, `control cancel MESSAGE_ID`, `control drain`.

Celery runs them in its consumer's thread: they must answer soon. They are registered by importing this module, before
any app is set up, so models are imported inside.
"""

import logging
import time
from typing import Any
from uuid import UUID

from celery.platforms import EX_OK
from celery.worker import state as worker_state
from celery.worker.control import control_command, inspect_command

logger = logging.getLogger(__name__)

MAINTENANCE = {"role": "maintenance"}


def register() -> None:
    """Importing this module has registered the commands; calling this says that it was on purpose."""


@inspect_command(name="session")
def inspect_session(_state: Any) -> dict[str, Any]:
    """The worker's session: model, engine, gate, hardware, live numbers."""
    from workers import runtime

    current = runtime.running()
    if current is None:
        return MAINTENANCE
    told = current.session.told()
    return {
        "role": "model",
        "session_id": str(told.session_id),
        "worker_name": told.worker_name,
        "model": told.model_config_name,
        "queue": current.config.queue_name,
        "engine_url": current.engine_url,
        "open": told.open,
        "closed_because": told.closed_because,
        "max_parallel_requests": told.max_parallel_requests,
        "in_flight": told.in_flight,
        "started_at": told.started_at,
        "beat": told.beat,
        "metrics": told.metrics,
        "hardware": told.hardware,
    }


@inspect_command(name="in_flight")
def inspect_in_flight(_state: Any) -> list[dict[str, Any]]:
    """The replies that the worker is streaming."""
    from workers import runtime

    current = runtime.running()
    if current is None:
        return []
    now = time.monotonic()
    return [
        {
            "message_id": str(reply.message_id),
            "attempt": reply.attempt,
            "seconds": round(now - reply.begun, 1),
            "tokens": reply.tokens,
        }
        for reply in current.in_flight.replies()
    ]


@control_command(name="cancel", args=[("message_id", str)], signature="<message_id>")
def control_cancel(_state: Any, message_id: str) -> dict[str, str]:
    """Cancel a reply: the worker that streams it does it, a maintenance worker for those that wait."""
    from workers import runtime

    try:
        wanted = UUID(message_id)
    except ValueError:
        return {"error": f"{message_id!r} is no message id; it must be a UUID as `inspect in_flight` shows"}
    current = runtime.running()
    if current is not None and str(wanted) not in current.in_flight.ids():
        return {"ok": f"message {wanted} is not in flight here"}
    return _cancel(wanted)


@control_command(name="drain")
def control_drain(_state: Any) -> dict[str, str]:
    """Give all running replies back to their queue and end the process, exit code 0."""
    from workers import runtime

    current = runtime.running()
    if current is None:
        return {"ok": "a maintenance worker holds no replies"}
    running = len(current.in_flight)
    current.drain("control drain")
    worker_state.should_stop = EX_OK
    return {"ok": f"draining {running} replies, then ending"}


def _cancel(message_id: UUID) -> dict[str, str]:
    from django.db import Error as DatabaseError
    from django.db import connections

    from chats.repository.ending import cancel

    try:
        cancelled = cancel(message_id)
    except DatabaseError as error:
        return {"error": f"message {message_id} is not cancelled, Postgres does not answer: {error}"}
    finally:
        connections.close_all()
    if cancelled:
        return {"ok": f"message {message_id} is cancelled"}
    return {"ok": f"message {message_id} is unknown, or had ended already"}
