"""A swallowed cancellation is heeded at the next turn of the loop."""

import asyncio
from contextlib import suppress

import pytest

from inference.cancellation import heed_cancellation


async def test_a_task_that_swallowed_its_cancellation_ends_at_the_next_turn():
    turns = 0

    async def waits_for_news():
        nonlocal turns
        while True:
            heed_cancellation()
            turns += 1
            with suppress(asyncio.CancelledError):  # as wait_for does before Python 3.12
                await asyncio.Event().wait()

    task = asyncio.create_task(waits_for_news())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert turns == 1


async def test_a_timeout_that_has_expired_is_no_cancellation_of_the_task():
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0):
            await asyncio.Event().wait()
    heed_cancellation()
