"""Chat: a conversation of one user, a tree of messages."""

from __future__ import annotations

from typing import Any, cast

from django.conf import settings
from django.db import models

from chats.ids import new_id
from chats.models.instructions import Instructions


class ChatQuerySet(models.QuerySet["Chat"]):
    """Named queries over chats."""

    def owned_by(self, user: Any) -> ChatQuerySet:
        """The user's own: a stranger's chat is simply not found."""
        return self.filter(user=user)

    def in_order_of(self, user: Any, *, newest_first: bool = True) -> ChatQuerySet:
        """The user's own by age, however many there are and of whom the newest of all chats are.

        As one of a list of users, and by user and age: for a single one Postgres might walk through everybody's chats
        in the order of their ids until it has found enough; so it reads the index that has each user's in order.
        """
        by_age = self.order_by("user_id", "-pk") if newest_first else self.order_by("-user_id", "pk")
        return cast("ChatQuerySet", by_age.extra(where=["chats_chat.user_id = ANY(%s)"], params=[[user.pk]]))


class Chat(Instructions):
    """A conversation of one user: a tree of messages with one first prompt, and what its models are told before it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="chats")
    title = models.CharField(max_length=100, null=True, blank=True)  # noqa: DJ001  # null: not named yet
    is_transient = models.BooleanField(default=False, editable=False, help_text="Deleted once its reply was answered.")
    is_title_of = models.ForeignKey(
        "self",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        help_text="The chat that this transient one's reply becomes the title of.",
    )
    hidden = models.BooleanField(default=False)
    allow_data_use = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)
    modified_at = models.DateTimeField(auto_now=True)
    message_count = models.PositiveIntegerField(default=0, editable=False)
    active_thread_tail = models.ForeignKey(
        "Message", on_delete=models.SET_NULL, null=True, blank=True, related_name="+", editable=False
    )
    idempotency_key = models.CharField(max_length=255, null=True, blank=True, editable=False)  # noqa: DJ001

    objects = ChatQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["user", "-id"], name="chats_of_user"),
            models.Index(
                fields=["user", "-id"], name="chats_shown", condition=models.Q(hidden=False, is_transient=False)
            ),
            models.Index(fields=["modified_at"], name="chats_hidden", condition=models.Q(hidden=True)),
            models.Index(fields=["created_at"], name="chats_transient", condition=models.Q(is_transient=True)),
        ]
        constraints = [
            models.UniqueConstraint(fields=["user", "idempotency_key"], name="chat_idempotency_key"),
        ]

    def __str__(self) -> str:
        return self.title or str(self.id)
