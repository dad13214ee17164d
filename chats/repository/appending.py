"""Appending: a message joins its chat by one statement, which counts it, names what goes with it, and stores it.

One statement holds the chat's row no longer than it takes, and needs no BEGIN and no COMMIT. It does nothing when
anything stands against the message; then it is found out what, and told.
"""

from functools import cache
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _

from chats.errors import BadRequest, Conflict, TooLarge
from chats.ids import parse_id
from chats.models import UNFINISHED, Chat, Message, Role
from chats.repository.lookup import find_message, gone
from chats.rows import Shape

_chats = Shape(Chat)
_messages = Shape(Message)

_APPEND = """
WITH grown AS (
    UPDATE chats_chat SET
        message_count = message_count + 1,
        modified_at = now(),
        title = COALESCE(title, %(title)s),
        active_thread_tail_id = CASE WHEN %(is_tail)s THEN %(id)s ELSE active_thread_tail_id END
    WHERE id = %(chat_id)s
        AND message_count < %(most)s
        AND CASE
            WHEN %(parent_id)s::uuid IS NULL THEN message_count = 0 OR %(may_branch_root)s
            ELSE EXISTS (
                SELECT FROM chats_message AS parent
                WHERE parent.id = %(parent_id)s AND parent.chat_id = %(chat_id)s
                    AND parent.role <> %(role)s AND parent.state NOT IN ({unfinished})
            )
        END
    RETURNING {chat}
), appended AS (
    INSERT INTO chats_message ({columns}) SELECT {values} FROM grown
)
SELECT * FROM grown
"""


def append(
    message: Message,
    *,
    parent_id: object,
    title: str | None = None,
    is_tail: bool = False,
    may_branch_root: bool = False,
) -> Chat:
    """Store the message below its parent; the chat as it is with it.

    A prompt is stored under a finished reply, a reply under a prompt. parent_id None: a prompt that is the first of its
    chat, or with may_branch_root a further first one. title: the chat's, where it has none yet. is_tail: the chat's
    thread ends in the message now. Raises NotFound when the chat was deleted, TooLarge when it is full, BadRequest for
    an unknown or wrong parent, Conflict while the parent is still being written.
    """
    message.parent_id = parse_id(parent_id)
    may_fit = message.parent_id is not None or (parent_id is None and message.role == Role.PROMPTER)
    given = {
        **_messages.values(message),
        "title": title,
        "is_tail": is_tail,
        "may_branch_root": may_branch_root,
        "most": settings.CHAT_MAX_MESSAGES,
    }
    while not may_fit or (row := _row(given)) is None:
        _refuse(message, parent_id, may_branch_root=may_branch_root)  # unless what stood against it is gone by now
    _messages.is_stored(message)
    return _chats.instance(row)


def _row(given: dict[str, Any]) -> tuple[Any, ...] | None:
    """The chat's row with the message in it, None when nothing was stored."""
    with connection.cursor() as cursor:
        cursor.execute(_append(), given)
        return cursor.fetchone()


@cache
def _append() -> str:
    return _APPEND.format(
        unfinished=", ".join(f"'{state}'" for state in UNFINISHED),
        chat=_chats.qualified,
        columns=", ".join(_messages.columns),
        values=", ".join(f"%({name})s" for name in _messages.names),
    )


def _refuse(message: Message, parent_id: object, *, may_branch_root: bool) -> None:
    """Say what stands against the message."""
    chat = Chat.objects.filter(pk=message.chat_id).first()
    if chat is None:
        raise gone(message.chat_id)
    if chat.message_count >= settings.CHAT_MAX_MESSAGES:
        raise TooLarge(
            _("Chat %(chat)s is full: at most %(most)s messages. Start a new chat.")
            % {"chat": chat.pk, "most": settings.CHAT_MAX_MESSAGES}
        )
    if message.role == Role.PROMPTER and parent_id is None:
        if chat.message_count and not may_branch_root:
            raise BadRequest(
                f"Chat {chat.pk} has messages already: parent_id must name the reply that this prompt follows.",
                field="parent_id",
            )
        return
    parent = find_message(chat, parent_id)
    if parent is None:
        raise BadRequest(f"parent_id {parent_id} is no message of chat {chat.pk}.", field="parent_id")
    if parent.role == message.role:
        is_reply = message.role == Role.ASSISTANT
        raise BadRequest(
            f"parent_id {parent_id} is {'a reply' if is_reply else 'a prompt'}; "
            f"{'a reply belongs under a prompt' if is_reply else 'a prompt belongs under a reply'}.",
            field="parent_id",
        )
    if parent.state in UNFINISHED:
        raise Conflict(
            _("The reply %(message)s is still %(state)s: wait for its end, or cancel it.")
            % {"message": parent_id, "state": parent.state},
            field="parent_id",
        )
