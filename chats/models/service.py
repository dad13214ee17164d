"""What an operator has switched: models that are paused, and the service's maintenance."""

from django.db import models

WHOLE_SERVICE = ""
"""The compat hash of the entry that stands for everything."""


class Pause(models.Model):
    """A pause, while the row is there. Of a model: its queue waits, what runs goes on. Of the service: no new work."""

    compat_hash = models.CharField(max_length=255, primary_key=True, blank=True)
    reason = models.CharField(max_length=255, blank=True, help_text="Told to people.")
    since = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.compat_hash or "the whole service"
