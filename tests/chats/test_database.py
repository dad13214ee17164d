"""The door from the event loop to the database's threads."""

import asyncio
import threading

import pytest
from django.conf import settings

from chats import database
from chats.database import in_database, soon
from chats.errors import Unavailable


async def test_a_call_answers_and_raises_as_it_would_at_home() -> None:
    assert await in_database(lambda: 3) == 3
    with pytest.raises(ZeroDivisionError):
        await in_database(lambda: 1 // 0)


async def test_no_more_calls_run_at_once_than_there_are_threads() -> None:
    running, most = 0, 0
    lock, full = threading.Lock(), threading.Barrier(settings.DATABASE_THREADS)

    def work() -> None:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        full.wait(60)
        with lock:
            running -= 1

    await asyncio.gather(*(in_database(work) for _ in range(settings.DATABASE_THREADS * 3)))
    assert most == settings.DATABASE_THREADS


async def test_a_caller_waits_as_long_as_the_threads_make_progress(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "STUCK_S", 0.5)
    work_takes = 0.2
    rounds = 5  # the last caller waits twice as long as STUCK_S

    def work() -> bool:
        return not threading.Event().wait(work_takes)

    calls = [in_database(work) for _ in range(settings.DATABASE_THREADS * rounds)]
    assert all(await asyncio.gather(*calls))


async def test_a_caller_is_told_when_all_threads_are_stuck(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "STUCK_S", 0.2)
    stuck = threading.Event()
    calls = [asyncio.ensure_future(in_database(stuck.wait, 60)) for _ in range(settings.DATABASE_THREADS)]
    late = asyncio.ensure_future(in_database(lambda: None))  # its turn comes after theirs
    with pytest.raises(Unavailable, match="busy"):
        await late
    stuck.set()
    assert all(await asyncio.gather(*calls))


async def test_a_thread_reaches_its_loop_without_waiting_for_it() -> None:
    reached = asyncio.Event()

    async def arrive() -> None:
        reached.set()

    await in_database(soon, arrive)
    await asyncio.wait_for(reached.wait(), 60)


async def test_what_a_thread_leaves_for_the_loop_is_done_also_when_its_caller_has_left() -> None:
    began, go, reached = asyncio.Event(), threading.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()

    async def arrive() -> None:
        reached.set()

    def work() -> None:
        loop.call_soon_threadsafe(began.set)
        go.wait(60)
        soon(arrive)

    call = asyncio.ensure_future(in_database(work))
    await asyncio.wait_for(began.wait(), 60)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    assert not reached.is_set()
    go.set()
    await asyncio.wait_for(reached.wait(), 60)


async def test_nobody_waits_behind_a_thread_whose_caller_has_left_while_another_is_free() -> None:
    began, stuck = asyncio.Event(), threading.Event()
    loop = asyncio.get_running_loop()

    def work() -> None:
        loop.call_soon_threadsafe(began.set)
        stuck.wait(60)

    left = asyncio.ensure_future(in_database(work))
    await asyncio.wait_for(began.wait(), 60)
    left.cancel()
    others = settings.DATABASE_THREADS * 3
    assert await asyncio.gather(*(in_database(threading.get_ident) for _ in range(others)))
    assert not stuck.is_set()
    stuck.set()


async def test_the_thread_that_worked_last_goes_first() -> None:
    assert len({await in_database(threading.get_ident) for _ in range(settings.DATABASE_THREADS * 3)}) == 1
