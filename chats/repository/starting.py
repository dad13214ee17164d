"""Starting: a new chat takes over its user's preferences in the statement that stores it."""

from functools import cache
from typing import Any

from django.db import connection

from chats.models import Chat, Preferences
from chats.rows import Shape

_chats = Shape(Chat)

_START = """
INSERT INTO chats_chat ({columns})
SELECT {values} FROM (SELECT) AS nothing LEFT JOIN chats_preferences ON chats_preferences.user_id = %(user_id)s
ON CONFLICT (user_id, idempotency_key) DO NOTHING
RETURNING {stored}
"""


def started(chat: Chat, given: dict[str, Any]) -> Chat | None:
    """The chat as it was stored, None when its user has one by its idempotency key already.

    given: facts that stand in the place of the user's preferences, as those stand in the place of the chat's defaults.
    """
    wanted = {f"given_{name}": given.get(name) for name in Preferences.OF_CHATS}
    with connection.cursor() as cursor:
        cursor.execute(_start(), _chats.values(chat) | wanted)
        row = cursor.fetchone()
    return None if row is None else _chats.instance(row)


@cache
def _start() -> str:
    return _START.format(
        columns=", ".join(_chats.columns),
        values=", ".join(_value(name) for name in _chats.names),
        stored=_chats.qualified,
    )


def _value(name: str) -> str:
    if name in Preferences.OF_CHATS:
        return f"COALESCE(%(given_{name})s, chats_preferences.{name}, %({name})s)"
    return f"%({name})s"
