"""ComplianceCheck: an untrusted worker was given another worker's finished reply to make again."""

from django.db import models

from chats.ids import new_id
from chats.models import Message
from workers.models.worker import Worker


class CheckState(models.TextChoices):
    """Where a check stands. Only passed and failed ones count for a score."""

    WAITING = "waiting"
    RUNNING = "running"
    ANSWERED = "answered"
    PASSED = "passed"
    FAILED = "failed"
    DROPPED = "dropped", "dropped: its process ended, or could not try"


UNDECIDED = (CheckState.WAITING, CheckState.RUNNING, CheckState.ANSWERED)
DECIDED = (CheckState.PASSED, CheckState.FAILED)


class ComplianceCheck(models.Model):
    """One check. The texts themselves are not kept: the message may be deleted at any time by whom it belongs to."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    worker = models.ForeignKey(Worker, on_delete=models.CASCADE, related_name="checks", help_text="Who was asked.")
    compare_worker = models.ForeignKey(
        Worker, on_delete=models.CASCADE, related_name="compared_checks", help_text="Who had made the reply."
    )
    session_id = models.UUIDField(help_text="The process that was asked.")
    message = models.ForeignKey(Message, on_delete=models.SET_NULL, null=True, related_name="+")
    model_config_name = models.CharField(max_length=100)
    state = models.CharField(max_length=8, choices=CheckState, default=CheckState.WAITING)
    similarity = models.FloatField(null=True, help_text="Of the two texts: 1 is the same text, 0 nothing in common.")
    answer = models.TextField(null=True, editable=False, help_text="Until the verdict, a second later.")  # noqa: DJ001
    error = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["worker", "-created_at"], name="checks_of_worker"),
            models.Index(
                fields=["created_at"],
                name="checks_undecided",
                condition=models.Q(state__in=["waiting", "running", "answered"]),
            ),
        ]
        constraints = [
            models.CheckConstraint(condition=models.Q(state__in=CheckState.values), name="check_state_is_known"),
            models.UniqueConstraint(
                fields=["session_id"],
                condition=models.Q(state__in=["waiting", "running", "answered"]),
                name="one_check_at_a_time_per_session",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.worker} against {self.compare_worker}: {self.state}"
