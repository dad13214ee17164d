"""The whole stack on this machine, as people start it: `manage.py up` with the demo TGI, on ports of its own.

It has its own PostgreSQL and Valkey, so that no other test's clean-up reaches it. Tests that share it keep apart by
people and chats of their own.
"""

import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from oasst_site.stack import surroundings
from oasst_site.stack.folder import LocalFolder
from oasst_site.stack.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
MODEL = "talker"
TOKENS_PER_SECOND = 100
READY_S = 180.0
STOP_S = 60.0
LOOK_EVERY_S = 0.1

MODELS = f"""
[models.{MODEL}]
model_id = "tests/{MODEL}"
prompt_format = "chatml"
max_input_length = 4096
max_total_length = 8192

[models.chatty]
model_id = "tests/chatty"
prompt_format = "engine"
max_input_length = 4096
max_total_length = 8192
"""


class StackFailed(Exception):
    """The stack ended, or was not ready in time; the message ends in its last lines."""


@dataclass(frozen=True)
class OneMachine:
    """A running stack."""

    url: str
    engine_url: str
    log: Path

    def token(self, name: str) -> str:
        """An access token of the debug user of this name."""
        answer = httpx.get(f"{self.url}/api/auth/callback/debug", params={"code": name})
        return str(answer.raise_for_status().json()["access_token"]["access_token"])

    def somebody(self) -> str:
        """An access token of a new person."""
        return self.token(f"person-{secrets.token_hex(6)}")

    def engine_requests(self, prompt: str) -> dict[str, Any]:
        """What the engine tells of the requests with this text in their prompt."""
        return dict(httpx.get(f"{self.engine_url}/_requests", params={"prompt_contains": prompt}).json())

    def arm(self, **fault: Any) -> None:
        """The engine's next request with `prompt_contains` in its prompt suffers this."""
        httpx.post(f"{self.engine_url}/_faults", json=fault).raise_for_status()

    def disarm(self) -> None:
        """Nothing of the kind any more; a reply that was held goes on."""
        httpx.delete(f"{self.engine_url}/_faults").raise_for_status()


@contextmanager
def one_machine(folder: Path, environ: Mapping[str, str] | None = None) -> Iterator[OneMachine]:
    """Start everything in `folder`, wait until a worker serves, stop it at the end. Raises StackFailed."""
    models = folder / "models.toml"
    models.write_text(MODELS, encoding="utf-8")
    ours = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")}
    engine_port, port = free_port(), free_port()
    ours |= {"OASST_MODELS_FILE": os.fspath(models), "RATE_LIMIT": "false"} | dict(environ or {})
    engine_log, log = folder / "engine.log", folder / "up.log"
    engine_url, url = f"http://127.0.0.1:{engine_port}", f"http://127.0.0.1:{port}"
    engine = _start(
        engine_log,
        ours,
        *("-m", "inference.demo_tgi", "--port", str(engine_port), "--model", MODEL),
        *("--max-input-tokens", "4096", "--max-total-tokens", "8192", "--tokens-per-second", str(TOKENS_PER_SECOND)),
    )
    try:
        wait_for(engine, engine_log, lambda: answers(f"{engine_url}/health"))
        stack = _start(
            log,
            ours,
            *("manage.py", "up", "--local-dir", str(folder / "local"), "--port", str(port)),
            *("--model", MODEL, "--engine-url", engine_url),
        )
        try:
            wait_for(stack, log, lambda: "Ready after" in log.read_text(errors="replace"))
            yield OneMachine(url=url, engine_url=engine_url, log=log)
        finally:
            _stop(stack)
    finally:
        _stop(engine)


@contextmanager
def another_web_process(stack: OneMachine, folder: Path, environ: Mapping[str, str]) -> Iterator[str]:
    """The address of one more web process of a running stack, with settings of its own. Raises StackFailed."""
    log = folder / "web.log"
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    settings = surroundings.read(LocalFolder(stack.log.parent / "local")) | dict(environ)
    process = _start(log, {**os.environ, **settings}, *("-m", "oasst_site.web", "-b", "127.0.0.1", "-p", str(port)))
    try:
        wait_for(process, log, lambda: answers(f"{url}/healthz"))
        yield url
    finally:
        _stop(process)


def _start(log: Path, environ: Mapping[str, str], *arguments: str) -> subprocess.Popen[bytes]:
    with log.open("ab") as output:
        return subprocess.Popen(
            [sys.executable, *arguments], cwd=ROOT, env=dict(environ), stdout=output, stderr=subprocess.STDOUT
        )


def wait_for(process: subprocess.Popen[bytes], log: Path, is_ready: Any) -> None:
    """Raises StackFailed with the last lines of `log` when the process ends or takes too long."""
    deadline = time.monotonic() + READY_S
    while not is_ready():
        if process.poll() is not None or time.monotonic() > deadline:
            _stop(process)
            lines = log.read_text(errors="replace").splitlines()[-20:]
            raise StackFailed("\n".join([f"not ready (exit {process.returncode}):", *lines]))
        time.sleep(LOOK_EVERY_S)


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def answers(url: str) -> bool:
    """Whether it can be had."""
    try:
        return httpx.get(url).is_success
    except httpx.HTTPError:
        return False
