"""The database backend, as settings.DATABASES names it (Django looks for `base.DatabaseWrapper` in the package)."""

from typing import Any

from django.db.backends.postgresql import base
from psycopg import Connection, OperationalError
from psycopg_pool import ConnectionPool, PoolTimeout

from chats.circuit import Circuit
from chats.idle_connection import is_spoken_on

AGAIN_AFTER_S = 0.25

_circuit = Circuit(AGAIN_AFTER_S)


class DatabaseWrapper(base.DatabaseWrapper):
    """One thread's connection, out of the process's pool.

    Whoever finds no connection in the pool's time says so to all: else each request of a crowd would wait that long
    with one of the few threads for the database, and those behind them longer than any client does.
    """

    @property
    def pool(self) -> Any:
        """Django's pool, but its connections are looked at, not asked: a question costs each request a round trip."""
        pool: Any = super().pool
        if pool is not None:
            pool._check = check_connection  # Django passes the pool's own, and leaves no choice
        return pool

    def get_new_connection(self, conn_params: Any) -> Any:
        """A connection out of the pool. Raises OperationalError, at once while the server is known to be away."""
        if not _circuit.closed():
            raise OperationalError("the database is away; it is tried again in a moment")
        try:
            connection = super().get_new_connection(conn_params)
        except PoolTimeout:
            _circuit.failed()
            raise
        _circuit.succeeded()
        return connection


def check_connection(connection: Connection[Any]) -> None:
    """Raise when the server has left the connection.

    The server is asked only when it has said something unasked.
    """
    if is_spoken_on(connection):
        ConnectionPool.check_connection(connection)
