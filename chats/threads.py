"""The thread: the messages from the root of the tree to one prompt."""

from uuid import UUID

from django.db import connection

from inference.prompts import ThreadMessage

_THREAD = """
WITH RECURSIVE thread (id, parent_id, role, content, depth) AS (
    SELECT id, parent_id, role, content, 0 FROM chats_message WHERE id = %s
    UNION ALL
    SELECT m.id, m.parent_id, m.role, m.content, thread.depth + 1
    FROM chats_message m JOIN thread ON m.id = thread.parent_id
)
SELECT role, content FROM thread ORDER BY depth DESC
"""


def read_thread(prompt_id: UUID) -> list[ThreadMessage]:
    """The thread that ends in this prompt, oldest first, by one recursive query: never the whole chat.

    Replies that ended without any text are left out: they say nothing to a model.
    """
    with connection.cursor() as cursor:
        cursor.execute(_THREAD, [prompt_id])
        return [ThreadMessage(role=role, content=content) for role, content in cursor.fetchall() if content]
