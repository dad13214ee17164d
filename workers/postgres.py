"""A pool thread's turn at Postgres: few at a time, each with a connection that is there already.

As many threads as there are seats would fight for the interpreter over every row: together they take longer than one
after the other, and the event loop waits behind all of them. And to take a connection out of the process's pool and to
give it back takes Django as long as half the statement that a claim or an ending is.
"""

import queue
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from typing import Any, Final

from django.db import DEFAULT_DB_ALIAS, InterfaceError, OperationalError, connections

from chats.idle_connection import is_spoken_on

POSTGRES_IS_AWAY = (OperationalError, InterfaceError)
AT_A_TIME: Final = 4


class Turns:
    """Turns of a process's threads, each with a connection of its own."""

    def __init__(self, *, pool_size: int) -> None:
        """pool_size: connections of the process. Half of them are left to its event loop; of one none is kept."""
        self._keeps = pool_size > 1
        self._free: queue.LifoQueue[Any] = queue.LifoQueue()  # few are used while few are needed
        for _ in range(max(1, min(AT_A_TIME, pool_size // 2))):
            self._free.put(None)

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for a turn, for as long as it takes; in the block Django's connection is the turn's."""
        kept = self._free.get()
        try:
            kept = self._ready(kept)
            own = connections.all(initialized_only=True)
            connections[DEFAULT_DB_ALIAS] = kept
            try:
                with closing(kept) if not self._keeps else _closed_by_errors(kept):
                    yield
            finally:
                if own:
                    connections[DEFAULT_DB_ALIAS] = own[0]
                else:
                    del connections[DEFAULT_DB_ALIAS]
        finally:
            self._free.put(kept)

    def close(self) -> None:
        """Give the connections back to the process's pool. Nobody has a turn after that."""
        with suppress(queue.Empty):
            while True:
                if (kept := self._free.get_nowait()) is not None:
                    kept.close()

    def _ready(self, kept: Any) -> Any:
        if kept is None:
            kept = connections.create_connection(DEFAULT_DB_ALIAS)
            kept.inc_thread_sharing()  # by one thread after the other
        elif kept.connection is not None and is_spoken_on(kept.connection):
            kept.close()
        return kept


@contextmanager
def _closed_by_errors(connection: Any) -> Iterator[None]:
    try:
        yield
    except BaseException:
        connection.close()
        raise
