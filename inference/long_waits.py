"""Speaks of a wait that lasts: what it is for, within two seconds, and again now and then."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

FIRST_S = 1.5
AGAIN_S = 10.0

T = TypeVar("T")


async def spoken_of(waiting: Awaitable[T], what: Callable[[], str], say: Callable[[str], None]) -> T:
    """The outcome of `waiting`; while it lasts, `say` is told what is waited for and for how long.

    `what` is asked each time; nothing is said when it has nothing to name. Cancelling ends the waiting first.
    """
    task = asyncio.ensure_future(waiting)
    began, pause_s = time.monotonic(), FIRST_S
    try:
        while not (await asyncio.wait({task}, timeout=pause_s))[0]:
            if named := what():
                say(f"waiting for {named} ({time.monotonic() - began:.0f} s)")
            pause_s = AGAIN_S
        return task.result()
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@contextmanager
def shown_if_long(text: str, show: Callable[[str], None]) -> Iterator[None]:
    """Show a passing line when the block lasts, and take it away (an empty one) at its end."""
    shown = False

    def now() -> None:
        nonlocal shown
        shown = True
        show(text)

    timer = asyncio.get_running_loop().call_later(FIRST_S, now)
    try:
        yield
    finally:
        timer.cancel()
        if shown:
            show("")
