"""The thread: the messages from the root of the tree to one of them."""

from uuid import UUID

from django.db import connection

from chats.models import Chat, Message
from inference.prompts import ThreadMessage

THREAD = """
thread (parent_id, role, content, depth) AS (
    SELECT parent_id, role, content, 0 FROM chats_message WHERE id = {prompt}
    UNION ALL
    SELECT above.parent_id, above.role, above.content, thread.depth + 1
    FROM thread,
        LATERAL (SELECT parent_id, role, content FROM chats_message WHERE id = thread.parent_id OFFSET 0) above
)
"""
"""A part of a statement, behind WITH RECURSIVE: the messages from the prompt up to the root.

The OFFSET has Postgres look each message up by its id. It takes each step up for one to ten messages, and in a table of
a thousand it would rather read the whole table at every step.
"""

SPOKEN = "content <> ''"
"""Of a thread's messages, those that say something: a reply that ended without any text says nothing to a model."""

_READ = (
    f"WITH RECURSIVE {THREAD.format(prompt='%s')} SELECT role, content FROM thread WHERE {SPOKEN} ORDER BY depth DESC"
)

_PATH = """
WITH RECURSIVE path (id, parent_id, depth) AS (
    SELECT id, parent_id, 0 FROM chats_message WHERE id = %s
    UNION ALL
    SELECT above.id, above.parent_id, path.depth + 1
    FROM path, LATERAL (SELECT id, parent_id FROM chats_message WHERE id = path.parent_id OFFSET 0) above
)
SELECT id, depth FROM path
"""


def read_thread(prompt_id: UUID) -> list[ThreadMessage]:
    """The thread that ends in this prompt, oldest first, by one recursive query: never the whole chat.

    Replies that ended without any text are left out.
    """
    with connection.cursor() as cursor:
        cursor.execute(_READ, [prompt_id])
        return [ThreadMessage(role=role, content=content) for role, content in cursor.fetchall()]


def active_thread(chat: Chat) -> list[Message]:
    """The messages from the root to the one that the chat goes on from, which is the newest where none was chosen."""
    tail = chat.active_thread_tail or chat.messages.order_by("-id").first()
    return path_to(tail.pk) if tail is not None else []


def path_to(message_id: UUID) -> list[Message]:
    """The messages from the root to this one, oldest first, by one recursive query."""
    with connection.cursor() as cursor:
        cursor.execute(_PATH, [message_id])
        depths = dict(cursor.fetchall())
    return sorted(Message.objects.filter(pk__in=depths), key=lambda message: -depths[message.pk])
