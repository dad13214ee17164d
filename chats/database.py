"""The doors between an event loop and synchronous code, one each way.

`in_database`: from the loop to the database, by a bounded pool of threads. Bounded, since more threads than this only
fight for the interpreter and for database connections; while they make progress one waits for one's turn, and who finds
them all stuck is told to come back rather than kept waiting. `soon`: from such a thread back to its loop.
"""

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar, copy_context
from functools import cache
from typing import Any, ParamSpec, TypeVar
from weakref import WeakKeyDictionary

from asgiref.sync import async_to_sync
from django.conf import settings
from django.db import close_old_connections
from django.utils.translation import activate, get_language
from django.utils.translation import gettext as _

from chats.errors import Unavailable

P = ParamSpec("P")
T = TypeVar("T")

STUCK_S = 2.0
"""No thread came free for so long: they wait for what is away. The caller has an answer within three seconds."""

_calling_loop: ContextVar[asyncio.AbstractEventLoop | None] = ContextVar("calling_loop", default=None)
_turns: WeakKeyDictionary[asyncio.AbstractEventLoop, "Turns"] = WeakKeyDictionary()


class Turns:
    """Whose turn it is on the pool's threads, for the callers of one event loop."""

    def __init__(self) -> None:
        self._free = asyncio.Semaphore(settings.DATABASE_THREADS)
        self._progress_at = 0.0

    async def take(self) -> None:
        """Wait for a thread. Raises Unavailable when none has come free for STUCK_S."""
        clock = asyncio.get_running_loop().time
        came_at = clock()
        while True:
            patience = max(came_at, self._progress_at) + STUCK_S - clock()
            try:
                async with asyncio.timeout(max(0.0, patience)):
                    await self._free.acquire()
                return
            except TimeoutError as error:
                if clock() - max(came_at, self._progress_at) >= STUCK_S:
                    raise Unavailable(_("The service is busy; nothing was done. Try again in a moment.")) from error

    def give_back(self) -> None:
        """A thread has done its work."""
        self._progress_at = asyncio.get_running_loop().time()
        self._free.release()


async def in_database(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Call `function` on a thread of the pool, its database connection checked before and given back after.

    Raises Unavailable when all threads are stuck for STUCK_S, and whatever `function` raises.
    """
    loop = asyncio.get_running_loop()
    turns = _turns.setdefault(loop, Turns())
    await turns.take()
    context = copy_context()
    context.run(_calling_loop.set, loop)
    language = get_language()
    work = loop.run_in_executor(_pool(), context.run, _with_connection, language, lambda: function(*args, **kwargs))
    # A caller that is cancelled leaves, the thread does not: its place is free when it has ended.
    work.add_done_callback(lambda _: turns.give_back())
    return await work


def soon(work: Callable[P, Coroutine[Any, Any, object]], *args: P.args, **kwargs: P.kwargs) -> None:
    """Run the coroutine function on the loop that sent this thread, without waiting for it; it must handle its errors.

    Called from no thread of `in_database` (a command, the reconciler, a test), it is run to its end right here.
    """
    loop = _calling_loop.get()
    if loop is None:
        async_to_sync(work)(*args, **kwargs)
    else:
        asyncio.run_coroutine_threadsafe(work(*args, **kwargs), loop)


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(settings.DATABASE_THREADS, thread_name_prefix="database")


def _with_connection(language: str | None, call: Callable[[], T]) -> T:
    """Refusals are said in the caller's language; Django keeps it for each thread."""
    if language is not None:
        activate(language)
    close_old_connections()
    try:
        return call()
    finally:
        close_old_connections()
