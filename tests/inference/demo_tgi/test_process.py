"""``python -m inference.demo_tgi`` as a process."""

import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
COMMAND = (sys.executable, "-m", "inference.demo_tgi")


@contextmanager
def demo(*arguments: str, **environment: str) -> Iterator[tuple[subprocess.Popen[str], str, int]]:
    """A running process, its first line and its port."""
    with subprocess.Popen(
        [*COMMAND, "--port", "0", *arguments], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            found = re.search(r"http://127\.0\.0\.1:(\d+)", line)
            assert found, line
            yield process, line, int(found[1])
        finally:
            process.kill()


def fails(*arguments: str, **environment: str) -> str:
    """The last line on stderr of a start that cannot succeed."""
    done = subprocess.run([*COMMAND, *arguments], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=90)
    assert done.returncode == 2, done
    assert "Traceback" not in done.stderr
    return done.stderr.strip().splitlines()[-1]


def open_stream(port: int) -> HTTPConnection:
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    body = b'{"inputs": "hello", "parameters": {"max_new_tokens": 1000}}'
    connection.request("POST", "/generate_stream", body, {"Content-Type": "application/json"})
    return connection


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_quickly_though_replies_are_streaming(stop: signal.Signals):
    with demo("--model", "_lorem", "--tokens-per-second", "20") as (process, _, port):
        connection = open_stream(port)
        assert connection.getresponse().readline().startswith(b"data:")
        process.send_signal(stop)
        assert process.wait(timeout=20) == 0
        connection.close()


def test_its_first_line_tells_where_it_listens_and_how_fast_it_types():
    with demo() as (_, line, _port):
        assert line.rstrip().endswith("(model demo, 60 tokens/s)")
    with demo("--model", "_lorem", LOREM_TOKENS_PER_SECOND="0") as (_, line, _port):
        assert line.rstrip().endswith("(model _lorem, as fast as it can)")
    with demo("--model", "_lorem", "--tokens-per-second", "5", LOREM_TOKENS_PER_SECOND="0") as (_, line, _port):
        assert line.rstrip().endswith("(model _lorem, 5 tokens/s)")


def test_a_busy_port_is_told_in_one_line():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert fails("--port", str(port)) == (
            f"demo_tgi: port {port} on 127.0.0.1 is in use; stop the program that listens there "
            "or give another --port (0 picks a free one)"
        )


@pytest.mark.parametrize(
    ("arguments", "environment", "told"),
    [
        (["--port", "70000"], {}, "'70000' is no port; give a number from 0 to 65535"),
        (["--tokens-per-second", "-1"], {}, "'-1' is no speed"),
        (["--docs", "no/such/folder"], {}, "'no/such/folder' is no folder"),
        (["--max-total-tokens", "0"], {}, "'0' is no positive whole number"),
        (
            ["--max-input-tokens", "9", "--max-total-tokens", "8"],
            {},
            "--max-input-tokens 9 is more than --max-total-tokens 8",
        ),
        (
            ["--model", "_lorem"],
            {"LOREM_TOKENS_PER_SECOND": "fast"},
            "environment variable LOREM_TOKENS_PER_SECOND: 'fast' is no speed",
        ),
        (["--host", "no-such-host.invalid"], {}, "cannot listen on port 8080 on no-such-host.invalid"),
    ],
)
def test_wrong_options_are_told_in_one_line(arguments: list[str], environment: dict[str, str], told: str):
    assert told in fails(*arguments, **environment)
