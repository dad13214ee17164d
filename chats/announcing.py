"""Telling everybody who has a chat open that it has changed."""

from chats.database import soon
from chats.groups import chat_group, publish
from chats.models import Chat
from chats.wire import chat_list_read
from inference import events


def tell_chat_changed(chat: Chat) -> None:
    """Publish the chat as it is now, title and all, from synchronous code; nobody waits for it."""
    soon(publish, chat_group(chat.pk), {"type": "chat.event", "event": events.chat(chat_list_read(chat))})
