"""The process's one event loop: it serves other threads, and it stops without leaving them waiting."""

import asyncio
import threading

import pytest

from workers.event_loop import EventLoop


@pytest.fixture
def loop():
    loop = EventLoop("test-loop")
    loop.start()
    yield loop
    assert loop.stop()


async def thread_name() -> str:
    return threading.current_thread().name


def test_work_runs_in_the_loops_own_thread(loop):
    assert loop.run(thread_name()).result(60) == "test-loop"


def test_an_exception_reaches_who_waits(loop):
    async def fail() -> None:
        raise ValueError("on purpose")

    with pytest.raises(ValueError, match="on purpose"):
        loop.run(fail()).result(60)


def test_stopping_cancels_what_still_runs():
    loop = EventLoop("test-loop")
    loop.start()
    ended = threading.Event()

    async def wait_for_ever() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    loop.run(wait_for_ever())
    loop.run(thread_name()).result(60)
    assert loop.stop()
    assert ended.is_set()
    assert loop.stop()


def test_a_loop_that_does_not_run_takes_no_work_and_says_so():
    loop = EventLoop("test-loop")
    with pytest.raises(RuntimeError, match="'test-loop' is not running"):
        loop.run(thread_name())
    loop.call_soon(print, "nothing happens")
    assert not loop.is_running


def test_its_thread_keeps_no_process_alive(loop):
    (thread,) = (each for each in threading.enumerate() if each.name == "test-loop")
    assert thread.daemon
