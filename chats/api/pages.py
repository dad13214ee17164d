"""Keyset pages of a user's chats, newest first, with Open-Assistant's cursors (base64 of a chat's id)."""

import base64
import binascii
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from chats.errors import Unprocessable
from chats.models import Chat


@dataclass(frozen=True, slots=True)
class ChatPage:
    """One page: `next` leads to older chats, `prev` to newer ones; None where there are none."""

    chats: list[Chat]
    next: str | None
    prev: str | None


def chat_page(
    user: Any,
    *,
    limit: int,
    after: str | None = None,
    before: str | None = None,
    include_hidden: bool = False,
    only_hidden: bool = False,
) -> ChatPage:
    """The page older than `after`, or newer than `before`, or the newest one. One query, whatever the number of chats.

    Raises Unprocessable for a cursor that this service never gave out.
    """
    chats = Chat.objects.in_order_of(user, newest_first=before is None).filter(is_transient=False)
    if only_hidden:
        chats = chats.filter(hidden=True)
    elif not include_hidden:
        chats = chats.filter(hidden=False)
    if before is not None:
        rows = list(chats.filter(pk__gt=_decode(before, "before"))[: limit + 1])
        more_newer, rows = len(rows) > limit, rows[:limit][::-1]
        return ChatPage(rows, _encode(rows[-1]) if rows else None, _encode(rows[0]) if more_newer else None)
    if after is not None:
        chats = chats.filter(pk__lt=_decode(after, "after"))
    rows = list(chats[: limit + 1])
    more_older, rows = len(rows) > limit, rows[:limit]
    return ChatPage(
        rows,
        _encode(rows[-1]) if more_older else None,
        _encode(rows[0]) if rows and after is not None else None,
    )


def _encode(chat: Chat) -> str:
    return base64.b64encode(str(chat.pk).encode()).decode()


def _decode(cursor: str, field: str) -> UUID:
    try:
        return UUID(base64.b64decode(cursor, validate=True).decode())
    except (binascii.Error, UnicodeDecodeError, ValueError) as error:
        raise Unprocessable(
            f"{field} is {cursor!r}: give the `next` or `prev` of an earlier answer.", field=field
        ) from error
