"""Real processes for tests that end them: PostgreSQL, Valkey, web, and any maintenance workers, engines and workers.

Everything is asked as people and operators ask: by REST, by the registry in Redis, by Celery's command line.
"""

import logging
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import httpx
import redis

from inference.demo_tgi.lorem import lorem_text
from inference.sessions import SessionInfo, SyncSessionRegistry
from oasst_site.stack.ports import free_port
from oasst_site.stack.postgres import FAST_AND_FORGETFUL, PostgresServer
from oasst_site.stack.valkey import ValkeyServer
from tests.live.one_machine import answers
from tests.servers import running

logging.getLogger("httpx").setLevel(logging.WARNING)  # a line per request buries what a failing test has to say

ROOT = Path(__file__).resolve().parents[3]
PROMPT = "Tell me something."
PATIENCE_S = 120.0
FINISHED = ("complete", "aborted_by_worker", "cancelled", "timeout")
T = TypeVar("T")


def until(what: str, look: Callable[[], T | None], patience_s: float = PATIENCE_S) -> T:
    """Wait until a look finds something; fails with `what` otherwise."""
    deadline = time.monotonic() + patience_s
    while not (found := look()):
        assert time.monotonic() < deadline, f"not in {patience_s:g} s: {what}"
        time.sleep(0.01)
    return found


@dataclass
class Process:
    """One of our programs."""

    name: str
    popen: subprocess.Popen[bytes]
    log: Path

    def kill(self) -> None:
        """SIGKILL."""
        self.popen.kill()
        self.popen.wait()

    def signal(self, number: signal.Signals) -> None:
        self.popen.send_signal(number)

    def wait(self, patience_s: float = PATIENCE_S) -> int:
        """Its exit code."""
        return self.popen.wait(patience_s)

    def told(self) -> str:
        """What it has logged."""
        return self.log.read_text(errors="replace")


@dataclass
class Engine:
    """A demo TGI that gives filler text for one model."""

    url: str
    port: int
    process: Process

    def hurry(self) -> None:
        """Replies that begin from now on come as fast as they can."""
        fault = {"kind": "pace", "tokens_per_second": 0, "count": None}
        httpx.post(f"{self.url}/_faults", json=fault).raise_for_status()

    def requests(self) -> dict[str, Any]:
        """Counts and the latest generation requests, newest first."""
        return dict(httpx.get(f"{self.url}/_requests").json())


@dataclass
class Reply:
    """A reply as REST shows it."""

    machines: "Machines"
    path: str
    id: str
    tokens: int

    def row(self) -> dict[str, Any]:
        return dict(self.machines.web.get(self.path).raise_for_status().json())

    def shown(self) -> int:
        """Bytes in its stream."""
        return int(self.machines.redis.strlen(f"{{{self.id}}}:t"))

    def is_under_way(self, beyond: int = 0) -> None:
        """Wait until more is shown."""
        until(f"{self.id} shows more than {beyond} bytes", lambda: self.shown() > beyond)

    def final(self) -> dict[str, Any]:
        """Wait for its end."""

        def look() -> dict[str, Any] | None:
            row = self.row()
            return row if row["state"] in FINISHED else None

        return until(f"{self.id} is final", look)

    def is_whole(self) -> dict[str, Any]:
        """Wait for its end: it must be complete, with exactly what the engine says."""
        row = self.final()
        assert row["state"] == "complete", (row["state"], row["error"])
        assert row["content"] == lorem_text(row["work_parameters"]["seed"], PROMPT, self.tokens)
        return row


@dataclass
class Machines:
    """What runs in a test, and what can be started."""

    folder: Path
    environ: Mapping[str, str]
    postgres: PostgresServer
    valkey: ValkeyServer
    redis: redis.Redis
    web: httpx.Client = field(init=False)
    web_process: Process = field(init=False)
    _processes: list[Process] = field(default_factory=list)
    _models: list[str] = field(default_factory=list)

    def new_model(self, max_parallel_requests: int = 8) -> str:
        """A model that nobody else serves."""
        name = f"filler-{secrets.token_hex(4)}"
        self._models.append(
            f'[models.{name}]\nmodel_id = "tests/{name}"\nprompt_format = "oasst"\n'
            f"max_input_length = 8192\nmax_total_length = 16384\nmax_parallel_requests = {max_parallel_requests}\n"
        )
        # Replaced at once: the web process reads it at every change.
        fresh = self.folder / "models.fresh"
        fresh.write_text("".join(self._models), encoding="utf-8")
        fresh.replace(self.environ["OASST_MODELS_FILE"])
        return name

    def run(self, name: str, *arguments: str) -> Process:
        """Start a program of ours."""
        return self.run_with({}, name, *arguments)

    def run_with(self, environ: Mapping[str, str], name: str, *arguments: str) -> Process:
        """The same, with settings of its own beside those of all."""
        log = self.folder / f"{name}-{secrets.token_hex(3)}.log"
        with log.open("wb") as output:
            popen = subprocess.Popen(
                [sys.executable, *arguments],
                cwd=ROOT,
                env={**self.environ, **environ},
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        process = Process(name, popen, log)
        self._processes.append(process)
        return process

    def engine(self, model: str, tokens_per_second: float = 0, *, port: int | None = None) -> Engine:
        """Start an engine of the model and wait until it answers; 0: as fast as it can."""
        port = port or free_port()
        arguments = ("--model", model, "--model-id", f"tests/{model}", "--port", str(port))
        process = self.run(
            "engine", "-m", "inference.demo_tgi", *arguments, "--tokens-per-second", str(tokens_per_second)
        )
        engine = Engine(f"http://127.0.0.1:{port}", port, process)
        until("the engine answers", lambda: answers(f"{engine.url}/health"))
        return engine

    def worker(self, model: str, engine: Engine, *options: str, opens: bool = True) -> Process:
        """Start a worker of the model; wait until its queue is open."""
        node = f"{model}-{secrets.token_hex(2)}"
        process = self._celery(node, "--model", model, "--engine-url", engine.url, *options)
        if opens:
            until(f"{node} is open", lambda: (told := self.session(node)) and told.open)
            # The gate is open a moment before Celery's consumer is.
            until(f"{node} consumes", lambda: "Started consuming from" in process.told())
        return process

    def start_web(self) -> str:
        """Start the web process and wait until it answers; its URL."""
        port = free_port()
        self.web_process = web = self.run("web", "-m", "oasst_site.web", "-b", "127.0.0.1", "-p", str(port))
        url = f"http://127.0.0.1:{port}"
        until(f"web answers: {web.told()}", lambda: answers(f"{url}/healthz"))
        return url

    def maintenance(self) -> Process:
        """Start a maintenance worker and wait until its reconciler's thread runs."""
        process = self._celery(f"maintenance-{secrets.token_hex(2)}", "-Q", "maintenance")
        until("it is ready", lambda: " ready." in process.told())
        return process

    def _celery(self, node: str, *options: str) -> Process:
        arguments = ("-m", "celery", "-A", "oasst_site", "worker", "-n", f"{node}@%h", *options)
        return self.run(node, "-W", "ignore:You're running the worker", *arguments, "--without-mingle")

    def celery(self, *arguments: str) -> str:
        """A command of Celery's command line; what it said. Fails when it does."""
        ended = subprocess.run(
            [sys.executable, "-m", "celery", "-A", "oasst_site", *arguments],
            cwd=ROOT,
            env=dict(self.environ),
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            check=True,
        )
        return ended.stdout

    def session(self, node: str) -> SessionInfo | None:
        """The session of the worker with this node name, without its host."""
        sessions = SyncSessionRegistry(self.redis).live().values()
        return next((each for each in sessions if each.worker_name.partition("@")[0] == node), None)

    def ask(self, model: str, tokens: int = 100) -> Reply:
        """Ask for a reply in a new chat."""
        chat = self.web.post("/api/chats", json={}).raise_for_status().json()["id"]
        path = f"/api/chats/{chat}"
        prompt = self.web.post(
            f"{path}/prompter_message", json={"parent_id": None, "content": PROMPT}
        ).raise_for_status()
        request = {
            "parent_id": prompt.json()["id"],
            "model_config_name": model,
            "sampling_parameters": {"max_new_tokens": tokens},
        }
        reply = self.web.post(f"{path}/assistant_message", json=request).raise_for_status().json()["id"]
        return Reply(self, f"{path}/messages/{reply}", reply, tokens)

    def end(self, process: Process) -> None:
        """End a process in order."""
        if process.popen.poll() is None:
            process.signal(signal.SIGCONT)
            process.signal(signal.SIGTERM)
            try:
                process.wait(60)
            except subprocess.TimeoutExpired:
                process.kill()

    def end_since(self, count: int) -> None:
        """End what was started after the first `count`."""
        for process in self._processes[count:]:
            if process.popen.poll() is None:
                process.signal(signal.SIGCONT)
                process.signal(signal.SIGTERM)
        for process in self._processes[count:]:
            self.end(process)

    @property
    def started(self) -> int:
        """How many processes were started so far."""
        return len(self._processes)


@contextmanager
def machines(folder: Path, **more: str) -> Iterator[Machines]:
    """Servers, migrated, and the web process; ends whatever was started, in the right order. more: environment."""
    postgres = PostgresServer(
        data=folder / "postgres", port=free_port(), password=secrets.token_hex(8), settings=FAST_AND_FORGETFUL
    )
    valkey = ValkeyServer(data=folder / "valkey", port=free_port(), password=secrets.token_hex(8))
    environ = dict(os.environ) | {
        "DATABASE_URL": postgres.url,
        "REDIS_URL": valkey.url,
        "OASST_MODELS_FILE": str(folder / "models.toml"),
        "ALLOW_DEBUG_AUTH": "true",
        "RATE_LIMIT": "false",
        **more,
    }
    with running(postgres, folder / "postgres.log"), running(valkey, folder / "valkey.log"):
        postgres.make_database()
        with redis.Redis.from_url(valkey.url) as client:
            all_of_it = Machines(folder, environ, postgres, valkey, client)
            all_of_it.new_model()
            subprocess.run(
                [sys.executable, "manage.py", "migrate", "-v", "0"], cwd=ROOT, env=environ, check=True, timeout=120
            )
            environ["API_KEY"] = subprocess.run(
                [sys.executable, "manage.py", "create_worker", "tests"],
                cwd=ROOT, env=environ, check=True, timeout=120, stdout=subprocess.PIPE, text=True,
            ).stdout.strip()  # fmt: skip
            try:
                url = all_of_it.start_web()
                answer = httpx.get(f"{url}/api/auth/callback/debug", params={"code": "somebody"}).raise_for_status()
                token = answer.json()["access_token"]["access_token"]
                with httpx.Client(base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=60) as http:
                    all_of_it.web = http
                    yield all_of_it
            finally:
                all_of_it.end_since(0)
