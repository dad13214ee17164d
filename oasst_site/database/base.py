"""The database backend, as settings.DATABASES names it (Django looks for `base.DatabaseWrapper` in the package)."""

import select
from typing import Any

from django.db.backends.postgresql import base
from psycopg import Connection, OperationalError
from psycopg_pool import ConnectionPool, PoolTimeout

from chats.circuit import Circuit

AGAIN_AFTER_S = 0.25

_circuit = Circuit(AGAIN_AFTER_S)


class DatabaseWrapper(base.DatabaseWrapper):
    """One thread's connection, out of the process's pool.

    Whoever finds no connection in the pool's time says so to all: else each request of a crowd would wait that long
    with one of the few threads for the database, and those behind them longer than any client does.
    """

    @property
    def pool(self) -> Any:
        """Django's pool, whose connections are looked at where Django's are asked: that costs a round trip a request."""
        options = self.settings_dict["OPTIONS"].get("pool")
        if self.alias in self._connection_pools or self.alias == base.NO_DB_ALIAS or not options:
            return super().pool
        pool: ConnectionPool[Connection[Any]] = ConnectionPool(
            kwargs={**self.get_connection_params(), "autocommit": True},
            open=False,
            configure=self._configure_connection,
            check=check_connection,
            **options,
        )
        return self._connection_pools.setdefault(self.alias, pool)

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

    A server that ends, and one that ends a session, closes its side: then there is something to read on a connection
    that waits for no answer. Only then is the server asked.
    """
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    if poll.poll(0):
        ConnectionPool.check_connection(connection)
