"""Tokens used, per user, model and day (UTC)."""

from django.conf import settings
from django.db import models


class Usage(models.Model):
    """One user's use of one model on one day. Counted as replies end, whatever their end."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="usage")
    day = models.DateField()
    model_config_name = models.CharField(max_length=100)
    replies = models.PositiveIntegerField(default=0)
    prompt_tokens = models.PositiveBigIntegerField(default=0)
    generated_tokens = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "day", "model_config_name"], name="usage_per_user_day_and_model")
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.day} {self.model_config_name}"
