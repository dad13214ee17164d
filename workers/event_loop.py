"""The process's one asyncio event loop, in its own thread: every stream of a worker runs on it.

It starts before the pool's threads need it and stops on Celery's `worker_shutdown` signal, after the last of them has
ended: stopped any earlier, they would wait for futures that nobody completes.
"""

import asyncio
import logging
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

import uvloop

logger = logging.getLogger(__name__)

T = TypeVar("T")

BLOCKING_THREADS = 8
"""Threads for what must block (Postgres, NVML), beside the pool's."""


class EventLoop:
    """An asyncio loop that runs in a daemon thread; synchronous code hands it work through `run`."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = threading.Thread(target=self._serve, name=name, daemon=True)
        self._started = threading.Event()

    def start(self) -> None:
        """Return when the loop is running."""
        self._thread.start()
        self._started.wait()

    def run(self, coroutine: Coroutine[Any, Any, T]) -> Future[T]:
        """Start the coroutine on the loop, from any other thread.

        Raises RuntimeError when the loop is not running: the future could never be completed.
        """
        if self._loop is None or not self._loop.is_running():
            coroutine.close()
            raise RuntimeError(f"The event loop {self._name!r} is not running; start it before handing it work.")
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop)

    def call_soon(self, function: Callable[..., object], *arguments: object) -> None:
        """Call the function on the loop soon, from any thread or signal handler; nothing happens once it stopped."""
        if self._loop is not None and self._loop.is_running():
            self._loop.call_soon_threadsafe(function, *arguments)

    @property
    def is_running(self) -> bool:
        """Between `start` and `stop`."""
        return self._loop is not None and self._loop.is_running()

    def stop(self, timeout: float = 2.0) -> bool:
        """Cancel what still runs and stop, within `timeout` seconds. False: it did not stop in time."""
        if self._loop is None or not self._loop.is_running():
            return True
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _serve(self) -> None:
        self._loop = loop = uvloop.new_event_loop()
        blocking = ThreadPoolExecutor(BLOCKING_THREADS, thread_name_prefix=f"{self._name}-blocking")
        loop.set_default_executor(blocking)
        asyncio.set_event_loop(loop)
        loop.call_soon(self._started.set)
        try:
            loop.run_forever()
        finally:
            left = asyncio.all_tasks(loop)
            for task in left:
                task.cancel()
            if left:
                loop.run_until_complete(asyncio.wait(left, timeout=1.0))
            loop.run_until_complete(loop.shutdown_asyncgens())
            blocking.shutdown(wait=False, cancel_futures=True)
            loop.close()
