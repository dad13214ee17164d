"""A worker's API keys. Only a key's hash is kept; the key itself is shown once. Two may be good at once."""

from __future__ import annotations

import hashlib
import secrets

from django.db import models, transaction
from django.utils import timezone

from workers.models.worker import Worker

PREFIX = "oasst_worker_"
"""By it a key is told from a person's, and found by scanners of leaked secrets."""

SHOWN_LENGTH = len(PREFIX) + 6
MOST_GOOD = 2
"""Good keys of one worker: the new one can be spread before the old one is revoked."""


class TooManyKeys(Exception):
    """The worker has MOST_GOOD good keys already; the message says what to do."""


class WorkerKeyQuerySet(models.QuerySet["WorkerKey"]):
    """Named queries over keys."""

    def good(self) -> WorkerKeyQuerySet:
        """Not revoked; whether their worker is enabled is another question."""
        return self.filter(revoked_at=None)

    def issue(self, worker: Worker, key: str | None = None) -> tuple[WorkerKey, str]:
        """A new key of the worker: its row, and the key itself, which nobody can read again.

        key: one that somebody has drawn already, of at least 128 random bits. Raises TooManyKeys.
        """
        key = key or PREFIX + secrets.token_urlsafe(32)
        with transaction.atomic():
            Worker.objects.select_for_update().get(pk=worker.pk)
            if self.good().filter(worker=worker).count() >= MOST_GOOD:
                raise TooManyKeys(
                    f"Worker {worker.name!r} has {MOST_GOOD} good keys already: revoke one of them first "
                    f"(manage.py rotate_worker_key {worker.name} --revoke-old, or in the admin)."
                )
            row = self.create(worker=worker, shown=_beginning(key), digest=digest_of(key))
        return row, key

    def of(self, key: str) -> WorkerKey | None:
        """The row of this key, good or not; None: it is unknown."""
        return self.select_related("worker").filter(digest=digest_of(key)).first()

    def revoke(self) -> int:
        """Make them useless, for good; how many were good until now. Their processes drain within seconds."""
        return self.filter(revoked_at=None).update(revoked_at=timezone.now())


class WorkerKey(models.Model):
    """One key of one worker."""

    worker = models.ForeignKey(Worker, on_delete=models.CASCADE, related_name="keys")
    shown = models.CharField(max_length=SHOWN_LENGTH, editable=False, help_text="How it begins.")
    digest = models.CharField(max_length=64, unique=True, editable=False, help_text="SHA-256 of it, in hexadecimal.")
    created_at = models.DateTimeField(auto_now_add=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True, editable=False, help_text="When a process began.")

    objects = WorkerKeyQuerySet.as_manager()

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return f"{self.shown}… of {self.worker}"


def digest_of(key: str) -> str:
    """What is kept of a key. Plain SHA-256: a key is 256 random bits, so that there is nothing to guess."""
    return hashlib.sha256(key.encode()).hexdigest()


def _beginning(key: str) -> str:
    """What may be shown of it: nothing of a short one that somebody has made up."""
    return key[:SHOWN_LENGTH] if key.startswith(PREFIX) and len(key) > 2 * SHOWN_LENGTH else "***"
