"""What hangs beyond its timeout fails with its name and its stack, and the other tests are run."""

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TIMEOUT_S = 2
PLUGINS = ("xdist.plugin", "pytest_timeout", "tests.side_by_side", "tests.overdue")
AROUND = "def test_before(): pass\n{}\ndef test_after(): pass\n"

THREAD = """
from concurrent.futures import ThreadPoolExecutor
from threading import Event
def test_it():
    with ThreadPoolExecutor(1) as threads:
        threads.submit(Event().wait).result()
"""
LOOP = """
import asyncio, uvloop
def test_it():
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(asyncio.Event().wait())
"""
FIXTURE = """
import pytest, subprocess
@pytest.fixture
def program():
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE) as program:  # it ends with us
        yield program
        program.wait()
def test_it(program):
    assert program.wait() == 0
"""
STOPPED = """
import os, signal
def test_it():
    os.kill(os.getpid(), signal.SIGSTOP)
"""


def run(folder: Path, *options: str, **files: str) -> subprocess.CompletedProcess[str]:
    for name, text in files.items():
        (folder / f"test_{name}.py").write_text(text, encoding="utf-8")
    (folder / "pytest.ini").write_text(f"[pytest]\ntimeout = {TIMEOUT_S}\n", encoding="utf-8")
    plugins = [word for name in PLUGINS for word in ("-p", name)]
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-v", "-p", "no:cacheprovider", *plugins, *options, str(folder)],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def outcomes(said: str) -> dict[str, str]:
    """Test -> what became of it."""
    return {test: outcome for outcome, test in re.findall(r"^\[gw\d+\] .*?(PASSED|FAILED) (\S+)", said, re.MULTILINE)}


def test_each_fails_by_name_and_with_its_stack_and_the_others_are_run(tmp_path: Path) -> None:
    files = {"thread": THREAD, "loop": LOOP, "fixture": FIXTURE}
    done = run(tmp_path, "-n", "2", **{name: AROUND.format(text) for name, text in files.items()}, one=LOOP)
    assert done.returncode == 1
    told = outcomes(done.stdout)
    assert {told.pop(f"test_{name}.py::test_it") for name in (*files, "one")} == {"FAILED"}
    assert told == {f"test_{name}.py::test_{when}": "PASSED" for name in files for when in ("before", "after")}
    for name in files:
        assert re.search(rf'File ".*test_{name}\.py", line \d+ in', done.stderr)
    assert "crashed while running 'test_loop.py::test_it'" in done.stdout


def test_in_a_single_process_the_stack_tells_which_it_is(tmp_path: Path) -> None:
    done = run(tmp_path, loop=AROUND.format(LOOP))
    assert done.returncode == 1
    assert re.search(r'File ".*test_loop\.py", line \d+ in test_it', done.stderr)


def test_a_process_that_is_stopped_is_told_by_its_test(tmp_path: Path) -> None:
    done = run(tmp_path, "-n", "1", stopped=AROUND.format(STOPPED))
    assert done.returncode == 1
    assert outcomes(done.stdout) == {
        f"test_stopped.py::test_{name}": outcome
        for name, outcome in (("before", "PASSED"), ("it", "FAILED"), ("after", "PASSED"))
    }
    assert f"Nothing heard for {2 * TIMEOUT_S} s of test_stopped.py::test_it" in done.stderr
