"""One reconciler of many: whoever holds an advisory lock of Postgres, on a connection of its own.

The lock lives as long as its connection: when the process dies, or Postgres does, it is free. A connection pooler
in transaction mode would break that; give the maintenance worker a direct DATABASE_URL.
"""

import logging

import psycopg

from chats.direct_connection import direct_connection

logger = logging.getLogger(__name__)

LOCK = 0x0A_55_15_7A_17
"""Names the reconciler's lock among all advisory locks of the database."""


class Leadership:
    """This process's claim to be the reconciler. Belongs to one thread."""

    def __init__(self) -> None:
        self._connection: psycopg.Connection | None = None
        self._held = False

    def hold(self) -> bool:
        """Whether this process is the reconciler now; takes the lock when it is free.

        Raises psycopg.Error when Postgres is away: then nobody may act, and the lock must be taken again.
        """
        try:
            if self._connection is None:
                self._connection = direct_connection("reconciler")  # it must not keep the lock for hours
            with self._connection.cursor() as cursor:
                if self._held:
                    cursor.execute("SELECT 1")  # the lock lives as long as its connection does
                    return True
                cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])
                row = cursor.fetchone()
        except psycopg.Error:
            self.give_up()
            raise
        self._held = bool(row and row[0])
        if self._held:
            logger.info("This process is the reconciler now")
        return self._held

    def give_up(self) -> None:
        """Close the connection, and with it free the lock."""
        self._held = False
        held, self._connection = self._connection, None
        if held is not None:
            try:
                held.close()
            except psycopg.Error:
                logger.debug("The lock's connection was broken already")
