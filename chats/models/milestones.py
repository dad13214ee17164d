"""Where a long queue's readers count from."""

from django.contrib.postgres.fields import ArrayField
from django.db import models


class Milestones(models.Model):
    """Of a long queue, in its order, every `stride`th message that waited at `noted_at`: its place and its id.

    Written and read by SQL (chats.milestones, chats.positions); the row is there while the queue is long.
    """

    compat_hash = models.CharField(max_length=255, primary_key=True)
    noted_at = models.DateTimeField()
    stride = models.IntegerField()
    queue_at = ArrayField(models.DateTimeField())
    message_id = ArrayField(models.UUIDField())

    class Meta:
        verbose_name_plural = "milestones"

    def __str__(self) -> str:
        return f"{self.compat_hash}: every {self.stride}th"
