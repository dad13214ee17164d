"""API keys: what a person's programs log in with. Only a key's hash is kept; the key itself is shown once."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone

from chats.ids import new_id
from oasst_site.accounts.models.user import User

PREFIX = "oasst_"
"""By it a key is told from a token, and found by scanners of leaked secrets."""

SHOWN_LENGTH = len(PREFIX) + 6
USE_NOTED_EVERY = timedelta(minutes=1)
MAX_NAME_LENGTH = 100


class Scope(models.TextChoices):
    """What a key may do. Accounts, keys and administration are for people who have logged in, never for keys."""

    READ = "chats:read", "read chats"
    WRITE = "chats:write", "write chats: ask, change, delete; the websocket"
    COMPLETIONS = "completions", "the OpenAI-compatible API"


class ApiKeyQuerySet(models.QuerySet["ApiKey"]):
    """Named queries over keys."""

    def owned_by(self, user: Any) -> ApiKeyQuerySet:
        """The user's own."""
        return self.filter(user=user)

    def good(self) -> ApiKeyQuerySet:
        """Neither revoked nor expired, of a user who is not disabled."""
        return self.filter(Q(expires_at=None) | Q(expires_at__gt=timezone.now()), revoked_at=None, user__is_active=True)

    def issue(
        self, *, user: Any, name: str, scopes: Iterable[str], expires_at: datetime | None = None
    ) -> tuple[ApiKey, str]:
        """A new key of the user: its row, and the key itself, which nobody can read again."""
        key = PREFIX + secrets.token_urlsafe(32)
        row = self.create(
            user=user,
            name=name,
            scopes=sorted(scopes),
            expires_at=expires_at,
            shown=key[:SHOWN_LENGTH],
            digest=digest_of(key),
        )
        return row, key

    def of(self, key: str) -> ApiKey | None:
        """The good key that this text is; its use is noted, once a minute at most."""
        row = self.good().select_related("user").filter(digest=digest_of(key)).first()
        if row is not None:
            now = timezone.now()
            unseen = Q(last_used_at=None) | Q(last_used_at__lt=now - USE_NOTED_EVERY)
            self.filter(unseen, pk=row.pk).update(last_used_at=now)
        return row

    def revoke(self) -> int:
        """Make them useless, at once and for good; how many were good until now."""
        return self.filter(revoked_at=None).update(revoked_at=timezone.now())


class ApiKey(models.Model):
    """One key."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_keys")
    name = models.CharField(max_length=MAX_NAME_LENGTH, help_text="What its owner calls it.")
    scopes = models.JSONField(default=list, help_text="What it may do.")
    shown = models.CharField(max_length=SHOWN_LENGTH, editable=False, help_text="How it begins.")
    digest = models.CharField(max_length=64, unique=True, editable=False, help_text="SHA-256 of it, in hexadecimal.")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = ApiKeyQuerySet.as_manager()

    class Meta:
        verbose_name = "API key"
        indexes = [models.Index(fields=["user", "-id"], name="api_keys_of_user")]

    def __str__(self) -> str:
        return f"{self.name} ({self.shown}…)"


def digest_of(key: str) -> str:
    """What is kept of a key. Plain SHA-256: a key is 256 random bits, so that there is nothing to guess."""
    return hashlib.sha256(key.encode()).hexdigest()
