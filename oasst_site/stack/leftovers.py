"""The list of running processes on disk, so that the next start can end what a killed stack left behind.

On Linux the kernel ends them with us (command.py); elsewhere, and for a process caught in between, this list does.
"""

import json
import os
import signal
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import partial

import psutil  # type: ignore[import-untyped]

from oasst_site.stack.folder import LocalFolder

PATIENCE_S = 10.0


@dataclass(frozen=True)
class Entry:
    """One process. A pid alone may be somebody else's by now: the time of its start belongs to it."""

    name: str
    pid: int
    created: float
    stop_signal: int
    rank: int


class Ledger:
    """The list in `.local/processes.json`, or, for a server that runs alone, in a file of its own."""

    def __init__(self, folder: LocalFolder, server: str = "") -> None:
        self._folder = folder
        self._path = folder.path / (f"processes-{server}.json" if server else "processes.json")
        self._entries: dict[int, Entry] = {}

    def add(self, name: str, pid: int, stop_signal: signal.Signals, rank: int) -> None:
        """A process has been started."""
        with suppress(psutil.Error):
            self._entries[pid] = Entry(name, pid, psutil.Process(pid).create_time(), int(stop_signal), rank)
            self._write()

    def remove(self, pid: int) -> None:
        """A process has ended."""
        if self._entries.pop(pid, None) is not None:
            self._write()

    def sweep(self) -> list[str]:
        """End every process of the list that still runs, applications first; their names. May take seconds."""
        left = [(entry, process) for entry in self._read() if (process := _alive(entry)) is not None]
        for rank in sorted({entry.rank for entry, _ in left}, reverse=True):
            group = [(entry, process) for entry, process in left if entry.rank == rank]
            for entry, process in group:
                _signal(process.send_signal, signal.Signals(entry.stop_signal))
                _signal(process.send_signal, signal.SIGCONT)
            psutil.wait_procs([process for _, process in group], timeout=PATIENCE_S)
            for entry, _ in group:
                _signal(partial(os.killpg, entry.pid), signal.SIGKILL)
            psutil.wait_procs([process for _, process in group], timeout=PATIENCE_S)
        self._write()
        return [entry.name for entry, _ in left]

    def _read(self) -> list[Entry]:
        try:
            return [Entry(**each) for each in json.loads(self._path.read_text(encoding="utf-8"))]
        except FileNotFoundError:
            return []
        except (ValueError, TypeError, OSError):  # half-written by a crash of the machine: nothing of it runs
            return []

    def _write(self) -> None:
        self._folder.write(self._path, json.dumps([asdict(entry) for entry in self._entries.values()]))


def _alive(entry: Entry) -> psutil.Process | None:
    try:
        process = psutil.Process(entry.pid)
        same = abs(process.create_time() - entry.created) < 1 and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return None
    return process if same else None


def _signal(send: Callable[[signal.Signals], object], which: signal.Signals) -> None:
    with suppress(psutil.Error, OSError):
        send(which)
