"""The keyboard while a reply is written: Ctrl-C means stop, and what is typed does not show up in the reply."""

import asyncio
import signal
import sys
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

try:
    import termios
except ImportError:  # not a Unix
    termios = None  # type: ignore[assignment]

T = TypeVar("T")


class Stopped(Exception):
    """Ctrl-C before there was anything that the server would have to stop."""


@contextmanager
def on_ctrl_c(pressed: Callable[[], None]) -> Iterator[None]:
    """Within, each Ctrl-C (SIGINT) calls `pressed` on the running event loop instead of breaking in anywhere."""
    loop = asyncio.get_running_loop()
    before = signal.getsignal(signal.SIGINT)
    if before is signal.SIG_IGN:  # a shell's background job: it is not ours to change that
        yield
        return
    signal.signal(signal.SIGINT, lambda *_: loop.call_soon_threadsafe(pressed))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before if before is not None else signal.default_int_handler)


async def interruptible(work: Coroutine[Any, Any, T]) -> T:
    """The work's result. Ctrl-C cancels it and raises Stopped."""
    task = asyncio.create_task(work)
    stopped = False

    def stop() -> None:
        nonlocal stopped
        stopped = True
        task.cancel()

    try:
        with on_ctrl_c(stop):
            return await task
    except asyncio.CancelledError:
        if stopped:
            raise Stopped from None
        task.cancel()
        raise


@contextmanager
def silent_keys() -> Iterator[None]:
    """Within, the terminal does not echo what is typed; it is kept for the next prompt."""
    if termios is None or not sys.stdin.isatty():
        yield
        return
    descriptor = sys.stdin.fileno()
    before = termios.tcgetattr(descriptor)
    quiet = termios.tcgetattr(descriptor)
    quiet[3] &= ~termios.ECHO
    termios.tcsetattr(descriptor, termios.TCSADRAIN, quiet)
    try:
        yield
    finally:
        termios.tcsetattr(descriptor, termios.TCSADRAIN, before)
