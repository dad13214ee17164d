"""Flame graphs of the web process and the worker while a measure runs, by py-spy: where the time goes."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil  # type: ignore[import-untyped]

from tests.bench.machine import WEB, WORKER, Machine

SAMPLES_A_SECOND = 200
LONGEST_S = 600
ENDS_WITHIN_S = 30
"""py-spy draws its picture at the end."""

ROLES = {"web": WEB, "worker": WORKER}


class CannotLook(Exception):
    """py-spy is not there, or may not look into other processes; the message says the way out."""


def check_py_spy() -> None:
    """Raises CannotLook."""
    if _py_spy() is None:
        raise CannotLook("py-spy is not installed: `make bench` installs it.")
    scope = Path("/proc/sys/kernel/yama/ptrace_scope")
    if os.geteuid() != 0 and scope.exists() and scope.read_text().strip() != "0":
        raise CannotLook(
            "py-spy may not look into other processes here: run this as root, or `sysctl kernel.yama.ptrace_scope=0`."
        )


@contextmanager
def watched(machine: Machine, measure: str, folder: Path) -> Iterator[list[Path]]:
    """Sample while the block runs; the pictures, one for each role, are there when it has ended.

    Only who holds the interpreter is counted: it is what a process has one of. The processes are not stopped for a
    look, so a few samples are torn.
    """
    folder.mkdir(parents=True, exist_ok=True)
    pictures = [folder / f"{measure}-{role}.svg" for role in ROLES]
    with (folder / "py-spy.log").open("ab") as log:
        lookers = [
            _look(process, picture, log.fileno())
            for mark, picture in zip(ROLES.values(), pictures, strict=True)
            for process in machine.processes(mark)[:1]
        ]
    try:
        yield pictures
    finally:
        for looker in lookers:
            looker.send_signal(signal.SIGINT)
        for looker in lookers:
            looker.wait(ENDS_WITHIN_S)


def _look(process: psutil.Process, picture: Path, log: int) -> "subprocess.Popen[bytes]":
    command = [
        *(str(_py_spy()), "record", "--nonblocking", "--gil", "--pid", str(process.pid), "--output", str(picture)),
        *("--format", "flamegraph", "--rate", str(SAMPLES_A_SECOND), "--duration", str(LONGEST_S)),
    ]
    return subprocess.Popen(command, stdout=log, stderr=log)


def _py_spy() -> str | None:
    return shutil.which("py-spy", path=os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")]))
