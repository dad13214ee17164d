"""Retention: chats that their owners have hidden for long are deleted."""

from datetime import timedelta

from django.utils import timezone

from chats.models import Chat
from chats.repository.ending import delete_chat

AT_A_TIME = 1000


def purge_hidden(days: int) -> int:
    """Delete chats that are hidden and were not changed for so many days; how many. 0 days: none."""
    if days <= 0:
        return 0
    old = Chat.objects.filter(hidden=True, modified_at__lt=timezone.now() - timedelta(days=days)).order_by("pk")
    deleted = 0
    while chats := list(old[:AT_A_TIME]):
        for chat in chats:
            delete_chat(chat)
        deleted += len(chats)
    return deleted
