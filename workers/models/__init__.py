"""The tables of workers: who is let in, with which keys, and the record of their sessions."""

from workers.models.event import WorkerEvent, WorkerEventType
from workers.models.key import WorkerKey
from workers.models.worker import Worker

__all__ = ["Worker", "WorkerEvent", "WorkerEventType", "WorkerKey"]
