"""Worker: a machine or service that an operator has let in."""

from django.db import models


class Worker(models.Model):
    """A machine or service that an operator has let in. Its processes open sessions, one each."""

    name = models.CharField(max_length=255, unique=True)
    trusted = models.BooleanField(default=False, help_text="Never asked for compliance checks.")
    enabled = models.BooleanField(
        default=True, help_text="A disabled worker's processes drain within seconds, new ones are refused."
    )
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name


class Live(Worker):
    """No table: the place of the live page in the admin, and of the permissions to see it and to give orders there."""

    class Meta:
        proxy = True
        verbose_name = "live session"
        verbose_name_plural = "live sessions and queues"
