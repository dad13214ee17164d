"""What people say of replies: reports, and which of several drafts was the best. Votes are the message's score."""

from django.db import models

from chats.ids import new_id
from chats.models.message import Message


class ReportType(models.TextChoices):
    """Why a message is reported."""

    SPAM = "spam"
    OFFENSIVE = "offensive"
    FEEDBACK = "feedback"


class Report(models.Model):
    """A person's report of a message."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="reports")
    report_type = models.CharField(max_length=9, choices=ReportType)
    reason = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(report_type__in=ReportType.values), name="report_type_is_known")
        ]

    def __str__(self) -> str:
        return f"{self.report_type} on {self.message_id}"


class MessageEval(models.Model):
    """A person preferred one reply to its siblings."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    selected = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="won_evals")
    inferior = models.ManyToManyField(Message, related_name="lost_evals")
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.selected_id} preferred"
