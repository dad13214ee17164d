"""Sharing: a snapshot of one thread of a chat behind a link that nobody can guess."""

from typing import TypedDict

from django.utils.translation import gettext as _

from chats.errors import NotFound, TooLarge
from chats.ids import parse_id
from chats.models import Chat, Message, Share
from chats.threads import active_thread, path_to

MOST_SHARES = 100
"""Of one chat."""


class SharedMessage(TypedDict):
    """A message of a snapshot."""

    role: str
    content: str
    created_at: str
    model_config_name: str | None


def share(chat: Chat, *, tail: Message | None = None) -> Share:
    """A link to the thread that ends in `tail`, by default to the active one, as it is now.

    Who owns the chat is not in it. Raises TooLarge for a chat that has MOST_SHARES links already.
    """
    if chat.shares.count() >= MOST_SHARES:
        raise TooLarge(
            _("Chat %(chat)s has %(most)s links already: revoke one.") % {"chat": chat.pk, "most": MOST_SHARES}
        )
    thread = active_thread(chat) if tail is None else path_to(tail.pk)
    return Share.objects.create(chat=chat, snapshot={"title": chat.title, "messages": [_told(each) for each in thread]})


def shared(token: str) -> Share:
    """The share behind a link. Raises NotFound when it never was, or was revoked."""
    found = Share.objects.filter(token=token).first() if token.isascii() and token.isprintable() else None
    if found is None:
        raise NotFound(_("There is nothing behind this link, or it was revoked."))
    return found


def revoke(chat: Chat, share_id: object) -> None:
    """The link leads nowhere from now on. Raises NotFound for a share that is not the chat's."""
    key = parse_id(share_id)
    deleted, _ = chat.shares.filter(pk=key).delete() if key else (0, {})
    if not deleted:
        raise NotFound(f"Chat {chat.pk} has no link {share_id}.", field="share_id")


def _told(message: Message) -> SharedMessage:
    return {
        "role": message.role,
        "content": message.content or "",
        "created_at": message.created_at.isoformat(),
        "model_config_name": message.model_config_name or None,
    }
