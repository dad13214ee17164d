"""Many rows like one, within a moment."""

from django.db import connection

from chats.models import Message


def copies(message: Message, count: int) -> None:
    """So many messages like this one, each due a second after the one before it."""
    columns = (str(field.column) for field in Message._meta.concrete_fields)
    listed = ", ".join(column for column in columns if column not in ("id", "queue_at"))
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO chats_message (id, queue_at, {listed})"
            f" SELECT gen_random_uuid(), queue_at + number * interval '1 second', {listed}"
            " FROM chats_message, generate_series(1, %s) AS number WHERE id = %s",
            [count, message.pk],
        )
