"""The text client on a real pseudo-terminal, its screen read through a terminal emulator."""

import asyncio
import fcntl
import os
import signal
import struct
import sys
import termios
from asyncio.subprocess import Process
from pathlib import Path
from typing import Any, Self

import pyte

ROOT = Path(__file__).resolve().parents[3]
ROWS, COLUMNS = 40, 60
LAUNCH = (
    "import os, runpy, signal, sys; os.login_tty(0); "
    "signal.signal(signal.SIGHUP, signal.SIG_DFL); "  # as a terminal's shell does; under nohup it is ignored
    "sys.argv[0] = 'text_client'; runpy.run_module('chats.text_client', run_name='__main__', alter_sys=True)"
)


class Terminal:
    """One client process on its own terminal of 40 rows and 60 columns."""

    def __init__(self, process: Process, master: int) -> None:
        self.process = process
        self.raw = b""
        self._master = master
        self._changed = asyncio.Event()
        self._screen = pyte.Screen(COLUMNS, ROWS)
        self._screen.write_process_input = self._answer  # type: ignore[method-assign]
        self._stream = pyte.ByteStream(self._screen)
        os.set_blocking(master, False)
        asyncio.get_running_loop().add_reader(master, self._read)

    @classmethod
    async def open(cls, *arguments: str, env: dict[str, str] | None = None) -> Self:
        """Start the client with these arguments."""
        master, slave = os.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-W", "error", "-c", LAUNCH, *arguments),
            cwd=ROOT,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env=os.environ | {"TERM": "xterm-256color"} | (env or {}),
        )
        os.close(slave)
        return cls(process, master)

    @property
    def lines(self) -> list[str]:
        """The screen's lines without trailing spaces, empty ones at the end left out."""
        return "\n".join(line.rstrip() for line in self._screen.display).rstrip().split("\n")

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    def style(self, word: str) -> Any:
        """The screen cell at which the word begins."""
        for row, line in enumerate(self._screen.display):
            if word in line:
                return self._screen.buffer[row][line.index(word)]
        raise AssertionError(f"{word!r} is not on the screen:\n{self.text}")

    def type(self, keys: str) -> None:
        os.write(self._master, keys.encode())

    async def until(self, condition: Any, timeout_s: float = 60.0) -> None:
        """Wait until the condition (a text on the screen, or a function) holds."""
        holds = condition if callable(condition) else (lambda: condition in self.text)
        try:
            async with asyncio.timeout(timeout_s):
                while not holds():
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            raise AssertionError(f"{condition!r} did not come; the screen:\n{self.text}") from None

    async def ended(self, timeout_s: float = 60.0) -> int:
        """Wait for the client's end; its exit code."""
        try:
            return await asyncio.wait_for(self.process.wait(), timeout_s)
        except TimeoutError:
            raise AssertionError(f"the client did not end; the screen:\n{self.text}") from None

    async def close(self) -> None:
        """End the client if it still runs."""
        asyncio.get_running_loop().remove_reader(self._master)
        if self.process.returncode is None:
            self.process.send_signal(signal.SIGKILL)
            await self.process.wait()
        os.close(self._master)

    def _read(self) -> None:
        try:
            data = os.read(self._master, 65536)
        except BlockingIOError:
            return
        except OSError:  # the other side is closed
            data = b""
        if not data:
            asyncio.get_running_loop().remove_reader(self._master)
        self.raw += data
        self._stream.feed(data)
        self._changed.set()

    def _answer(self, data: str) -> None:
        os.write(self._master, data.encode())
