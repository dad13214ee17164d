"""A bench that is ended from outside leaves nothing behind."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.bench.machine import ROOT
from tests.oasst_site.stack.stack_run import started_in

PATIENCE_S = 60.0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_its_stack_ends_with_it(tmp_path: Path, number: signal.Signals) -> None:
    environ = os.environ | {"LOCAL_DIR": str(tmp_path)}
    bench = subprocess.Popen(
        [sys.executable, "-m", "tests.bench", "idle"], cwd=ROOT, env=environ, stderr=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    until(lambda: "starting postgres" in said(tmp_path), "the stack starts", tmp_path)
    assert len(started_in(tmp_path)) > 2
    bench.send_signal(number)
    assert bench.wait(PATIENCE_S) != 0
    until(lambda: not started_in(tmp_path), "nothing is left", tmp_path)


def until(look, what: str, folder: Path) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not look():
        assert time.monotonic() < deadline, f"{what}: {started_in(folder)}\n{said(folder)}"
        time.sleep(0.05)


def said(folder: Path) -> str:
    log = folder / "bench" / "up.log"
    return log.read_text(errors="replace") if log.exists() else ""
