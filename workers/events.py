"""The record of sessions: a row when one connects, a row with the reason when it ends."""

from uuid import UUID

from inference.sessions import SessionInfo
from workers.models import Worker, WorkerEvent, WorkerEventType


def note_connect(info: SessionInfo, reason: str = "") -> None:
    """Store that the session is there, with its config and hardware."""
    WorkerEvent.objects.create(
        worker=_worker(info.worker_id),
        session_id=info.session_id,
        worker_name=info.worker_name,
        event_type=WorkerEventType.CONNECT,
        reason=reason,
        worker_config=info.config,
        hardware_info=info.hardware,
    )


def note_return(info: SessionInfo) -> None:
    """A session that Redis had lost is back: store it where somebody has stored its end meanwhile."""
    last = WorkerEvent.objects.filter(session_id=info.session_id).order_by("-id").first()
    if last is not None and last.event_type == WorkerEventType.DISCONNECT:
        note_connect(info, "back: it had only been silent")


def note_disconnect(session_id: UUID, worker_name: str, reason: str, worker_id: int | None = None) -> None:
    """Store that the session ended, and why."""
    WorkerEvent.objects.create(
        worker=_worker(worker_id),
        session_id=session_id,
        worker_name=worker_name,
        event_type=WorkerEventType.DISCONNECT,
        reason=reason,
    )


def _worker(worker_id: int | None) -> Worker | None:
    """None too when it was deleted meanwhile."""
    return None if worker_id is None else Worker.objects.filter(pk=worker_id).first()
