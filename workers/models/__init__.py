"""The tables of workers: who is let in, with which keys, the record of their sessions, and checks of their work."""

from workers.models.compliance import DECIDED, UNDECIDED, CheckState, ComplianceCheck
from workers.models.event import WorkerEvent, WorkerEventType
from workers.models.key import WorkerKey
from workers.models.worker import Live, Worker

__all__ = [
    "DECIDED",
    "UNDECIDED",
    "CheckState",
    "ComplianceCheck",
    "Live",
    "Worker",
    "WorkerEvent",
    "WorkerEventType",
    "WorkerKey",
]
