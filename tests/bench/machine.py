"""The stack that is measured: `manage.py up` in production settings, and what its processes cost."""

import os
import re
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil  # type: ignore[import-untyped]

from oasst_site.stack.command import Command
from oasst_site.stack.ports import free_port
from tests.bench import beside

ROOT = Path(__file__).resolve().parents[2]
MODEL = "_bench"
PACED = "_paced"
FEW, MANY = "_few", "_many"
"""Models without a worker: their queues hold what a measure puts there."""
LATE = "_late"
"""A model whose worker comes when something waits already."""
WEB, WORKER = "oasst_site.web", f"worker .*--model {MODEL}\\b"
"""By these the command lines of the two are known."""
READY_S = 120.0

MODELS = """
[models._bench]
model_id = "_bench"
prompt_format = "oasst"
max_input_length = 8192
max_total_length = 16384
max_parallel_requests = 64

[models._paced]
model_id = "_paced"
prompt_format = "oasst"
max_input_length = 8192
max_total_length = 16384
max_parallel_requests = 1024
""" + "".join(
    f"""
[models.{name}]
model_id = "{name}"
prompt_format = "oasst"
max_input_length = 8192
max_total_length = 16384
max_parallel_requests = 4
"""
    for name in (FEW, MANY, LATE)
)


class NotReady(Exception):
    """The stack did not come up; the message ends in its last lines."""


@dataclass(frozen=True)
class Machine:
    """A running stack. `engine` is the unthrottled engine's address. workers: processes that serve a model."""

    url: str
    engine: str
    folder: Path
    workers: int = 1

    @property
    def environ(self) -> dict[str, str]:
        """What the stack's own processes have, for one that is to run beside them."""
        return dict(self.processes(WEB)[0].environ())

    def processes(self, *marks: str) -> list[psutil.Process]:
        """The stack's processes, and what runs beside it, whose command line matches one of these."""
        found = []
        for process in psutil.Process().children(recursive=True):
            line = " ".join(process.cmdline())
            if any(re.search(mark, line) for mark in marks):
                found.append(process)
        return found

    def serving(self) -> list[psutil.Process]:
        """Web and model worker: what a token costs."""
        return self.processes(WEB, WORKER)

    def tokens(self, count: int, name: str = "bench") -> list[str]:
        """Access tokens of so many people, the same ones each time for a name."""
        with httpx.Client(base_url=self.url, timeout=30) as client:
            answers = [client.get("/api/auth/callback/debug", params={"code": f"{name}-{at}"}) for at in range(count)]
        return [str(answer.raise_for_status().json()["access_token"]["access_token"]) for answer in answers]


def cpu_s(processes: list[psutil.Process]) -> float:
    """Seconds of CPU that the processes have used, and those of their children that have ended."""
    return float(sum(sum(process.cpu_times()[:4]) for process in processes))


def memory_bytes(processes: list[psutil.Process]) -> int:
    """Their memory, shared pages counted in part (PSS)."""
    return sum(process.memory_full_info().pss for process in processes)


@contextmanager
def machine(folder: Path, *, web: int = 1, workers: int = 1, tokens_per_second: float = 0) -> Iterator[Machine]:
    """Start everything in `folder` and stop it at the end. Raises NotReady."""
    folder.mkdir(parents=True, exist_ok=True)
    models = folder / "models.toml"
    models.write_text(MODELS, encoding="utf-8")
    port, engine_port = free_port(), free_port()
    environ = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")}
    environ |= {
        "OASST_MODELS_FILE": str(models),
        "DEBUG": "false",
        "ALLOW_DEBUG_AUTH": "true",
        "SECRET_KEY": secrets.token_hex(32),
        "RATE_LIMIT": "false",
        "CHAT_MAX_MESSAGES": "20000",
        "LOG_LEVEL": "WARNING",
        "LOREM_TOKENS_PER_SECOND": str(tokens_per_second),
        "WEB": str(web),
    }

    def start(log: Path, *arguments: str) -> "subprocess.Popen[bytes]":
        # However this process ends, the stack ends with it, in order.
        command = Command(argv=[sys.executable, *arguments], cwd=ROOT, env=environ, death_signal=signal.SIGTERM)
        with log.open("wb") as output:
            return subprocess.Popen(command.argv, stdout=output, stderr=subprocess.STDOUT, **command.popen_arguments())

    engine = start(folder / "engine.log", "-m", "inference.demo_tgi", "--port", str(engine_port), "--model", MODEL)
    up = start(
        folder / "up.log",
        *("manage.py", "up", "--local-dir", str(folder / "local"), "--port", str(port)),
        *("--model", MODEL, "--engine-url", f"http://127.0.0.1:{engine_port}"),
    )
    try:
        _wait(up, folder / "up.log")
        running = Machine(f"http://127.0.0.1:{port}", f"http://127.0.0.1:{engine_port}", folder, workers)
        with ExitStack() as more:
            for _ in range(workers - 1):
                more.enter_context(beside.worker(MODEL, running.engine, environ=running.environ, folder=folder))
            yield running
    finally:
        for process in (up, engine):
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
            process.wait()


def _wait(up: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + READY_S
    while "Ready after" not in (said := log.read_text(errors="replace")):
        if up.poll() is not None or time.monotonic() > deadline:
            raise NotReady("\n".join(["the stack is not ready:", *said.splitlines()[-20:]]))
        time.sleep(0.1)
