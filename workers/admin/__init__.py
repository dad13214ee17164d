"""Workers in the Django admin: who is let in, what they do now, what they did."""

from workers.admin.live import LiveAdmin
from workers.admin.records import ComplianceCheckAdmin, WorkerEventAdmin
from workers.admin.workers import WorkerAdmin, WorkerKeyAdmin

__all__ = ["ComplianceCheckAdmin", "LiveAdmin", "WorkerAdmin", "WorkerEventAdmin", "WorkerKeyAdmin"]
