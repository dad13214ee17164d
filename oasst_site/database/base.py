"""The database backend, as settings.DATABASES names it (Django looks for `base.DatabaseWrapper` in the package)."""

from typing import Any

from django.db.backends.postgresql import base
from psycopg import OperationalError
from psycopg_pool import PoolTimeout

from chats.circuit import Circuit

AGAIN_AFTER_S = 0.25

_circuit = Circuit(AGAIN_AFTER_S)


class DatabaseWrapper(base.DatabaseWrapper):
    """One thread's connection, out of the process's pool.

    Whoever finds no connection in the pool's time says so to all: else each request of a crowd would wait that long
    with one of the few threads for the database, and those behind them longer than any client does.
    """

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
