"""Whoever waits for the stack is told within two seconds what for; its own words come last."""

import asyncio
import io
import re
import sys
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from inference.long_waits import FIRST_S, spoken_of
from oasst_site.stack.command import Command
from oasst_site.stack.errors import StackError
from oasst_site.stack.folder import LocalFolder
from oasst_site.stack.leftovers import Ledger
from oasst_site.stack.report import Report
from oasst_site.stack.service import Rank, Service
from oasst_site.stack.supervisor import Supervisor
from tests.tries import FOR_SECONDS

SLEEPER = "import time; time.sleep(600)"
STUBBORN = (
    f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf to SIGTERM', flush=True); {SLEEPER}"
)


class Screen(io.StringIO):
    """What a person sees. `shows` may be waited for."""

    async def shows(self, text: str, within_s: float = 60.0) -> None:
        async with asyncio.timeout(within_s):
            while text not in self.getvalue():  # noqa: ASYNC110  # it is written to by everybody
                await asyncio.sleep(0.01)


class Stack:
    """A supervisor over a folder of its own, and the screen that it writes to."""

    def __init__(self, folder: Path) -> None:
        self.screen = Screen()
        self.folder = LocalFolder(folder)
        self.folder.claim()
        self.report = Report(self.screen, colour=False)
        self.supervisor = Supervisor(report=self.report, folder=self.folder, ledger=Ledger(self.folder))

    def service(self, script: str, is_ready: Callable[[], bool], missing: str = "") -> Service:
        return Service(
            name="slow",
            rank=Rank.ENGINE,
            command=python(script),
            is_ready=is_ready,
            missing=lambda: missing,
            grace_s=600,
        )


def python(script: str, *arguments: str) -> Command:
    return Command(argv=[sys.executable, "-c", script, *arguments])


@pytest.fixture
async def stack(tmp_path: Path) -> AsyncIterator[Stack]:
    stack = Stack(tmp_path / "local")
    try:
        yield stack
    finally:
        stack.supervisor.kill(Rank.DATABASE)
        await stack.supervisor.stop()
        stack.folder.release()


def test_the_first_word_comes_within_two_seconds() -> None:
    assert FIRST_S < 2


@pytest.mark.parametrize(
    ("missing", "told"),
    [("", "waiting for slow to start"), ("no weights yet", "waiting for slow: no weights yet")],
)
async def test_a_slow_start_says_what_it_waits_for(stack: Stack, missing: str, told: str) -> None:
    # It is ready once it has been spoken of: without a word this would never end.
    spoken = re.compile(rf"{re.escape(told)} {FOR_SECONDS}\n")
    service = stack.service(SLEEPER, lambda: spoken.search(stack.screen.getvalue()) is not None, missing)
    async with asyncio.timeout(60):
        await stack.supervisor.start([service])
    assert stack.screen.getvalue().count("waiting for") == 1


async def test_a_slow_errand_says_its_name(stack: Stack, tmp_path: Path) -> None:
    script = "import os, sys, time\nwhile not os.path.exists(sys.argv[1]): time.sleep(0.01)"
    go = tmp_path / "go"
    errand = asyncio.create_task(stack.supervisor.errand("prepare", python(script, str(go)), "no way out"))
    await stack.screen.shows("waiting for prepare (")
    assert re.search(rf"waiting for prepare {FOR_SECONDS}", stack.screen.getvalue())
    go.touch()
    await errand


async def test_a_slow_end_says_whose(stack: Stack) -> None:
    await stack.supervisor.start([stack.service(STUBBORN, lambda: "deaf" in stack.screen.getvalue())])
    ending = asyncio.create_task(stack.supervisor.stop())
    await stack.screen.shows("waiting for slow to end (")
    assert re.search(rf"waiting for slow to end {FOR_SECONDS}", stack.screen.getvalue())
    stack.supervisor.kill(Rank.ENGINE)
    await ending
    assert "started again" not in stack.screen.getvalue()


async def test_a_short_wait_is_not_spoken_of_and_a_failure_is_passed_on() -> None:
    said: list[str] = []

    async def fail() -> None:
        raise StackError("it broke", "mend it")

    with pytest.raises(StackError, match="it broke"):
        await spoken_of(fail(), lambda: "anything", said.append)
    assert said == []


async def test_who_stops_waiting_ends_what_was_waited_for() -> None:
    begun, ended = asyncio.Event(), asyncio.Event()

    async def work() -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    waiting = asyncio.create_task(spoken_of(work(), lambda: "work", print))
    await begun.wait()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert ended.is_set()


async def test_the_last_words_wait_until_the_processes_have_said_theirs(stack: Stack) -> None:
    for number in range(4):
        asyncio.get_running_loop().call_later(0.1 * number, stack.report.line, "worker", f"line {number}")
    stack.report.line("worker", "ready.")
    await stack.supervisor.fall_silent()
    assert "line 3" in stack.screen.getvalue()


async def test_a_process_that_never_falls_silent_does_not_keep_the_last_words_back(stack: Stack) -> None:
    async def chatter() -> None:
        while True:
            stack.report.line("web", "request")
            await asyncio.sleep(0.05)

    talking = asyncio.create_task(chatter())
    began = time.monotonic()
    await stack.supervisor.fall_silent()
    assert time.monotonic() - began < 10
    talking.cancel()
