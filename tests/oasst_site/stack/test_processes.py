"""Processes that the stack starts: their output, their end, and that none outlives it."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil  # type: ignore[import-untyped]
import pytest

from oasst_site.stack.command import Command
from oasst_site.stack.folder import LocalFolder
from oasst_site.stack.leftovers import Ledger
from oasst_site.stack.process import LONGEST_LINE, Process, last_words, reason
from oasst_site.stack.service import Rank

STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(600)"
)


def python(script: str) -> Command:
    return Command(argv=[sys.executable, "-c", script])


async def started(script: str, tmp_path: Path) -> tuple[Process, list[str]]:
    """A process and the lines that it says."""
    said: list[str] = []
    return await Process.start(python(script), said.append, tmp_path / "log"), said


def until(condition: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.01)


async def test_every_line_is_heard_and_kept_however_long_or_odd(tmp_path: Path) -> None:
    script = r"import sys; sys.stdout.buffer.write(b'one\n' + b'x' * 20000 + b'\n' + b'\xff\n' + b'last')"
    process, said = await started(script, tmp_path)
    assert await process.ended() == 0
    assert said[0] == "one"
    assert said[-2:] == ["�", "last"]
    assert "".join(said[1:-2]) == "x" * 20000
    assert max(map(len, said)) <= LONGEST_LINE
    assert (tmp_path / "log").read_bytes().startswith(b"one\n")


async def test_a_process_that_will_not_end_is_killed_with_all_that_it_started(tmp_path: Path) -> None:
    script = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {STUBBORN!r}]); {STUBBORN}"
    both_up = asyncio.Barrier(3)
    heard: set[asyncio.Task[object]] = set()
    process = await Process.start(
        python(script), lambda _: heard.add(asyncio.create_task(both_up.wait())), tmp_path / "log"
    )
    await both_up.wait()
    children = psutil.Process(process.pid).children()
    assert await process.stop(signal.SIGTERM, grace_s=0.2) == -signal.SIGKILL
    until(lambda: not any(each.is_running() and each.status() != "zombie" for each in children), "the child is gone")


async def test_a_frozen_process_hears_the_signal_to_end(tmp_path: Path) -> None:
    process, _ = await started("import time; time.sleep(600)", tmp_path)
    os.kill(process.pid, signal.SIGSTOP)
    assert await process.stop(signal.SIGTERM, grace_s=20) == -signal.SIGTERM


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's death signal is Linux'; elsewhere the ledger sweeps")
def test_a_process_does_not_outlive_a_stack_that_is_killed() -> None:
    script = (
        "import subprocess, sys, time\n"
        "from oasst_site.stack.command import Command\n"
        "command = Command(argv=[sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        "print(subprocess.Popen(command.argv, **command.popen_arguments()).pid, flush=True)\n"
        "time.sleep(600)\n"
    )
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = psutil.Process(int(parent.stdout.readline()))
        parent.kill()
        until(lambda: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE, "the child is gone")


def test_what_a_killed_stack_left_is_ended_by_the_next_and_a_stranger_is_spared(tmp_path: Path) -> None:
    folder = LocalFolder(tmp_path / "local")
    folder.claim()
    ledger = Ledger(folder)
    with (
        subprocess.Popen([sys.executable, "-c", STUBBORN], stdout=subprocess.PIPE, start_new_session=True) as left,
        subprocess.Popen([sys.executable, "-c", STUBBORN], stdout=subprocess.PIPE, start_new_session=True) as stranger,
    ):
        try:
            for each in (left, stranger):
                assert each.stdout is not None
                each.stdout.readline()
                ledger.add("web", each.pid, signal.SIGINT, Rank.APPLICATION)
            path = tmp_path / "local" / "processes.json"
            entries = json.loads(path.read_text())
            entries[1]["created"] -= 100  # its number was somebody else's then
            path.write_text(json.dumps(entries))
            assert Ledger(folder).sweep() == ["web"]
            left.wait(60)
            assert stranger.poll() is None
            assert Ledger(folder).sweep() == []
        finally:
            left.kill()
            stranger.kill()
    folder.release()


@pytest.mark.parametrize("text", ["", "[{]", "[1]", '[{"pid": 1}]'])
def test_a_spoilt_list_of_processes_is_no_obstacle(tmp_path: Path, text: str) -> None:
    folder = LocalFolder(tmp_path / "local")
    folder.claim()
    (tmp_path / "local" / "processes.json").write_text(text)
    assert Ledger(folder).sweep() == []
    folder.release()


def test_the_reason_of_an_end_is_said_as_people_say_it() -> None:
    assert (reason(2), reason(-9)) == ("exit code 2", "SIGKILL")
    npm = ["npm error code EAI_AGAIN", "npm error errno EAI_AGAIN", "npm error request to x failed", "npm error A log"]
    assert last_words(npm) == "npm error request to x failed"
    assert last_words(["ValueError: no", "", " "]) == "ValueError: no"
    assert last_words([]) == "it said nothing"
