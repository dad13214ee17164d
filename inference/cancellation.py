"""`asyncio.wait_for` as Python 3.12 has it, for Python 3.11, whose own one loses cancellations.

There it makes a task of what it waits for, and throws a cancellation away that comes in the turn in which this is done
(https://github.com/python/cpython/issues/86296). redis-py writes every command in a wait_for. So a task of ours that
was cancelled during such a write went on, and whoever waited for its end waited for ever. The one of Python 3.12 waits
in the task that asks, which is quicker, too.
"""

import asyncio
import sys
from collections.abc import Awaitable
from typing import Any, TypeVar

T = TypeVar("T")

_before: Any = asyncio.wait_for


async def wait_for(work: Awaitable[T], timeout: float | None) -> T:  # noqa: ASYNC109  # as asyncio's
    """What the work gives. Raises TimeoutError after `timeout` seconds; None: it may take as long as it likes."""
    if timeout is not None and timeout <= 0:  # nothing is waited for, so nothing is lost
        return await _before(work, timeout)
    async with asyncio.timeout(timeout):
        return await work


def mend_wait_for() -> None:
    """For this process with all of its libraries. Called before any of them runs."""
    if sys.version_info < (3, 12):
        asyncio.wait_for = wait_for  # type: ignore[assignment]
