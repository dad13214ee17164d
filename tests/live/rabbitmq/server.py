"""A RabbitMQ of the tests' own, as Debian's rabbitmq-server installs it: in a folder, on ports of its own."""

import os
import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from oasst_site.stack.ports import LOOPBACK, free_port

PROGRAMS = Path("/usr/lib/rabbitmq/bin")
"""Not those in /usr/sbin, which insist on the system's own user and folders."""
EPMD = shutil.which("epmd")
IS_INSTALLED = EPMD is not None and (PROGRAMS / "rabbitmq-server").exists()
READY_S = 120.0
STOP_S = 60.0
LOOK_EVERY_S = 0.05


class RabbitFailed(Exception):
    """RabbitMQ ended or was not ready in time; the message ends in its last lines."""


@dataclass
class RabbitServer:
    """One broker. It keeps its queues in the folder, so that it can be killed and started again."""

    folder: Path
    port: int = field(default_factory=free_port)
    node: str = field(default_factory=lambda: f"tests-{secrets.token_hex(4)}@localhost")
    _epmd_port: int = field(default_factory=free_port)
    _dist_port: int = field(default_factory=free_port)
    _process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """What CELERY_BROKER_URL has to be."""
        return f"amqp://guest:guest@{LOOPBACK}:{self.port}//"

    def start(self) -> None:
        """Start it and wait until it takes connections. Raises RabbitFailed."""
        (self.folder / "plugins").write_text("[].", encoding="ascii")
        with self._log.open("ab") as output:
            self._process = subprocess.Popen(
                [PROGRAMS / "rabbitmq-server"],
                env=self._environ,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        deadline = time.monotonic() + READY_S
        while not self._is_ready():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise RabbitFailed("\n".join(self._log.read_text(errors="replace").splitlines()[-20:]))
            time.sleep(LOOK_EVERY_S)

    def send(self, number: signal.Signals) -> None:
        """Signal it, with all of its group."""
        assert self._process is not None, "it was never started"
        os.killpg(self._process.pid, number)

    def kill(self) -> None:
        """SIGKILL."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """End it in order."""
        self._end(signal.SIGTERM)

    def _end(self, number: signal.Signals) -> None:
        process = self._process
        if process is None or process.poll() is not None:
            return
        self.send(number)
        try:
            process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self.send(signal.SIGKILL)
            process.wait()

    def ctl(self, *arguments: str) -> str:
        """What `rabbitmqctl` says."""
        command = [str(PROGRAMS / "rabbitmqctl"), "-q", "-n", self.node, *arguments]
        return subprocess.run(
            command, env=self._environ, check=True, timeout=60, stdout=subprocess.PIPE, text=True
        ).stdout

    @contextmanager
    def running(self) -> Iterator["RabbitServer"]:
        """Started, with the Erlang port mapper that it needs; both end with the block."""
        assert EPMD is not None, "the tests are skipped without it"
        mapper = subprocess.Popen([EPMD, "-address", LOOPBACK, "-port", str(self._epmd_port)])
        try:
            self.start()
            yield self
        finally:
            self.stop()
            mapper.terminate()
            mapper.wait()

    @property
    def _log(self) -> Path:
        return self.folder / "rabbitmq.log"

    @property
    def _environ(self) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "LANG": "C.UTF-8",
            "ERL_EPMD_ADDRESS": LOOPBACK,
            "ERL_EPMD_PORT": str(self._epmd_port),
            "RABBITMQ_NODENAME": self.node,
            "RABBITMQ_NODE_IP_ADDRESS": LOOPBACK,
            "RABBITMQ_NODE_PORT": str(self.port),
            "RABBITMQ_DIST_PORT": str(self._dist_port),
            "RABBITMQ_MNESIA_BASE": str(self.folder / "data"),
            "RABBITMQ_LOG_BASE": str(self.folder / "log"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.folder / "plugins"),
            "RABBITMQ_CONFIG_FILE": str(self.folder / "none"),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "+S 1:1 +sbwt none",  # one of many on this machine
        }

    def _is_ready(self) -> bool:
        """Whether it speaks: it answers a greeting of another protocol with its own."""
        try:
            with socket.create_connection((LOOPBACK, self.port), timeout=1) as connection:
                connection.sendall(b"HELO0000")
                return connection.recv(4) == b"AMQP"
        except OSError:
            return False
