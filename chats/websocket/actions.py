"""What the commands do to the database; plain synchronous functions over the repository's verbs."""

from typing import Any

from django.db import transaction

from chats.models import Chat, Message
from chats.rate import PROMPTS, REPLIES, require_message
from chats.repository.asking import add_prompt
from chats.repository.drafts import ask_drafts
from chats.repository.ending import cancel
from chats.repository.lookup import message_of


def prompt(chat: Chat, data: dict[str, Any], *, key: str | None) -> list[Message]:
    """The prompt and its pending replies, in one transaction: all or none."""
    require_message(PROMPTS, chat.user_id)
    _require_replies(chat, data)
    with transaction.atomic():
        asked = add_prompt(
            chat=chat,
            parent_id=data["parent_id"],
            content=data["content"],
            may_branch_root=True,
            idempotency_key=key,
        )
        return [asked, *_drafts(chat, data | {"parent_id": asked.pk}, key)]


def regenerate(chat: Chat, data: dict[str, Any], *, key: str | None) -> list[Message]:
    """Further replies under a prompt."""
    _require_replies(chat, data)
    return _drafts(chat, data, key)


def stop(chat: Chat, data: dict[str, Any]) -> None:
    """Cancel the reply; one that has ended already is left as it is."""
    cancel(message_of(chat, data["message_id"]).pk)


def find(chat: Chat, data: dict[str, Any]) -> Message:
    """The reply to resume."""
    return message_of(chat, data["message_id"])


def _drafts(chat: Chat, data: dict[str, Any], key: str | None) -> list[Message]:
    return ask_drafts(
        chat=chat,
        parent_id=data["parent_id"],
        request=data["request"],
        drafts=data["drafts"],
        idempotency_key=key,
    )


def _require_replies(chat: Chat, data: dict[str, Any]) -> None:
    """Count each draft as the reply it is."""
    for _ in range(data["drafts"]):
        require_message(REPLIES, chat.user_id)
