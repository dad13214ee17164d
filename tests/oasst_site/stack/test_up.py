"""`manage.py up` as people have it: everything starts, heals, stops and is found again."""

import json
import os
import pty
import shelve
import signal
import sys
import time
import urllib.request
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import psutil  # type: ignore[import-untyped]
import pytest

from oasst_site.stack.ports import free_port
from tests.oasst_site.stack.stack_run import READY, ROOT, StackRun, environment


@pytest.fixture(scope="module")
def port() -> int:
    return free_port()


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory, port: int) -> Iterator[StackRun]:
    """A stack of two web processes that runs."""
    run = StackRun(tmp_path_factory.mktemp("up") / "local", PORT=str(port), WEB="2")
    try:
        run.says(READY)
        yield run
    finally:
        run.stop()


def get(port: int, path: str) -> dict:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=60) as answer:
        return json.load(answer)


def is_ready(port: int) -> bool:
    try:
        return bool(get(port, "/readyz")["ready"])
    except OSError:
        return False


def test_the_last_lines_tell_the_address_and_how_to_log_in(run: StackRun, port: int) -> None:
    before, _, told = run.output.partition("Ready after")
    assert "Started consuming from model." in before, "what Celery says of its start is no longer news"
    assert f"http://localhost:{port}   log in with one click" in told
    assert f"http://localhost:{port}/admin/   user admin, password admin" in told
    assert is_ready(port)


def test_every_line_has_the_name_of_its_process(run: StackRun) -> None:
    names = {line.split("|")[0].strip() for line in run.output.splitlines()}
    assert names <= {"up", "npm", "prepare", "engine", "web-1", "web-2", "worker", "maintenance", "beat"}


def test_what_is_typed_by_hand_finds_the_running_servers(run: StackRun) -> None:
    settings = dict(line.split("=", 1) for line in (run.folder / "env").read_text().splitlines() if line[0] != "#")
    assert {"DATABASE_URL", "REDIS_URL", "SECRET_KEY"} <= settings.keys()
    assert (run.folder / "env").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    "words",
    [
        ("oasst_site.web",),
        ("celery", "--model demo"),
        ("celery", "-Q maintenance"),
        ("celery", " beat "),
        ("inference.demo_tgi",),
        ("valkey-server",),
        ("bin/postgres", "-D"),
    ],
    ids=["web", "worker", "maintenance", "beat", "engine", "valkey", "postgres"],
)
def test_a_killed_process_is_started_again(run: StackRun, port: int, words: tuple[str, ...]) -> None:
    before = run.pid_of(*words)
    assert before is not None
    os.kill(before, signal.SIGKILL)
    run.until(lambda: run.pid_of(*words) not in (None, before) and not psutil.pid_exists(before), f"a new {words}")
    run.until(lambda: is_ready(port), "everything is ready again")


def forget_two_days(folder: Path) -> None:
    """As if the stack had been down for so long: beat's tasks were last sent two days before."""
    with shelve.open(str(folder / "beat-schedule")) as schedule:
        entries = schedule["entries"]
        for entry in entries.values():
            entry.last_run_at -= timedelta(days=2)
        schedule["entries"] = entries


def test_the_second_start_finds_what_was_kept(tmp_path: Path) -> None:
    folder, port = tmp_path / "local", free_port()
    first = StackRun(folder, PORT=str(port))
    first.says(READY)
    key = (folder / "secrets" / "secret_key").read_text()
    token = get(port, "/api/auth/callback/debug?code=ada")["access_token"]["access_token"]
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/api/chats",
        data=b"{}",
        headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request) as answer:
        chat = json.load(answer)["id"]
    assert first.stop() == 0
    forget_two_days(folder)

    second = StackRun(folder, PORT=str(port))
    second.says(READY)
    assert "migrations" not in second.output
    second.says("hidden chats")  # what beat would have sent meanwhile, done by the maintenance worker
    assert (folder / "secrets" / "secret_key").read_text() == key
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/api/chats/{chat}", headers={"Authorization": f"Bearer {token}"}
    )
    with urllib.request.urlopen(request) as answer:
        assert json.load(answer)["id"] == chat

    # Nothing outlives a stack that is killed, and the next one is not in its way.
    second.process.kill()
    third = StackRun(folder, PORT=str(port))
    third.says("starting web")
    assert third.stop() == 0
    second.ends()


@pytest.mark.parametrize("moment", ["starting postgres", "starting web"])
def test_a_stack_that_is_stopped_during_its_start_leaves_nothing(tmp_path: Path, moment: str) -> None:
    run = StackRun(tmp_path / "local", PORT=str(free_port()))
    run.says(moment)
    assert run.stop() == 0
    assert "Traceback" not in run.output
    assert "died" not in run.output


def test_ctrl_c_on_a_terminal_stops_everything(tmp_path: Path) -> None:
    folder = tmp_path / "local"
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(ROOT)
        os.execve(
            sys.executable,
            [sys.executable, "manage.py", "up", "--local-dir", str(folder), "--port", str(free_port())],
            environment(LOCAL_DIR=str(folder)),
        )
    said = b""
    pressed_at = None
    while True:
        try:
            said += os.read(terminal, 65536)
        except OSError:  # the terminal's other end is closed
            break
        if b"starting web" in said and pressed_at is None:
            os.write(terminal, b"\x03")
            pressed_at = time.monotonic()
    _, status = os.waitpid(pid, 0)
    os.close(terminal)
    assert os.waitstatus_to_exitcode(status) == 0, said.decode()
    assert b"\x1b[" in said, "a terminal gets colours"
    assert b"Traceback" not in said
    assert not [
        each for each in psutil.process_iter(["cmdline"]) if str(folder) in " ".join(each.info["cmdline"] or [])
    ]
