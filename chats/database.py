"""The doors between an event loop and synchronous code, one each way.

`in_database`: from the loop to the database, by so many threads and no more, which would only fight for the interpreter
and for database connections; while they make progress one waits for one's turn, and who finds them all stuck is told to
come back rather than kept waiting. `soon`: from such a thread back to its loop.
"""

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar, copy_context
from functools import partial
from typing import Any, ParamSpec, TypeVar
from weakref import WeakKeyDictionary

from asgiref.sync import async_to_sync
from django.conf import settings
from django.db import close_old_connections
from django.utils.translation import activate, get_language
from django.utils.translation import gettext as _

from chats.errors import Unavailable
from chats.redis import leave_redis

P = ParamSpec("P")
T = TypeVar("T")

STUCK_S = 2.0
"""No thread came free for so long: they wait for what is away. The caller has an answer within three seconds."""

Work = Callable[[], Coroutine[Any, Any, object]]

_left_for_the_loop: ContextVar[list[Work] | None] = ContextVar("left_for_the_loop", default=None)
_running: set[asyncio.Task[object]] = set()
"""What `soon` has begun: a loop itself holds its tasks weakly."""

_turns: WeakKeyDictionary[asyncio.AbstractEventLoop, "Turns"] = WeakKeyDictionary()


class Turns:
    """Whose turn it is on which thread, for the callers of one event loop.

    Each thread has a queue of its own: of several that wait at one queue, each call wakes a second one for nothing, and
    that one takes the interpreter from the first. The thread that worked last goes first: what it needs is at hand.
    """

    def __init__(self) -> None:
        self._free = asyncio.Semaphore(settings.DATABASE_THREADS)
        self._threads = [ThreadPoolExecutor(1, thread_name_prefix="database") for _ in range(settings.DATABASE_THREADS)]
        self._progress_at = 0.0

    async def take(self) -> ThreadPoolExecutor:
        """Wait for a thread. Raises Unavailable when none has come free for STUCK_S."""
        if self._free.locked():
            await self._wait()
        else:
            await self._free.acquire()  # at once
        return self._threads.pop()

    def give_back(self, thread: ThreadPoolExecutor) -> None:
        """The thread has done its work."""
        self._progress_at = asyncio.get_running_loop().time()
        self._threads.append(thread)
        self._free.release()

    async def _wait(self) -> None:
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


async def in_database(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Call `function` on a thread, its database connection checked before and given back after.

    Raises Unavailable when all threads are stuck for STUCK_S, and whatever `function` raises.
    """
    loop = asyncio.get_running_loop()
    turns = _turns.get(loop) or _turns.setdefault(loop, Turns())
    thread = await turns.take()
    call = partial(_with_connection, loop, get_language(), partial(function, *args, **kwargs))
    work = loop.run_in_executor(thread, copy_context().run, call)
    work.add_done_callback(lambda _: turns.give_back(thread))
    return await asyncio.shield(work)  # a caller that is cancelled leaves, the thread does not


def soon(work: Callable[P, Coroutine[Any, Any, object]], *args: P.args, **kwargs: P.kwargs) -> None:
    """Run the coroutine function on the loop that sent this thread, once the thread is done; it must handle its errors.

    Called from no thread of `in_database` (a command, the reconciler, a test), it is run to its end right here.
    """
    left = _left_for_the_loop.get()
    if left is None:
        async_to_sync(_alone)(partial(work, *args, **kwargs))
    else:
        left.append(partial(work, *args, **kwargs))


def _with_connection(loop: asyncio.AbstractEventLoop, language: str | None, call: Callable[[], T]) -> T:
    """Refusals are said in the caller's language; Django keeps it for each thread."""
    if language is not None:
        activate(language)
    left: list[Work] = []
    _left_for_the_loop.set(left)
    close_old_connections()
    try:
        return call()
    finally:
        close_old_connections()
        _left_for_the_loop.set(None)  # what begins below must not leave its own here, where nobody would look again
        if left:  # all of it with one word to the loop, which would otherwise ask for the interpreter in between
            loop.call_soon_threadsafe(_begin, left)


async def _alone(work: Work) -> None:
    """Run on a loop that is there for this only."""
    try:
        await work()
    finally:
        await leave_redis()


def _begin(left: list[Work]) -> None:
    for work in left:
        task = asyncio.get_running_loop().create_task(work())
        _running.add(task)
        task.add_done_callback(_running.discard)
