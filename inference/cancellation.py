"""Cancellations that were swallowed on the way here.

Before Python 3.12 asyncio.wait_for returns as if nothing were the matter when what it waits for is done in the moment
of the cancellation (https://github.com/python/cpython/issues/86296), and redis-py writes every command in a wait_for.
So a task that was cancelled during such a write goes on, and whoever waits for its end waits for ever.
"""

import asyncio


def heed_cancellation() -> None:
    """Raises CancelledError when this task was asked to end and has not: for the top of a loop that waits for news."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError
