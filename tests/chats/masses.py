"""Many rows like one, within a moment."""

from typing import Any

from django.db import connection

from chats.models import Chat, Message


def copies(row: Chat | Message, count: int, **columns: Any) -> None:
    """So many rows like this one, with other ids, and with these columns, which are SQL that may use `number`, from 1.

    A message's copies are due a second after each other.
    """
    if isinstance(row, Message):
        columns.setdefault("queue_at", "queue_at + number * interval '1 second'")
    columns.setdefault("id", "gen_random_uuid()")
    own = {str(field.column): str(field.column) for field in row._meta.concrete_fields} | columns
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {row._meta.db_table} ({', '.join(own)}) SELECT {', '.join(own.values())}"
            f" FROM {row._meta.db_table}, generate_series(1, %s) AS number WHERE id = %s",
            [count, row.pk],
        )
