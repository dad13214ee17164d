"""Whether a connection to Postgres that waits for no answer is still what it was, without asking the server."""

import select
from typing import Any

from psycopg import Connection


def is_spoken_on(connection: Connection[Any]) -> bool:
    """Whether there is something to read: a server that ends, or ends a session, closes its side."""
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    return bool(poll.poll(0))
