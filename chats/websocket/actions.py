"""What the commands do to the database; plain synchronous functions over the repository's verbs."""

from typing import Any

from django.db import transaction

from chats.models import Chat, Message
from chats.rate import PROMPTS, REPLIES, require_message
from chats.repository.asking import add_prompt, ask_reply
from chats.repository.ending import cancel
from chats.repository.lookup import message_of


def prompt(chat: Chat, data: dict[str, Any], *, key: str | None) -> list[Message]:
    """The prompt and its pending reply, in one transaction: both or none."""
    require_message(PROMPTS, chat.user_id)
    require_message(REPLIES, chat.user_id)
    with transaction.atomic():
        asked = add_prompt(
            chat=chat,
            parent_id=data["parent_id"],
            content=data["content"],
            may_branch_root=True,
            idempotency_key=key,
        )
        return [asked, ask_reply(chat=chat, parent_id=asked.pk, request=data["request"], idempotency_key=key)]


def regenerate(chat: Chat, data: dict[str, Any], *, key: str | None) -> list[Message]:
    """One more reply under a prompt."""
    require_message(REPLIES, chat.user_id)
    return [ask_reply(chat=chat, parent_id=data["parent_id"], request=data["request"], idempotency_key=key)]


def stop(chat: Chat, data: dict[str, Any]) -> None:
    """Cancel the reply; one that has ended already is left as it is."""
    cancel(message_of(chat, data["message_id"]).pk)


def find(chat: Chat, data: dict[str, Any]) -> Message:
    """The reply to resume."""
    return message_of(chat, data["message_id"])
