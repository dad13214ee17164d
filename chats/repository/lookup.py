"""Finding what belongs to a user; a stranger's chat or message does not exist."""

from typing import Any

from django.utils.translation import gettext as _

from chats.errors import NotFound
from chats.ids import parse_id
from chats.models import Chat, Message


def chat_of(user: Any, chat_id: object) -> Chat:
    """The user's chat. Raises NotFound for an unknown, malformed or stranger's id."""
    key = parse_id(chat_id)
    chat = Chat.objects.owned_by(user).filter(pk=key).first() if key else None
    if chat is None:
        raise NotFound(_("There is no chat %(chat)s.") % {"chat": chat_id}, field="chat_id")
    return chat


def message_of(chat: Chat, message_id: object) -> Message:
    """The chat's message. Raises NotFound for an id that is unknown, malformed or of another chat."""
    key = parse_id(message_id)
    message = Message.objects.filter(pk=key, chat=chat).first() if key else None
    if message is None:
        raise NotFound(
            _("There is no message %(message)s in chat %(chat)s.") % {"message": message_id, "chat": chat.pk},
            field="message_id",
        )
    message.chat = chat
    return message
