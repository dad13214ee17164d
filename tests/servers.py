"""Real servers for tests: the stack's own PostgreSQL and Valkey, run for as long as a `with` block lasts."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from oasst_site.stack.postgres import PostgresServer
from oasst_site.stack.valkey import ValkeyServer

READY_S = 90.0
STOP_S = 60.0
POLL_S = 0.02


class ServerFailed(Exception):
    """The server ended or was not ready in time; the message ends in its last lines."""


def open_the_way(folder: Path) -> None:
    """Let PostgreSQL reach a folder of pytest's: it may run as another user (oasst_site/stack/other_user.py)."""
    for each in (folder, *folder.parents[:2]):
        each.chmod(0o711)


@contextmanager
def running(server: PostgresServer | ValkeyServer, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Prepare and start the server, wait until it is ready, stop it at the end. Raises ServerFailed."""
    server.prepare()
    process = start(server, log)
    try:
        yield process
    finally:
        stop(process, server)


def start(server: PostgresServer | ValkeyServer, log: Path) -> subprocess.Popen[bytes]:
    """Start a prepared server and wait until it is ready. Raises ServerFailed."""
    with log.open("ab") as output:
        process = subprocess.Popen(
            list(server.command.argv), stdout=output, stderr=subprocess.STDOUT, **server.command.popen_arguments()
        )
    deadline = time.monotonic() + READY_S
    while not server.is_ready():
        if process.poll() is not None or time.monotonic() > deadline:
            process.kill()
            process.wait()
            lines = log.read_text(errors="replace").splitlines()[-15:]
            raise ServerFailed(
                "\n".join([f"{type(server).__name__} is not ready (exit {process.returncode}):", *lines])
            )
        time.sleep(POLL_S)
    return process


def stop(process: subprocess.Popen[bytes], server: PostgresServer | ValkeyServer) -> None:
    """End the server as the stack does; kill it when it does not end in time."""
    if process.poll() is None:
        process.send_signal(server.command.death_signal)
        try:
            process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
