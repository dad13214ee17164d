"""The code blocks of a document that are meant to be typed, and the terminals that they are typed into."""

import os
import re
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Timer

from tests.oasst_site.stack.stack_run import ROOT

BLOCK = re.compile(r'^```(?P<language>\w+)(?: title="(?P<title>[^"]+)")?\n(?P<text>.*?)^```', re.MULTILINE | re.DOTALL)
PATIENCE_S = 180.0
END_MARK = "--- typed ---"


@dataclass(frozen=True)
class Block:
    """One code block. title: the terminal or file that it belongs to; may be empty."""

    language: str
    title: str
    text: str


def blocks(markdown: str) -> list[Block]:
    """The code blocks of this text, in order."""
    return [Block(found["language"], found["title"] or "", found["text"]) for found in BLOCK.finditer(markdown)]


def section(page: str, heading: str) -> str:
    """The text of docs/PAGE below this heading, up to the next one of the same level or above."""
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    level = heading.split(" ")[0]
    _, _, rest = text.partition(f"\n{heading}\n")
    assert rest, f"docs/{page} has no {heading!r}"
    return re.split(rf"^#{{1,{len(level)}}} ", rest, maxsplit=1, flags=re.MULTILINE)[0]


class Terminal:
    """A shell that runs what was typed into it; its output is kept."""

    def __init__(self, name: str, typed: str, output: Path, environ: Mapping[str, str]) -> None:
        self.name = name
        self._output = output
        with output.open("wb") as file:
            self.process = subprocess.Popen(
                ["bash", "-euo", "pipefail", "-c", typed],
                cwd=ROOT,
                env=dict(environ),
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def output(self) -> str:
        """Everything that it has shown."""
        return self._output.read_text(errors="replace")

    def shows(self, text: str) -> None:
        """Wait until it has shown this. Raises AssertionError with what it shows instead."""
        deadline = time.monotonic() + PATIENCE_S
        while text not in self.output:
            ended = self.process.poll()
            assert ended is None, f"{self.name} has ended ({ended}):\n{self.output}"
            assert time.monotonic() < deadline, f"{self.name} does not show {text!r}:\n{self.output}"
            time.sleep(0.05)

    def ctrl_c(self) -> None:
        """Press it: the whole terminal gets the signal. Waits for the end."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGINT)
            try:
                self.process.wait(60)
            finally:
                if self.process.poll() is None:
                    os.killpg(self.process.pid, signal.SIGKILL)
                    self.process.wait()


class Shell:
    """A shell that one block after the other is typed into; what a block sets is there for the next one."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(
            ["bash", "-eo", "pipefail"],
            cwd=ROOT,
            env=dict(environ),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def type(self, text: str) -> str:
        """What it shows for it. Raises AssertionError when a command fails."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{text}\necho\necho {END_MARK}\n")
        self._process.stdin.flush()
        shown: list[str] = []
        watch = Timer(PATIENCE_S, self._process.kill)
        watch.start()
        try:
            for line in self._process.stdout:
                if line.strip() == END_MARK:
                    return "".join(shown)
                shown.append(line)
        finally:
            watch.cancel()
        raise AssertionError(f"a command of this failed or never ended:\n{text}\n{''.join(shown)}")

    def close(self) -> None:
        """Leave it."""
        self._process.kill()
        self._process.communicate()


@contextmanager
def terminals() -> Iterator[list[Terminal]]:
    """Terminals that are added to the list get Ctrl-C at the end, the last one first."""
    opened: list[Terminal] = []
    try:
        yield opened
    finally:
        for terminal in reversed(opened):
            terminal.ctrl_c()
