"""Ends what hangs where a test's timeout cannot end it, and says where.

pytest-timeout raises an exception in the test, once. Nothing comes of that in uvloop, behind an `except BaseException`,
in a callback of the event loop, at the end of an executor whose thread works on, and in what a fixture does after its
test has failed already. So each process that runs tests is ended some time later, by a thread that needs no
interpreter, with all stacks on stderr. Among several processes xdist then tells of its test as failed and begins
another process (tests/side_by_side.py). A process may be stopped, too: the one that hands out the tests ends those of
which it hears nothing.
"""

import faulthandler
import os
import threading
import time
from collections.abc import Generator

import psutil  # type: ignore[import-untyped]
import pytest

TO_END_S = 120.0
"""How long a process by itself may take when its last test is over."""


def pytest_configure(config: pytest.Config) -> None:
    """Where there is a timeout."""
    if timeout_s := float(config.getoption("timeout") or config.getini("timeout") or 0):
        config.pluginmanager.register(Overdue(timeout_s * 1.5))
        if config.getoption("numprocesses", None):
            config.pluginmanager.register(Silence(timeout_s * 2))


class Overdue:
    """For the process that runs tests: each has so long, all of its fixtures included, whatever failed meanwhile."""

    def __init__(self, patience_s: float) -> None:
        self._patience_s = patience_s
        self._until = 0.0
        self._stderr = os.dup(2)  # during a test it is captured

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self) -> Generator[None, object, object]:
        self._until = time.monotonic() + self._patience_s
        self._watch()
        try:
            return (yield)
        finally:
            faulthandler.cancel_dump_traceback_later()

    @pytest.hookimpl(trylast=True)
    def pytest_exception_interact(self) -> None:
        """pytest itself takes a failure for the beginning of a debugging session, and stops every such watch."""
        self._watch()

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """From now on also while threads and `atexit` are waited for. One of several processes waits for the others,
        however long, and is ended by the one that hands out the tests.
        """
        if not hasattr(session.config, "workerinput"):
            self._until = time.monotonic() + TO_END_S
            self._watch()

    def _watch(self) -> None:
        left_s = max(self._until - time.monotonic(), 1.0)
        faulthandler.dump_traceback_later(left_s, exit=True, file=self._stderr)


class Silence:
    """For the process that hands out the tests: it ends those that run some when none has said a word for so long."""

    def __init__(self, patience_s: float) -> None:
        self._patience_s = patience_s
        self._running: set[str] = set()
        self._timer: threading.Timer | None = None
        self._stderr = os.dup(2)

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self._running.add(nodeid)
        self._listen()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when not in ("setup", "call"):  # its end, or that of its process
            self._running.discard(report.nodeid)
        self._listen()

    def _listen(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if self._running:
            self._timer = threading.Timer(self._patience_s, self._end)
            self._timer.daemon = True
            self._timer.start()

    def _end(self) -> None:
        said = f"\nNothing heard for {self._patience_s:g} s of {', '.join(sorted(self._running))}\n"
        os.write(self._stderr, said.encode())
        for process in psutil.Process().children():
            process.kill()
