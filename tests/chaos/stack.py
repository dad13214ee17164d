"""The stack as it runs on many machines: each process by itself, so that each can be killed.

PostgreSQL, Valkey with its append-only file, the demo TGI, one web process, two workers of one model and a maintenance
worker, on ports of their own.
"""

import asyncio
import os
import secrets
import socket
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import aiohttp
import psycopg
import redis
from psycopg.rows import dict_row

from inference.demo_tgi import lorem_text
from inference.sessions import SessionInfo, SyncSessionRegistry
from oasst_site.stack.command import run
from oasst_site.stack.ports import LOOPBACK, free_port
from oasst_site.stack.postgres import STOP_SIGNAL, PostgresServer
from oasst_site.stack.readiness import client, http_answers, reconciler_works
from oasst_site.stack.valkey import ValkeyServer
from tests.chaos.person import Asked, Person
from tests.chaos.program import Program, all_of, python

MODEL = "chaos"
TOKENS_PER_SECOND = 50
LONGEST_PROMPT, LONGEST = 350_000, 400_000
"""Tokens: a reply of 1 MiB has about 180,000."""
SEATS = 12
ENGINE_TOKEN_TIMEOUT_S = 7.0
"""Longer than a worker is frozen: when it wakes, its engine's stream is still good, and it has text to write."""

MODELS = f"""
[models.{MODEL}]
model_id = "tests/{MODEL}"
prompt_format = "chatml"
max_input_length = {LONGEST_PROMPT}
max_total_length = {LONGEST}
max_parallel_requests = {SEATS}
"""

QUICKER = {"fsync": "off", "full_page_writes": "off"}
"""The machine does not crash here; a server that is killed loses nothing that it has committed."""

PREPARE_TIMEOUT_S = 120.0


@dataclass
class Stack:
    """All processes, and what a test asks them from outside."""

    url: str
    engine_url: str
    redis_url: str
    database_url: str
    environ: dict[str, str]
    postgres: Program
    valkey: Program
    engine: Program
    web: Program
    workers: dict[str, Program]
    """By Celery node name."""
    maintenance: Program
    _mending: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def programs(self) -> list[Program]:
        """In the order of their start."""
        return [self.postgres, self.valkey, self.engine, self.web, *self.workers.values(), self.maintenance]

    def expected(self, asked: Asked) -> str:
        """What the engine must say."""
        return lorem_text(asked.seed, asked.prompt, asked.max_new_tokens)

    # --- Postgres ---

    def row(self, message_id: str) -> dict[str, Any] | None:
        """The message's row; None: there is none. Raises psycopg.Error."""
        return next(iter(self.rows("SELECT * FROM chats_message WHERE id = %s", message_id)), None)

    def rows(self, query: str, *arguments: object) -> list[dict[str, Any]]:
        """The rows of a query. Raises psycopg.Error."""
        with psycopg.connect(self.database_url, connect_timeout=2, row_factory=dict_row) as connection:
            return connection.execute(query, arguments).fetchall()

    def unfinished(self) -> list[str]:
        """Every message that is pending or in progress."""
        return [
            f"{each['id']} {each['state']} attempt {each['attempt']}"
            for each in self.rows("SELECT * FROM chats_message WHERE state IN ('pending', 'in_progress')")
        ]

    async def state_is(self, message_id: str, *states: str, within_s: float = 60.0) -> dict[str, Any]:
        """Wait until the row is in one of the states; the row. Raises TimeoutError."""
        deadline = time.monotonic() + within_s
        while True:
            row = await asyncio.to_thread(self.row, message_id)
            if row is not None and row["state"] in states:
                return row
            if time.monotonic() > deadline:
                raise TimeoutError(f"message {message_id} is {row and row['state']} and not {states}")
            await asyncio.sleep(0.02)

    async def holder(self, asked: Asked) -> Program:
        """The worker that streams the reply."""
        row = await self.state_is(asked.message_id, "in_progress")
        return self.workers[row["worker_name"]]

    # --- Valkey ---

    def redis(self) -> redis.Redis:
        """A client for one use."""
        return client(self.redis_url)

    def sessions(self) -> dict[UUID, SessionInfo]:
        """The worker sessions that are registered. Raises redis.RedisError."""
        with closing(self.redis()) as connection:
            return SyncSessionRegistry(connection).live()

    def open_sessions(self) -> set[str]:
        """Node names of the workers that take tickets; none while Redis is away."""
        try:
            return {each.worker_name for each in self.sessions().values() if each.open}
        except redis.RedisError:
            return set()

    async def workers_open(self, within_s: float = 60.0) -> None:
        """Wait until all workers take tickets. Raises TimeoutError."""
        deadline = time.monotonic() + within_s
        while missing := self.workers.keys() - await asyncio.to_thread(self.open_sessions):
            if time.monotonic() > deadline:
                logs = "\n".join(self.workers[each].last_lines() for each in missing)
                raise TimeoutError(f"{missing} take no tickets after {within_s:g} s:\n{logs}")
            await asyncio.sleep(0.05)

    # --- the engine ---

    async def arm(self, *faults: dict[str, Any]) -> None:
        """The engine's next requests suffer these."""
        async with aiohttp.ClientSession() as http, http.post(f"{self.engine_url}/_faults", json=faults) as answer:
            answer.raise_for_status()

    async def disarm(self) -> None:
        """No more faults."""
        async with aiohttp.ClientSession() as http, http.delete(f"{self.engine_url}/_faults") as answer:
            answer.raise_for_status()

    async def engine_requests(self, asked: Asked) -> dict[str, Any]:
        """What the engine tells of the requests for this reply."""
        query = {"prompt_contains": asked.prompt}
        async with (
            aiohttp.ClientSession() as http,
            http.get(f"{self.engine_url}/_requests", params=query) as answer,
        ):
            return dict(await answer.json())

    # --- life ---

    async def manage(self, *arguments: str) -> str:
        """What `manage.py` says. Raises AssertionError when it fails."""
        done = await asyncio.to_thread(run, python("manage.py", *arguments, environ=self.environ), PREPARE_TIMEOUT_S)
        assert done.returncode == 0, done.stdout
        return done.stdout

    async def mend(self) -> None:
        """Start what is not running, and wait until everything serves."""
        async with self._mending:
            dead = [each for each in self.programs if not each.runs]
            servers = (self.postgres, self.valkey, self.engine)
            await all_of([each.start() for each in dead if each in servers])
            await all_of([each.start() for each in dead if each not in servers])
            await self.workers_open()

    def person(self) -> Any:
        """Somebody new; an async context manager."""
        return Person.arrives(self.url, MODEL)


@asynccontextmanager
async def running_stack(folder: Path, **environ: str) -> AsyncIterator[Stack]:
    """Start everything in the folder; stop it at the end, whatever happened. Raises NotReady."""
    stack = make_stack(folder, environ)
    try:
        await stack.postgres.start()
        await asyncio.gather(stack.valkey.start(), stack.engine.start())
        await stack.manage("migrate", "-v", "0")
        key = folder / "worker_key"
        key.write_text(stack.environ["API_KEY"], encoding="ascii")
        await stack.manage("create_worker", "chaos", "--key-file", os.fspath(key))
        await all_of([each.start() for each in (stack.web, *stack.workers.values(), stack.maintenance)])
        yield stack
    finally:
        await asyncio.gather(*(each.stop() for each in (*stack.workers.values(), stack.web, stack.maintenance)))
        await asyncio.gather(stack.engine.stop(), stack.valkey.stop())
        await stack.postgres.stop()


def make_stack(folder: Path, environ: dict[str, str]) -> Stack:
    """The command lines; nothing is started."""
    folder.chmod(0o711)  # PostgreSQL may run as another user (oasst_site/stack/other_user.py)
    models = folder / "models.toml"
    models.write_text(MODELS, encoding="utf-8")
    postgres = PostgresServer(
        data=folder / "postgres", port=free_port(), password=secrets.token_hex(16), settings=QUICKER
    )
    valkey = ValkeyServer(data=folder / "valkey", port=free_port(), password=secrets.token_hex(16))
    valkey.prepare()
    web_port, engine_port = free_port(), free_port()
    engine_url = f"http://{LOOPBACK}:{engine_port}"
    environ = {
        name: value
        for name, value in os.environ.items()
        if name not in ("DEBUG", "CELERY_BROKER_URL", "MODEL_CONFIG_NAME", "INFERENCE_SERVER_URL", "API_KEY")
    } | {
        "DJANGO_SETTINGS_MODULE": "oasst_site.settings",
        "PYTHONUNBUFFERED": "1",
        "SECRET_KEY": secrets.token_hex(32),
        "API_KEY": secrets.token_urlsafe(32),
        "ALLOW_DEBUG_AUTH": "true",
        "DATABASE_URL": postgres.url,
        "REDIS_URL": valkey.url,
        "OASST_MODELS_FILE": os.fspath(models),
        "ENGINE_TOKEN_TIMEOUT_S": str(ENGINE_TOKEN_TIMEOUT_S),
        "RATE_LIMIT": "false",
        "WORKER_KEYS_REQUIRED": "false",
        **environ,
    }

    def program(name: str, command: Any, ready: Callable[[], Callable[[], bool]], **more: Any) -> Program:
        return Program(name, command, folder / f"{name}.log", ready, **more)

    def celery(node: str, *arguments: str) -> Any:
        return python(
            *("-W", "ignore:You're running the worker with superuser privileges"),
            *("-m", "celery", "-A", "oasst_site", "--quiet", "worker", "--without-mingle", "--without-gossip"),
            *("-n", f"{node}@%h", *arguments),
            environ=environ,
        )

    def worker(node: str) -> Program:
        return program(
            node,
            celery(node, "--model", MODEL, "--engine-url", engine_url),
            lambda: _worker_opens(valkey.url, f"{node}@{socket.gethostname()}"),
        )

    return Stack(
        url=f"http://{LOOPBACK}:{web_port}",
        engine_url=engine_url,
        redis_url=valkey.url,
        database_url=postgres.url,
        environ=environ,
        postgres=_postgres_program(folder, postgres),
        valkey=program("valkey", valkey.command, lambda: valkey.is_ready),
        engine=program(
            "engine",
            python(
                *("-m", "inference.demo_tgi", "--port", str(engine_port), "--model", MODEL),
                *("--max-input-tokens", str(LONGEST_PROMPT), "--max-total-tokens", str(LONGEST)),
                *("--tokens-per-second", str(TOKENS_PER_SECOND)),
                environ=environ,
            ),
            lambda: http_answers(LOOPBACK, engine_port, "/health"),
        ),
        web=program(
            "web",
            python("-m", "oasst_site.web", "-b", LOOPBACK, "-p", str(web_port), environ=environ),
            lambda: http_answers(LOOPBACK, web_port, "/healthz"),
        ),
        workers={f"{node}@{socket.gethostname()}": worker(node) for node in ("worker-a", "worker-b")},
        maintenance=program(
            "maintenance",
            celery("maintenance", "-Q", "maintenance", "-c", "1"),
            lambda: reconciler_works(valkey.url),
        ),
    )


def _postgres_program(folder: Path, server: PostgresServer) -> Program:
    server.prepare()

    def ready() -> Callable[[], bool]:
        server.prepare()  # ends what a killed one left behind

        def look() -> bool:
            if not server.is_ready():
                return False
            server.make_database()
            return True

        return look

    return Program("postgres", server.command, folder / "postgres.log", ready, stop_signal=STOP_SIGNAL)


def _worker_opens(redis_url: str, node: str) -> Callable[[], bool]:
    """A look whether a session of this node that is not there now takes tickets."""

    def sessions() -> dict[UUID, SessionInfo]:
        with closing(client(redis_url)) as connection:
            found = SyncSessionRegistry(connection).live()
        return {key: each for key, each in found.items() if each.worker_name == node}

    try:
        known = set(sessions())
    except redis.RedisError:  # struck too: what it remembers of an earlier process is as good as any
        known = set()

    def look() -> bool:
        try:
            return any(each.open for key, each in sessions().items() if key not in known)
        except redis.RedisError:
            return False

    return look
