"""What `manage.py up` cannot do is told in one line with the way out, by a real run of it."""

import os
import re
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from oasst_site.stack import up
from oasst_site.stack.errors import StackError
from oasst_site.stack.folder import LocalFolder
from oasst_site.stack.ports import free_port
from oasst_site.stack.postgres import PostgresServer
from tests.oasst_site.stack.stack_run import OURS, ROOT, StackRun, environment
from tests.tries import FOR_SECONDS

Refuse = Callable[..., str]


@pytest.fixture
def refusal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Refuse:
    """The only line of a stack that is refused before any process is started."""
    for name in OURS:
        monkeypatch.delenv(name, raising=False)

    def refuse(folder: Path | None = None, **environ: str) -> str:
        for name, value in {"PORT": str(free_port()), **environ}.items():
            monkeypatch.setenv(name, value)
        assert up.run({"local_dir": str(folder or tmp_path / "local")}) == 1
        (line,) = [line for line in capsys.readouterr().out.splitlines() if "stopped after" not in line]
        return line.split("|", 1)[1].strip()

    return refuse


@pytest.fixture
def late_refusal(tmp_path: Path) -> Iterator[Refuse]:
    """The last complaint of a stack that ends while its processes start; none of them is left."""
    runs: list[StackRun] = []

    def refuse(**environ: str) -> str:
        runs.append(StackRun(tmp_path / "local", **{"PORT": str(free_port()), **environ}))
        return runs[-1].refusal()

    yield refuse
    for run in runs:
        run.process.kill()


def test_a_busy_port_is_named_with_its_owner_and_another_one(refusal: Refuse) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        said = refusal(PORT=str(port))
    assert f"Port {port} on 127.0.0.1 is in use" in said
    assert f"(process {os.getpid()})" in said
    assert f"PORT={port + 1} make run" in said


@pytest.mark.parametrize("port", ["many", "0", "65536", "-1"])
def test_a_port_that_is_none_is_refused(refusal: Refuse, port: str) -> None:
    assert refusal(PORT=port) == f"PORT {port!r} is no number from 1 to 65535. Give it like PORT=8001 make run"


def test_a_host_that_is_not_this_machine_is_refused(refusal: Refuse) -> None:
    said = refusal(HOST="192.0.2.1")
    assert said == "'192.0.2.1' is no address of this machine. Use HOST=127.0.0.1 or 0.0.0.0"


def test_a_folder_that_cannot_be_made_is_named(refusal: Refuse, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    said = refusal(folder=tmp_path / "file" / "local")
    assert f"{tmp_path / 'file'}" in said
    assert "cannot be used (Not a directory)" in said
    assert "LOCAL_DIR=" in said


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_a_folder_of_another_user_is_named(tmp_path: Path) -> None:
    locked = tmp_path / "locked"
    locked.mkdir(mode=0o700)
    script = (
        "import os, sys; from oasst_site.stack.up import run; os.setuid(65534); exit(run({'local_dir': sys.argv[1]}))"
    )
    outcome = subprocess.run(
        [sys.executable, "-c", script, str(locked / "local")],
        cwd=ROOT,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert outcome.returncode == 1, outcome
    assert "cannot be used (Permission denied). Make it writable for this user" in outcome.stdout
    assert "Traceback" not in outcome.stdout + outcome.stderr


def test_a_second_stack_is_kept_off_the_folder(refusal: Refuse, tmp_path: Path) -> None:
    first = LocalFolder(tmp_path / "local")
    first.claim()
    said = refusal()
    assert f"Another stack runs on {tmp_path / 'local'} (process {os.getpid()})" in said
    assert "LOCAL_DIR=" in said
    first.release()


def test_data_of_another_major_version_stays_untouched(late_refusal: Refuse, tmp_path: Path) -> None:
    data = tmp_path / "local" / "postgres"
    data.mkdir(parents=True)
    (data / "PG_VERSION").write_text("16\n")
    (tmp_path / "local" / "secrets").mkdir()
    (tmp_path / "local" / "secrets" / "postgres").write_text("x")
    said = late_refusal()
    assert f"{data} holds data of PostgreSQL 16, this server is PostgreSQL 18" in said
    assert f"mv {data} {data}-16" in said
    assert (data / "PG_VERSION").read_text() == "16\n"


def test_a_database_that_cannot_be_made_is_told_with_its_reason(tmp_path: Path) -> None:
    """A full disk lets the server start and no database be made; here nobody listens."""
    server = PostgresServer(data=tmp_path / "postgres", port=free_port(), password="x")
    with pytest.raises(StackError, match=r"could not make the database 'oasst' \(.*refused\)\. Check the free space"):
        server.make_database()


def test_a_lost_password_is_told_and_no_data_is_lost(refusal: Refuse, tmp_path: Path) -> None:
    data = tmp_path / "local" / "postgres"
    data.mkdir(parents=True)
    (data / "PG_VERSION").write_text("18\n")
    assert f"the password of {data}, is missing" in refusal()
    assert (data / "PG_VERSION").exists()


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("DATABASE_URL", "nonsense", "DATABASE_URL 'nonsense'"),
        ("DATABASE_URL", "sqlite:///x.db", "is no PostgreSQL"),
        ("DATABASE_URL", "postgres://me:secret@127.0.0.1:1/x", "'postgres://me:***@127.0.0.1:1/x' cannot be reached"),
        ("DATABASE_URL", "postgres://me@nowhere.invalid/x", "cannot be reached"),
        ("REDIS_URL", "nonsense", "REDIS_URL 'nonsense' is no address of a Redis"),
        ("REDIS_URL", "redis://:secret@127.0.0.1:1/0", "'redis://:***@127.0.0.1:1/0' cannot be reached"),
        ("INFERENCE_SERVER_URL", "localhost:8080", "INFERENCE_SERVER_URL 'localhost:8080' is no address of an engine"),
        ("INFERENCE_SERVER_URL", "http://nowhere.invalid:8080", "there is no host 'nowhere.invalid'"),
        ("MODEL_CONFIG_NAME", "gpt-17", "gpt-17"),
        ("OASST_MODELS_FILE", "/nowhere/models.toml", "/nowhere/models.toml"),
        ("WEB", "none", "WEB 'none' is no number"),
    ],
)
def test_a_wrong_setting_is_named_with_its_value(refusal: Refuse, name: str, value: str, told: str) -> None:
    said = refusal(**{name: value})
    assert told in said
    assert "secret" not in said


def test_a_setting_that_no_process_can_read_ends_the_stack_with_its_reason(late_refusal: Refuse) -> None:
    said = late_refusal(DEBUG="perhaps")
    assert said.startswith("prepare failed")
    assert "DEBUG" in said


def test_a_process_that_dies_at_its_first_start_ends_the_stack_with_its_reason(late_refusal: Refuse) -> None:
    said = late_refusal(INFERENCE_SERVER_KIND="telepathy")
    assert said.startswith("worker ended at its start (exit code 2)")
    assert "telepathy" in said
    assert "worker.log" in said


def test_a_given_server_that_takes_its_time_is_spoken_of(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"postgres://me@127.0.0.1:{silent.getsockname()[1]}/x"
        run = StackRun(tmp_path / "local", PORT=str(free_port()), DATABASE_URL=url)
        run.says("waiting for an answer of DATABASE_URL (")
        assert re.search(rf"waiting for an answer of DATABASE_URL {FOR_SECONDS}", run.output)
        assert run.stop() == 0
