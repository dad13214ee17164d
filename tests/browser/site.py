"""The site that the browser tests share: the stack of `manage.py up`, with models of its own."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psutil  # type: ignore[import-untyped]

from tests.live.one_machine import OneMachine

START_S = 90.0
END_S = 60.0
LOOK_EVERY_S = 0.05

MODELS = Path(__file__).parent / "models.toml"


def kill_web(site: OneMachine) -> None:
    """SIGKILL to the web process: its sockets break without a word; the stack starts another one."""
    web = _process(site, lambda words: "oasst_site.web" in words)
    web.kill()
    web.wait(END_S)


@contextmanager
def worker_away(site: OneMachine) -> Iterator[None]:
    """SIGKILL to the model's worker; the one that the stack starts next does nothing before the block is left."""
    lost = _process(site, _is_worker)
    lost.kill()
    lost.wait(END_S)
    deadline = time.monotonic() + START_S
    while True:
        try:
            next_one = _process(site, _is_worker)
            break
        except LookupError:
            if time.monotonic() > deadline:
                raise
            time.sleep(LOOK_EVERY_S)
    next_one.suspend()
    try:
        yield
    finally:
        next_one.resume()


def _is_worker(words: list[str]) -> bool:
    return "--model" in words and "worker" in words


def _process(site: OneMachine, is_wanted: Callable[[list[str]], bool]) -> psutil.Process:
    """The oldest process of the site's stack with such words in its command line."""
    port = str(urlsplit(site.url).port)
    for process in psutil.process_iter(["cmdline"]):
        try:
            if is_wanted(process.info["cmdline"] or []) and process.environ().get("PORT") == port:
                return process
        except psutil.Error:
            continue  # it has ended meanwhile, or is not ours
    raise LookupError(f"no such process of {site.url} is running")
