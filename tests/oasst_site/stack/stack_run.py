"""One `manage.py up` under test: its own folder and port, its lines, its processes."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped]

ROOT = Path(__file__).resolve().parents[3]
LOOK_EVERY_S = 0.05
READY = "Chat:  "
OURS = ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "ALLOW_DEBUG_AUTH", "DJANGO_SETTINGS_MODULE", "PORT", "HOST", "WEB")


def environment(**given: str) -> dict[str, str]:
    """A newcomer's: what this test run has set for itself is not in it."""
    return {name: value for name, value in os.environ.items() if name not in OURS} | given


class StackRun:
    """A process of `manage.py up`; every process that it starts carries its folder in the environment."""

    def __init__(self, folder: Path, *arguments: str, **environ: str) -> None:
        self.folder = folder
        self._out = folder.with_name(f"{folder.name}.out")  # beside it: it must be possible to begin without it
        with self._out.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "up", "--local-dir", str(folder), *arguments],
                cwd=ROOT,
                env=environment(LOCAL_DIR=str(folder), **environ),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def output(self) -> str:
        """Everything that it has said."""
        return self._out.read_text(errors="replace")

    def until(self, condition: Callable[[], Any], what: str, within_s: float = 180.0) -> None:
        """Wait for a condition. Raises AssertionError with the output."""
        deadline = time.monotonic() + within_s
        while not condition():
            assert time.monotonic() < deadline, f"not within {within_s:g} s: {what}\n{self.output}"
            time.sleep(LOOK_EVERY_S)

    def says(self, text: str, within_s: float = 180.0) -> None:
        """Wait until it says the text."""
        self.until(lambda: text in self.output or self.process.poll() is not None, f"it says {text!r}", within_s)
        assert text in self.output, self.output

    def ends(self, within_s: float = 120.0) -> int:
        """Wait for its end; the exit code. Nothing that it started may be left then."""
        self.until(lambda: self.process.poll() is not None, "it ends", within_s)
        left = self.processes()
        assert not left, f"left behind: {left}\n{self.output}"
        return int(self.process.returncode)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Signal it and wait for its end."""
        self.process.send_signal(number)
        return self.ends()

    def processes(self) -> list[psutil.Process]:
        """What it has started and still runs."""
        return [each for each in started_in(self.folder) if each.pid != self.process.pid]

    def pid_of(self, *words: str) -> int | None:
        """The process whose command line holds all the words."""
        for process in self.processes():
            try:
                line = " ".join(process.cmdline())
            except psutil.Error:
                continue
            if all(word in line for word in words):
                return int(process.pid)
        return None

    def refusal(self) -> str:
        """It must end by itself with exit code 1, without a trace; its last complaint."""
        assert self.ends() == 1, self.output
        assert "Traceback" not in self.output, self.output
        lines = [line for line in self.output.splitlines() if line.startswith("up ") and "stopped after" not in line]
        return lines[-1].split("|", 1)[1].strip()


def started_in(folder: Path) -> list[psutil.Process]:
    """Every process of a stack over this folder, its own included."""
    found = []
    for process in psutil.process_iter():
        try:
            # Servers write their titles over their environment; they live in their data folders.
            ours = process.environ().get("LOCAL_DIR") == str(folder) or folder in Path(process.cwd()).parents
            if ours and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except (psutil.Error, OSError):
            continue
    return found
