"""Share: a link to a snapshot of a chat, for anybody who has the link, until it is revoked."""

from __future__ import annotations

import secrets

from django.db import models

from chats.ids import new_id
from chats.models.chat import Chat


def new_token() -> str:
    """256 random bits: the link is all that protects the snapshot."""
    return secrets.token_urlsafe(32)


class Share(models.Model):
    """What a chat was when it was shared. Later messages are not in it; revoking it deletes the row."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    chat = models.ForeignKey(Chat, on_delete=models.CASCADE, related_name="shares")
    token = models.CharField(max_length=64, unique=True, default=new_token, editable=False)
    snapshot = models.JSONField(editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"share of {self.chat_id}"
