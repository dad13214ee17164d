"""One process of the stack under test: started, signalled, killed, started again."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from oasst_site.stack.command import Command

ROOT = Path(__file__).resolve().parents[2]
READY_S = 120.0
STOP_S = 60.0
LOOK_EVERY_S = 0.05


class NotReady(Exception):
    """The process ended at its start or was not ready in time; the message ends in its last lines."""


@dataclass
class Program:
    """A program that is run again and again. `ready` makes, before each start, the look that says it is up."""

    name: str
    command: Command
    log: Path
    ready: Callable[[], Callable[[], bool]]
    stop_signal: signal.Signals = signal.SIGTERM
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    @property
    def pid(self) -> int:
        """Of the process that runs now."""
        assert self.process is not None, f"{self.name} was never started"
        return self.process.pid

    @property
    def runs(self) -> bool:
        """Started and not ended."""
        return self.process is not None and self.process.poll() is None

    async def start(self) -> None:
        """Start it and wait until it is up. Raises NotReady."""
        is_ready = await asyncio.to_thread(self.ready)
        self.process = self._spawn()
        deadline = time.monotonic() + READY_S
        while not await asyncio.to_thread(is_ready):
            if not self.runs or time.monotonic() > deadline:
                code = self.process.poll()
                await self.kill()
                raise NotReady(f"{self.name} is not up (exit {code}):\n{self.last_lines()}")
            await asyncio.sleep(LOOK_EVERY_S)

    def _spawn(self) -> subprocess.Popen[bytes]:
        """In the loop's own thread: the process dies with the thread that started it (stack/command.py)."""
        with self.log.open("ab") as output:
            return subprocess.Popen(
                list(self.command.argv), stdout=output, stderr=subprocess.STDOUT, **self.command.popen_arguments()
            )

    def send(self, number: signal.Signals) -> None:
        """Signal it, with all of its group."""
        os.killpg(self.pid, number)

    async def kill(self) -> None:
        """SIGKILL."""
        if self.runs:
            with contextlib.suppress(ProcessLookupError):
                self.send(signal.SIGKILL)
            await self.ended(STOP_S)

    async def ended(self, within_s: float) -> int:
        """Wait for its end; the exit code. Raises TimeoutError."""
        assert self.process is not None, f"{self.name} was never started"
        process = self.process
        deadline = time.monotonic() + within_s
        while process.poll() is None:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{self.name} did not end within {within_s:g} s:\n{self.last_lines()}")
            await asyncio.sleep(0.01)
        return int(process.returncode)

    async def stop(self) -> None:
        """End it as the stack does; kill it when it does not end."""
        if not self.runs:
            return
        self.send(signal.SIGCONT)
        self.process.send_signal(self.stop_signal)  # type: ignore[union-attr]
        try:
            await self.ended(STOP_S)
        except TimeoutError:
            await self.kill()

    def last_lines(self, count: int = 25) -> str:
        """The end of its log."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-count:])


def python(*arguments: str, environ: Mapping[str, str]) -> Command:
    """A command line of this interpreter."""
    return Command(argv=[sys.executable, *arguments], env=environ, cwd=ROOT)


async def all_of(work: Sequence[Any]) -> None:
    """Run the coroutines at once; the first failure is raised after all have ended."""
    for outcome in await asyncio.gather(*work, return_exceptions=True):
        if isinstance(outcome, BaseException):
            raise outcome
