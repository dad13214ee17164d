"""One running process: started, read line by line, waited for, stopped with all of its group."""

import asyncio
import contextlib
import os
import re
import signal
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path

from oasst_site.stack.command import Command

KEPT_LINES = 60
LONGEST_LINE = 8192
"""Bytes; a longer line is shown in pieces."""
KILLED_S = 5.0
_LINE_END = re.compile(rb"\r?\n|\r")


class Process:
    """A process that has been started. Make one with `Process.start`."""

    def __init__(self, inner: asyncio.subprocess.Process, on_line: Callable[[str], None], log: Path) -> None:
        self._inner = inner
        self._on_line = on_line
        self.pid = inner.pid
        self.started = time.monotonic()
        self.lines: deque[str] = deque(maxlen=KEPT_LINES)
        """The last lines that it said."""
        self._reading = asyncio.create_task(self._read(log))
        self._ended = asyncio.create_task(self._wait())

    @classmethod
    async def start(cls, command: Command, on_line: Callable[[str], None], log: Path) -> "Process":
        """Start the command. Raises OSError when it cannot be run."""
        inner = await asyncio.create_subprocess_exec(
            *command.argv,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            limit=LONGEST_LINE,
            **command.popen_arguments(),
        )
        return cls(inner, on_line, log)

    @property
    def ran_s(self) -> float:
        """Seconds since its start."""
        return time.monotonic() - self.started

    async def ended(self) -> int:
        """Wait for its end and the end of its output; the exit code, negative for a signal."""
        return await asyncio.shield(self._ended)

    async def stop(self, stop_signal: signal.Signals, grace_s: float) -> int:
        """Ask it to end, insist after `grace_s` seconds. The exit code."""
        self._send(stop_signal)
        self._send(signal.SIGCONT)  # a stopped process hears nothing else
        with contextlib.suppress(TimeoutError):
            return await asyncio.wait_for(self.ended(), grace_s)
        self.kill()
        return await self.ended()

    def kill(self) -> None:
        """SIGKILL to the process and all of its group."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)

    def _send(self, which: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError):
            self._inner.send_signal(which)

    async def _wait(self) -> int:
        code = await self._inner.wait()
        self.kill()  # what it leaves in its group, which would also hold its output open
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._reading, KILLED_S)
        return code

    async def _read(self, log: Path) -> None:
        assert self._inner.stdout is not None, "started with a pipe"
        with contextlib.ExitStack() as stack:
            keep: Callable[[bytes], object] = bool
            with contextlib.suppress(OSError):
                keep = stack.enter_context(log.open("ab", buffering=0)).write
            async for line in _lines(self._inner.stdout):
                with contextlib.suppress(OSError):  # a full disk must not end the stack
                    keep(line + b"\n")
                text = line.decode("utf-8", "replace")
                self.lines.append(text)
                self._on_line(text)


async def _lines(stream: asyncio.StreamReader) -> AsyncIterator[bytes]:
    """The lines without their ends; what a progress bar renews by a carriage return is a line each time."""
    pending = b""
    while data := await stream.read(LONGEST_LINE):
        *lines, pending = _LINE_END.split(pending + data)
        whole = len(pending) // LONGEST_LINE * LONGEST_LINE
        if whole:
            lines.append(pending[:whole])
            pending = pending[whole:]
        for line in lines:
            for at in range(0, max(len(line), 1), LONGEST_LINE):
                yield line[at : at + LONGEST_LINE]
    if pending:
        yield pending


def last_words(lines: Sequence[str]) -> str:
    """The line of its output that says best why a process ended: npm's first complaint, everybody else's last line."""
    said = [line.strip() for line in lines if line.strip()]
    complaints = [line for line in said if re.match(r"npm error (?!code |errno |syscall |path )", line)]
    return complaints[0] if complaints else said[-1] if said else "it said nothing"


def reason(code: int) -> str:
    """An exit code as a person would say it."""
    if code >= 0:
        return f"exit code {code}"
    try:
        return signal.Signals(-code).name
    except ValueError:
        return f"signal {-code}"
