"""The lines that `manage.py up` prints: each with the name of the process that said it, in that name's colour."""

import os
import re
import sys
import time
from typing import TextIO

OWN = "up"
_COLOURS = (36, 33, 32, 35, 34, 96, 93, 92, 95, 94)
_BOLD, _RED, _DIM = 1, 31, 2
_CONTROLS = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|[\x00-\x08\x0b-\x1f\x7f\x80-\x9f]")
"""Terminal sequences and control characters: a process may log what a stranger sent it."""


class Report:
    """Writes named lines to a stream; colours only where a person looks and NO_COLOR is not set."""

    def __init__(self, stream: TextIO | None = None, colour: bool | None = None) -> None:
        self._stream = stream or sys.stdout
        if colour is None:
            colour = "FORCE_COLOR" in os.environ or (self._stream.isatty() and not os.environ.get("NO_COLOR"))
        self._colour = colour
        self._names: list[str] = []
        self._width = len("maintenance")
        self._heard_at = time.monotonic()

    @property
    def silent_s(self) -> float:
        """Seconds since a process last said something."""
        return time.monotonic() - self._heard_at

    def say(self, text: str) -> None:
        """A line of the stack's own."""
        self._write(OWN, text, _BOLD)

    def complain(self, text: str) -> None:
        """A line of the stack's own about something that went wrong."""
        self._write(OWN, text, _RED)

    def line(self, name: str, text: str) -> None:
        """A line of the process `name`."""
        self._heard_at = time.monotonic()
        if name not in self._names:
            self._names.append(name)
        self._write(name, text, _COLOURS[self._names.index(name) % len(_COLOURS)])

    def _write(self, name: str, text: str, code: int) -> None:
        text = printable(text)
        label = f"{name:<{self._width}} |"
        if self._colour:
            label = f"\x1b[{code}m{label}\x1b[0m"
        if self._colour and name == OWN:
            text = f"\x1b[{code}m{text}\x1b[0m"
        try:
            self._stream.write(f"{label} {text}\n")
            self._stream.flush()
        except OSError:  # the terminal is gone, or `| head` has enough; the processes go on until they are stopped
            pass


def printable(text: str) -> str:
    """The text without what would steer a terminal."""
    return _CONTROLS.sub("", text.rstrip("\r\n"))
