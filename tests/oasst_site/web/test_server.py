"""The web server's own two promises, against real sockets."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from oasst_site.stack.ports import free_port
from oasst_site.web.command import MAX_WEBSOCKET_MESSAGE
from tests.oasst_site.web.flood import TIMES

ROOT = Path(__file__).resolve().parents[3]
START = """
import asyncio, sys, uvloop
asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())
from oasst_site.web.command import MAX_WEBSOCKET_MESSAGE, WebCommand
limit = ["--websocket-max-message-size", str(MAX_WEBSOCKET_MESSAGE)]
WebCommand().run(["-b", "127.0.0.1", "-p", sys.argv[1], "-v", "0", *limit, "tests.oasst_site.web.flood:application"])
"""
BOUND = 8 * 1024 * 1024
"""Both kernels' socket buffers on loopback and the server's own 64 KiB together stay below this; a flood does not."""


class FloodServer:
    """The web server in a process of its own."""

    def __init__(self) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        environment = {**os.environ, "DEBUG": "true", "PYTHONPATH": str(ROOT)}
        self.process = subprocess.Popen([sys.executable, "-c", START, str(self.port)], cwd=ROOT, env=environment)

    def answers(self) -> bool:
        with contextlib.suppress(OSError):
            return bool(self.counts())
        return False

    def counts(self) -> dict[str, int]:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/counts", timeout=60) as answer:
            return json.load(answer)

    def until(self, condition, what: str) -> None:
        deadline = time.monotonic() + 60
        while not condition():
            assert time.monotonic() < deadline, f"waited 60 s until {what}"
            assert self.process.poll() is None, "the server died"
            time.sleep(0.02)

    def until_steady(self, kind: str) -> int:
        """What has been sent once it no longer grows from one look to the next."""
        looks = [-1]

        def steady() -> bool:
            looks.append(self.counts()[kind])
            return looks[-1] > 0 and len(looks) > 10 and looks[-1] == looks[-10]

        self.until(steady, f"the {kind} flood stands still")
        return looks[-1]


@pytest.fixture
def server() -> Iterator[FloodServer]:
    server = FloodServer()
    try:
        server.until(server.answers, "the server answers")
        yield server
    finally:
        server.process.kill()
        server.process.wait()


def test_a_stream_waits_for_a_client_that_does_not_read(server: FloodServer) -> None:
    with socket.create_connection(("127.0.0.1", server.port)) as client:
        client.sendall(b"GET /flood HTTP/1.1\r\nHost: x\r\n\r\n")
        before = server.until_steady("http")
        assert before < BOUND
        received = 0
        while received < before + BOUND:  # it goes on as soon as it is read
            received += len(client.recv(1 << 20))
    server.until(lambda: server.counts()["ended"] == 1, "the stream of the client that left has ended")


def test_a_form_reaches_the_application_whatever_twisted_would_think_of_it(server: FloodServer) -> None:
    kinds = ("multipart/form-data", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded")
    for kind in kinds:
        form = urllib.request.Request(
            f"http://127.0.0.1:{server.port}/counts", data=b"no form at all", headers={"Content-Type": kind}
        )
        with urllib.request.urlopen(form, timeout=60) as answer:
            assert "ended" in json.load(answer)


def test_a_websocket_waits_for_a_client_that_does_not_read(server: FloodServer) -> None:
    with connect(f"ws://127.0.0.1:{server.port}/flood", max_queue=1, close_timeout=0.1) as client:
        before = server.until_steady("websocket")
        assert before < BOUND
        received = 0
        while received < before + BOUND:
            received += len(client.recv(timeout=60))


def test_a_stopping_server_tells_its_websockets_to_come_back(server: FloodServer) -> None:
    with connect(f"ws://127.0.0.1:{server.port}/idle") as client:
        server.process.send_signal(signal.SIGTERM)
        with pytest.raises(ConnectionClosed) as closed:
            client.recv(timeout=60)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1012
    assert server.process.wait(timeout=60) == 0


def test_the_limit_for_commands_is_none_for_what_the_server_says(server: FloodServer) -> None:
    with connect(f"ws://127.0.0.1:{server.port}/echo", max_size=None) as client:
        command = "x" * MAX_WEBSOCKET_MESSAGE
        client.send(command)
        assert client.recv(timeout=60) == command * TIMES
        client.send(command + "x")
        with pytest.raises(ConnectionClosed):
            client.recv(timeout=60)


SLOW_START = """
import asyncio, sys, time, uvloop
asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())
from oasst_site.web.command import main
from twisted.internet import reactor
reactor.addSystemEventTrigger("before", "startup", time.sleep, 1)
main(sys.argv[1:])
"""


@contextlib.contextmanager
def by_hand(port: int, *program: str) -> Iterator[subprocess.Popen[str]]:
    """The command of docs/development.md, or another program that takes its options."""
    with subprocess.Popen(
        [sys.executable, *(program or ("-m", "oasst_site.web")), "-p", str(port)],
        cwd=ROOT,
        env={**os.environ, "DEBUG": "true"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def test_who_has_the_port_is_told_and_how_to_choose_another():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with by_hand(port) as second:
            said, _ = second.communicate(timeout=60)
    assert second.returncode == 1
    assert f"Port {port} on 127.0.0.1 is in use" in said
    assert f"(process {os.getpid()}). Choose another: -p {port + 1}" in said
    assert len(said.splitlines()) == 1


@pytest.mark.parametrize("program", [(), ("-c", SLOW_START)], ids=["as it is", "slow to start"])
def test_ctrl_c_ends_it_from_the_moment_in_which_it_says_so(program):
    """Twisted swallows one that comes before its reactor runs."""
    port = free_port()
    with by_hand(port, *program) as process:
        assert process.stdout is not None
        assert f"Listening on http://127.0.0.1:{port}; Ctrl-C ends it" in process.stdout.readline()
        process.send_signal(signal.SIGINT)
        process.wait(60)
