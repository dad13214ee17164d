"""What happened: sessions that came and went, and compliance checks. Only to look at."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from workers.models import ComplianceCheck, WorkerEvent


class Record(admin.ModelAdmin):
    """Written by processes, never by hand."""

    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nothing is added here."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nothing is changed here."""
        return False


@admin.register(WorkerEvent)
class WorkerEventAdmin(Record):
    """Sessions' connects and disconnects."""

    list_display = ("created_at", "event_type", "worker", "worker_name", "reason", "session_id")
    list_filter = ("event_type", "created_at")
    list_select_related = ("worker",)
    search_fields = ("worker_name", "session_id", "worker__name")
    ordering = ("-created_at",)


@admin.register(ComplianceCheck)
class ComplianceCheckAdmin(Record):
    """Checks with their verdicts."""

    list_display = ("created_at", "worker", "compare_worker", "state", "similarity", "took", "error", "message_id")
    list_filter = ("state", "created_at")
    list_select_related = ("worker", "compare_worker")
    search_fields = ("worker__name", "compare_worker__name", "session_id")
    raw_id_fields = ("message",)
    ordering = ("-created_at",)

    @admin.display(description="took")
    def took(self, check: ComplianceCheck) -> str:
        """From the ticket to the answer or the end."""
        if check.started_at is None or check.ended_at is None:
            return "–"
        return f"{(check.ended_at - check.started_at).total_seconds():.1f} s"
