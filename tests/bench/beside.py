"""Processes that a measure runs beside the stack: a bare Django, an engine, a worker. Each ends with its block."""

import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx

from oasst_site.stack.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
READY_S = 60.0
GRACE_S = 15.0


@contextmanager
def process(*arguments: str, environ: Mapping[str, str], log: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """A Python process of ours; ended by SIGTERM, after GRACE_S by force."""
    with log.open("ab") as out:
        running = subprocess.Popen(
            [sys.executable, *arguments], cwd=ROOT, env=dict(environ), stdout=out, stderr=subprocess.STDOUT
        )
    try:
        yield running
    finally:
        running.terminate()
        try:
            running.wait(GRACE_S)
        except subprocess.TimeoutExpired:
            running.kill()
            running.wait()


@contextmanager
def engine(model: str, *, environ: Mapping[str, str], folder: Path, tokens_per_second: float = 0) -> Iterator[str]:
    """The address of a demo engine of this model; 0 tokens per second: as fast as it can."""
    port = free_port()
    arguments = ["-m", "inference.demo_tgi", "--port", str(port), "--model", model, "--max-concurrent-requests", "2048"]
    arguments += ["--tokens-per-second", f"{tokens_per_second:g}"]
    with process(*arguments, environ=environ, log=folder / "engine.log") as running:
        address = f"http://127.0.0.1:{port}"
        _wait_for(f"{address}/health", running, folder / "engine.log")
        yield address


@contextmanager
def worker(model: str, engine_url: str, *, environ: Mapping[str, str], folder: Path) -> Iterator[float]:
    """One more worker of the stack, of this model; the time.time() at which it was started, before it is ready."""
    arguments = ["-m", "celery", "-A", "oasst_site", "--quiet", "worker", "--without-mingle", "--without-gossip"]
    arguments += ["-n", f"{model}-{time.time_ns()}@%h", "--model", model, "--engine-url", engine_url]
    began = time.time()
    with process(*arguments, environ=environ, log=folder / "worker.log"):
        yield began


@contextmanager
def bare(*, environ: Mapping[str, str], folder: Path) -> Iterator[str]:
    """The address of the bare Django (bare.py)."""
    port = free_port()
    arguments = ["-m", "daphne", "-v", "0", "-b", "127.0.0.1", "-p", str(port), "tests.bench.bare:application"]
    needed = {name: value for name, value in environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    with process(*arguments, environ=needed, log=folder / "bare.log") as running:
        address = f"http://127.0.0.1:{port}"
        _wait_for(f"{address}/", running, folder / "bare.log")
        yield address


def _wait_for(url: str, running: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + READY_S
    while True:
        try:
            httpx.get(url, timeout=1).raise_for_status()
        except httpx.HTTPError as error:
            if running.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{url} does not answer ({error}); see {log}") from error
            time.sleep(0.05)
        else:
            return
