"""Commands of ours that start in no time: a process imports the libraries once and forks for each of them.

Most of what a command takes is the import of Django, Celery and their like. What a fork has not done yet is all that
the environment decides: the settings, our own packages, the applications.
"""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parents[1]
LIBRARIES = """
import celery.app.base, environs, httpx, jwt, psycopg_pool, pydantic, redis.asyncio, requests, structlog.dev
import channels_redis.pubsub, django.contrib.admin.options, django.core.management, django.db.backends.postgresql.base
import django.test, rest_framework.fields
"""
"""The large ones. None of them reads a setting when it is imported."""

FORK = """
import gc, json, os, runpy, signal, sys

sys.path[0] = os.getcwd()
gc.freeze()  # what is there stays: no fork need look through it, which would also copy it
for line in sys.stdin:
    command, environ, *files = json.loads(line)
    if not (child := os.fork()):
        signal.alarm(120)
        os.environ.clear()
        os.environ.update(environ)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        for number, file in enumerate(files, 1):
            os.dup2(os.open(file, os.O_WRONLY | os.O_CREAT), number)
        first, *rest = command
        if first == "-m":
            sys.argv = rest
            runpy.run_module(rest[0], run_name="__main__", alter_sys=True)
        elif first == "-c":
            sys.argv = ["-c", *rest[1:]]
            exec(rest[0], {"__name__": "__main__"})
        else:
            sys.argv = command
            runpy.run_path(first, run_name="__main__")
        sys.exit()
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


class Forked:
    """A process that runs Python's command line as often as it is told to."""

    def __init__(self, process: "subprocess.Popen[str]", folder: Path) -> None:
        self._process = process
        self._folder = folder

    def run(self, *command: str, environ: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
        """What `python COMMAND` in the repository's folder says: a file, -m MODULE or -c CODE with its arguments."""
        files = [self._folder / name for name in ("stdout", "stderr")]
        for file in files:
            file.unlink(missing_ok=True)
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(json.dumps([command, dict(environ), *map(str, files)]), file=self._process.stdin, flush=True)
        code = int(self._process.stdout.readline())
        return subprocess.CompletedProcess(command, code, *(file.read_text(encoding="utf-8") for file in files))


@contextmanager
def forked(imported: str = LIBRARIES, environ: Mapping[str, str] | None = None) -> Iterator[Forked]:
    """A process that has run this code already, in this environment (None: ours); it ends with the block."""
    command = [sys.executable, "-c", f"{imported}\n{FORK}"]
    with (
        TemporaryDirectory(prefix="oasst-forked-") as folder,
        subprocess.Popen(
            command,
            cwd=ROOT,
            env=None if environ is None else dict(environ),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as process,
    ):
        yield Forked(process, Path(folder))
        process.communicate()
        assert process.returncode == 0
