"""WorkerEvent: the record of sessions coming and going."""

from django.db import models

from workers.models.worker import Worker


class WorkerEventType(models.TextChoices):
    """What happened to a session."""

    CONNECT = "connect"
    DISCONNECT = "disconnect"


class WorkerEvent(models.Model):
    """One session's connect, with all it told about itself, or its disconnect, with the reason."""

    worker = models.ForeignKey(
        Worker,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="events",
        help_text="Empty: the session presented no key.",
    )
    session_id = models.UUIDField()
    worker_name = models.CharField(max_length=255, help_text="The Celery node name, NAME@HOST.")
    event_type = models.CharField(max_length=10, choices=WorkerEventType)
    reason = models.TextField(blank=True)
    worker_config = models.JSONField(null=True, blank=True)
    hardware_info = models.JSONField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [
            models.Index(fields=["session_id", "id"], name="worker_events_of_session"),
            models.Index(fields=["-created_at"], name="worker_events_by_time"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(event_type__in=WorkerEventType.values), name="worker_event_type_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event_type} {self.worker_name} ({self.session_id})"
