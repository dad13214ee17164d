"""Finding what belongs to a user; a stranger's chat or message does not exist."""

from functools import cache
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext as _

from chats.errors import NotFound
from chats.ids import parse_id
from chats.models import Chat, Message
from chats.rows import RowBy, Shape

_chats = Shape(Chat)
_messages = Shape(Message)
_chat = RowBy(Chat, "id")
_chat_of = RowBy(Chat, "id", "user_id")
_message = RowBy(Message, "id", "chat_id")


def chat_of(user: Any, chat_id: object) -> Chat:
    """The user's chat. Raises NotFound for an unknown, malformed or stranger's id."""
    key = parse_id(chat_id)
    chat = _chat_of.get(key, user.pk) if key else None
    if chat is None:
        raise NotFound(_("There is no chat %(chat)s.") % {"chat": chat_id}, field="chat_id")
    return chat


def find_chat(chat_id: UUID) -> Chat | None:
    """The chat as it is now, whosever it is; None when there is none any more."""
    return _chat.get(chat_id)


def message_of(chat: Chat, message_id: object) -> Message:
    """The chat's message. Raises NotFound for an id that is unknown, malformed or of another chat."""
    message = find_message(chat, message_id)
    if message is None:
        raise NotFound(
            _("There is no message %(message)s in chat %(chat)s.") % {"message": message_id, "chat": chat.pk},
            field="message_id",
        )
    return message


def message_in_chat_of(user: Any, chat_id: object, message_id: object) -> Message:
    """The message in the user's chat, both by one query. Raises NotFound, which names what there is not."""
    keys = (parse_id(message_id), parse_id(chat_id), user.pk)
    with connection.cursor() as cursor:
        cursor.execute(_message_in_chat(), keys)
        row = cursor.fetchone()
    if row is None:
        return message_of(chat_of(user, chat_id), message_id)
    width = len(_messages.names)
    message = _messages.instance(row[:width])
    message.chat = _chats.instance(row[width:])
    return message


@cache
def _message_in_chat() -> str:
    return (
        f"SELECT {_messages.qualified}, {_chats.qualified} FROM chats_message"
        " JOIN chats_chat ON chats_chat.id = chats_message.chat_id"
        " WHERE chats_message.id = %s AND chats_chat.id = %s AND chats_chat.user_id = %s"
    )


def find_message(chat: Chat, message_id: object) -> Message | None:
    """The chat's message, None for an id that is unknown, malformed or of another chat."""
    key = parse_id(message_id)
    message = _message.get(key, chat.pk) if key else None
    if message is not None:
        message.chat = chat
    return message


def gone(chat_id: object) -> NotFound:
    """The refusal for a chat that was there a moment ago."""
    return NotFound(
        _("There is no chat %(chat)s any more: it was deleted meanwhile.") % {"chat": chat_id}, field="chat_id"
    )
