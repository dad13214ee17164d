"""The doors between an event loop and synchronous code, one each way.

`in_database`: from the loop to the database, by a bounded pool of threads. Bounded, since more threads than this only
fight for the interpreter and for database connections; who finds no thread in time is told to come back rather than
kept waiting. `soon`: from such a thread back to its loop.
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

from chats.errors import Unavailable

P = ParamSpec("P")
T = TypeVar("T")

WAIT_FOR_A_THREAD_S = 2.0
"""With a dependency's own bound of about a second, the caller has an answer within three."""

_calling_loop: ContextVar[asyncio.AbstractEventLoop | None] = ContextVar("calling_loop", default=None)
_free: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = WeakKeyDictionary()


async def in_database(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Call `function` on a thread of the pool, its database connection checked before and given back after.

    Raises Unavailable when all threads are taken for WAIT_FOR_A_THREAD_S, and whatever `function` raises.
    """
    loop = asyncio.get_running_loop()
    free = _free.setdefault(loop, asyncio.Semaphore(settings.DATABASE_THREADS))
    try:
        async with asyncio.timeout(WAIT_FOR_A_THREAD_S):
            await free.acquire()
    except TimeoutError as error:
        raise Unavailable("The service is busy; nothing was done. Try again in a moment.") from error
    context = copy_context()
    context.run(_calling_loop.set, loop)
    work = loop.run_in_executor(_pool(), context.run, _with_connection, lambda: function(*args, **kwargs))
    # A caller that is cancelled leaves, the thread does not: its place is free when it has ended.
    work.add_done_callback(lambda _: free.release())
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


def _with_connection(call: Callable[[], T]) -> T:
    close_old_connections()
    try:
        return call()
    finally:
        close_old_connections()
