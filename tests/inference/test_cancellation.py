"""A task that is cancelled ends, whatever it was waiting for: Python 3.11's `asyncio.wait_for` loses a cancellation."""

import asyncio

import pytest

from chats.redis import async_redis

LONGEST_S = 2.0
MOMENTS = range(12)
"""Turns of the event loop after which the cancellation comes; a command to Redis takes some of them."""


async def ends(task: asyncio.Task[None]) -> bool:
    task.cancel()
    done, _ = await asyncio.wait({task}, timeout=LONGEST_S)
    return bool(done)


@pytest.mark.parametrize("turns", MOMENTS)
async def test_a_cancellation_that_comes_while_redis_is_asked_is_not_lost(redis_url, turns):
    client = async_redis()
    await client.ping()  # connected
    over = asyncio.Event()

    async def ask_for_ever() -> None:
        while not over.is_set():
            await client.ping()

    asking = asyncio.create_task(ask_for_ever())
    for _ in range(turns):
        await asyncio.sleep(0)
    ended = await ends(asking)
    over.set()
    await asyncio.wait({asking})
    await client.aclose()
    assert ended


async def test_a_cancellation_that_comes_as_the_work_is_done_is_not_lost():
    came_through, over = 0, asyncio.Event()

    async def wait() -> None:
        nonlocal came_through
        await asyncio.wait_for(asyncio.sleep(0), 10)
        came_through += 1
        await over.wait()

    ended = []
    for turns in MOMENTS:
        waiting = asyncio.create_task(wait())
        for _ in range(turns):
            await asyncio.sleep(0)
        ended.append(await ends(waiting))
    over.set()
    assert all(ended)
    assert 0 < came_through < len(MOMENTS), "it came before the end of the work, and behind it"


async def test_what_takes_too_long_is_given_up_and_what_is_in_time_is_given():
    async def say(word: str) -> str:
        return word

    assert await asyncio.wait_for(say("here"), 10) == "here"
    assert await asyncio.wait_for(say("here"), None) == "here"
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(asyncio.Event().wait(), 0.01)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(asyncio.Event().wait(), 0)
    with pytest.raises(ZeroDivisionError):
        await asyncio.wait_for(asyncio.to_thread(lambda: 1 // 0), 10)
