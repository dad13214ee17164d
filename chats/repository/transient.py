"""Replies that an API client asks for with the whole thread in its request; by default nothing of it is kept."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from chats.announcing import tell_chat_made
from chats.content import check_text
from chats.models import Chat, Message, Preferences, State
from chats.repository.asking import ask_reply, first_title
from chats.repository.ending import cancel, delete_chat
from chats.repository.work_request import WorkRequest
from inference.prompts import ThreadMessage

LEFT_BEHIND = timedelta(hours=1)
"""A transient chat so old has lost the process that would have deleted it."""


def ask_thread(
    *, user: Any, thread: list[ThreadMessage], keep: bool, request: WorkRequest, is_title_of: Chat | None = None
) -> Message:
    """A chat that holds the thread, and a pending reply to its last message, in one transaction.

    keep: an ordinary chat of the user; else a transient one, for `forget_transient`. Raises what `ask_reply` does.
    """
    for message in thread:
        check_text(message.content, field="messages", max_length=settings.MESSAGE_MAX_LENGTH)
    with transaction.atomic():
        chat = Chat.objects.create(
            user=user,
            title=first_title(thread[0].content),
            is_transient=not keep,
            allow_data_use=not keep or Preferences.objects.of(user).allow_data_use,
            is_title_of=is_title_of,
            message_count=len(thread),
        )
        rows: list[Message] = []
        for message in thread:
            is_prompt = message.role == "prompter"
            rows.append(
                Message(
                    chat=chat,
                    parent=rows[-1] if rows else None,
                    role=message.role,
                    state=State.MANUAL if is_prompt else State.COMPLETE,
                    content=message.content,
                )
            )
        Message.objects.bulk_create(rows)
        tell_chat_made(chat)
        return ask_reply(chat=chat, parent_id=rows[-1].pk, request=request)


def forget_transient(message_id: str) -> None:
    """The client was answered or has left: end the reply if it still runs, and delete its chat if it is transient."""
    message = Message.objects.select_related("chat").filter(pk=UUID(message_id)).first()
    if message is None:
        return
    if message.chat.is_transient:
        delete_chat(message.chat)
    else:
        cancel(message.pk)


def purge_left_behind() -> int:
    """Delete the transient chats whose process died before it could; how many there were."""
    left = Chat.objects.filter(is_transient=True, created_at__lt=timezone.now() - LEFT_BEHIND)
    chats = list(left)
    for chat in chats:
        delete_chat(chat)
    return len(chats)
