"""Which processes make up the stack, and with which command lines."""

import socket
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from inference.model_config import ModelConfig
from oasst_site.stack.command import Command
from oasst_site.stack.folder import LocalFolder
from oasst_site.stack.options import ROOT, Options
from oasst_site.stack.ports import LOOPBACK, free_port
from oasst_site.stack.postgres import STOP_SIGNAL, PostgresServer
from oasst_site.stack.readiness import WorkerLook, http_answers, reconciler_works
from oasst_site.stack.service import Rank, Service
from oasst_site.stack.valkey import ValkeyServer

BEAT_SCHEDULE = "beat-schedule"
"""File in the stack's folder: when each periodic task was last sent."""

WEB_GRACE_S = 5.0
WORKER_GRACE_S = 10.0
DATABASE_GRACE_S = 60.0
"""It writes down what is in memory; killed, it only takes longer at the next start."""


def postgres_server(folder: LocalFolder, port: int | None = None) -> PostgresServer:
    """The embedded PostgreSQL of this folder, on this port or a free one. Raises StackError."""
    data = folder.path / "postgres"
    return PostgresServer(data=data, port=port or free_port(), password=folder.secret("postgres", guards=data))


def valkey_server(folder: LocalFolder, port: int | None = None) -> ValkeyServer:
    """The embedded Valkey of this folder, on this port or a free one. Raises StackError."""
    return ValkeyServer(data=folder.path / "valkey", port=port or free_port(), password=folder.secret("valkey"))


def database_service(server: PostgresServer, *, quiet: bool = True) -> Service:
    """Raises StackError."""
    return Service(
        name="postgres",
        rank=Rank.DATABASE,
        command=server.command,
        prepare=server.prepare,
        is_ready=server.is_ready,
        stop_signal=STOP_SIGNAL,
        grace_s=DATABASE_GRACE_S,
        quiet=quiet,
    )


def broker_service(server: ValkeyServer, *, quiet: bool = True) -> Service:
    """Raises StackError."""
    return Service(
        name="valkey",
        rank=Rank.BROKER,
        command=server.command,
        prepare=server.prepare,
        is_ready=server.is_ready,
        quiet=quiet,
    )


def engine_service(config: ModelConfig, port: int, environ: Mapping[str, str]) -> Service:
    """The demo TGI, as an engine of this model."""
    return Service(
        name="engine",
        rank=Rank.ENGINE,
        command=_python(
            *("-m", "inference.demo_tgi", "--host", LOOPBACK, "--port", str(port), "--model", config.name),
            *("--max-input-tokens", str(config.max_input_length), "--max-total-tokens", str(config.max_total_length)),
            environ=environ,
        ),
        is_ready=http_answers(LOOPBACK, port, "/health"),
    )


def prepare_command(environ: Mapping[str, str], worker_key_file: Path | None) -> Command:
    """What the database needs before the applications start (management/commands/prepare.py)."""
    key = () if worker_key_file is None else ("--worker-key-file", str(worker_key_file))
    return _python("manage.py", "prepare", *key, environ=environ)


def web_services(options: Options, listener: socket.socket, environ: Mapping[str, str]) -> list[Service]:
    """The web processes; all accept from the one listening socket."""
    address = listener.getsockname()
    host = LOOPBACK if address[0] == "0.0.0.0" else "::1" if address[0] == "::" else address[0]
    return [
        Service(
            name="web" if options.web == 1 else f"web-{number}",
            rank=Rank.APPLICATION,
            command=_python(
                *("-m", "oasst_site.web", "--fd", str(listener.fileno())),
                environ=environ,
                pass_fds=[listener.fileno()],
            ),
            is_ready=http_answers(host, address[1], "/healthz"),
            grace_s=WEB_GRACE_S,
        )
        for number in range(1, options.web + 1)
    ]


def worker_service(
    config: ModelConfig, engine_url: str, redis_url: str, environ: Mapping[str, str], seats: int | None = None
) -> Service:
    """The Celery worker of the model. seats: replies at a time, where the catalogue's number is not meant."""
    node = f"{config.name}-1"
    look = WorkerLook(redis_url, f"{node}@{socket.gethostname()}")
    return Service(
        name="worker",
        rank=Rank.APPLICATION,
        command=_celery(
            *("-n", f"{node}@%h", "--model", config.name, "--engine-url", engine_url),
            *(("-c", str(seats)) if seats else ()),
            environ=environ,
        ),
        is_ready=look,
        missing=lambda: look.closed_because,
        grace_s=WORKER_GRACE_S,
    )


def maintenance_service(redis_url: str, environ: Mapping[str, str]) -> Service:
    """The maintenance worker: reconciler and clean-up."""
    return Service(
        name="maintenance",
        rank=Rank.APPLICATION,
        command=_celery("-n", "maintenance@%h", "-Q", "maintenance", "-c", "1", environ=environ),
        is_ready=reconciler_works(redis_url),
        grace_s=WORKER_GRACE_S,
    )


def beat_service(folder: LocalFolder, environ: Mapping[str, str]) -> Service:
    """Celery beat: sends the clearing up at its times, and at the next start what it missed while the stack was down.

    A process of its own and no `-B` of the maintenance worker, which would fork it and could leave it behind.
    """
    schedule = folder.path / BEAT_SCHEDULE
    since = time.time()
    return Service(
        name="beat",
        rank=Rank.APPLICATION,
        command=_python(
            *("-m", "celery", "-A", "oasst_site", "--quiet", "beat", "-s", str(schedule)),
            environ=environ,
        ),
        # The file's ending is the business of the machine's dbm.
        is_ready=lambda: any(each.stat().st_mtime >= since for each in folder.path.glob(f"{BEAT_SCHEDULE}*")),
        grace_s=WORKER_GRACE_S,
    )


def _celery(*arguments: str, environ: Mapping[str, str]) -> Command:
    """Without the banner, without the look for neighbours that costs a second of every start, and without the word
    that root is discouraged: who runs this as root has been told so by everything else.
    """
    return _python(
        *("-W", "ignore:You're running the worker with superuser privileges"),
        *("-m", "celery", "-A", "oasst_site", "--quiet", "worker", "--without-mingle", "--without-gossip"),
        *arguments,
        environ=environ,
    )


def _python(*arguments: str, environ: Mapping[str, str], pass_fds: Sequence[int] = ()) -> Command:
    return Command(argv=[sys.executable, *arguments], env=environ, cwd=ROOT, pass_fds=pass_fds)
