"""Wrong options of a worker get one line that names them, and exit code 2, before anything is started."""

import json
import os
import secrets
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
OURS = ("MODEL_CONFIG_NAME", "INFERENCE_SERVER_URL", "INFERENCE_SERVER_KIND", "API_KEY", "API_KEY_FILE")


COMMAND = """
import json, os, sys
from celery.__main__ import main
import oasst_site.celery
import django

django.setup()
for line in sys.stdin:
    options, environ, *files = json.loads(line)
    if not (child := os.fork()):
        os.environ.clear()
        os.environ.update(environ)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        for number, file in enumerate(files, 1):
            os.dup2(os.open(file, os.O_WRONLY | os.O_CREAT), number)
        sys.argv = ["celery", "-A", "oasst_site", "worker", *options]
        sys.exit(main())
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""
"""Celery's command line, imported once and then forked for each of the tests: an import takes longer than a refusal."""

StartWorker = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def command_line() -> Iterator[subprocess.Popen[str]]:
    """A process that runs Celery's command line as often as it is told to. It has nothing to reach."""
    inherited = {name: value for name, value in os.environ.items() if name not in OURS}
    environ = inherited | {"SECRET_KEY": "for this test", "REDIS_URL": "redis://127.0.0.1:1/0"}
    command = [sys.executable, "-c", COMMAND]
    with subprocess.Popen(
        command, cwd=ROOT, env=environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield process
        process.communicate()
    assert process.returncode == 0


@pytest.fixture
def start_worker(command_line: subprocess.Popen[str], tmp_path: Path) -> StartWorker:
    """Runs a worker that should refuse to start."""
    inherited = {name: value for name, value in os.environ.items() if name not in OURS}

    def start(*options: str, **environment: str) -> subprocess.CompletedProcess[str]:
        files = [tmp_path / f"{name}-{secrets.token_hex(4)}" for name in ("stdout", "stderr")]
        order = [options, inherited | {"SECRET_KEY": "for this test"} | environment, *map(str, files)]
        assert command_line.stdin is not None
        assert command_line.stdout is not None
        print(json.dumps(order), file=command_line.stdin, flush=True)
        code = int(command_line.stdout.readline())
        return subprocess.CompletedProcess(options, code, *(file.read_text() for file in files))

    return start


DEMO = ("--model", "demo", "--engine-url", "http://127.0.0.1:1")


@pytest.mark.parametrize(
    ("options", "line"),
    [
        ((), "Error: nothing to serve: give --model NAME"),
        (("--model", "nope", *DEMO[2:]), "Error: --model: unknown model 'nope'; the catalogue has demo, _lorem"),
        (("--model", "demo"), "Error: --engine-url is missing: say where the engine of demo answers"),
        (("--model", "demo", "--engine-url", "gpu:80"), "Error: --engine-url 'gpu:80' is no address of an engine"),
        (("--model", "demo", "--engine-url", "http://"), "Error: --engine-url 'http://' is no address"),
        (("--model", "demo", "--engine-url", "http://a:99999"), "Error: --engine-url 'http://a:99999' is no address"),
        (("--model", "demo", "--engine-url", "http://[a"), "Error: --engine-url 'http://[a' is no address"),
        (("--model", "demo", "--engine-url", "http://a b"), "Error: --engine-url 'http://a b' is no address"),
        (
            ("--model", "demo", "--engine-url", "http://a:secret@b"),
            "Error: --engine-url holds a user name or a password",
        ),
        ((*DEMO, "--engine", "magic"), "Error: --engine 'magic' is unknown; it must be one of auto, tgi, openai"),
        ((*DEMO, "-Q", "maintenance"), "Error: --model and -Q maintenance exclude each other"),
        ((*DEMO, "-P", "solo"), "Error: -P solo: these workers run on Celery's threads pool only"),
        ((*DEMO, "-c", "-3"), "Error: -c -3: a worker needs at least one thread"),
        ((*DEMO, "-B"), "Error: --autoscale and -B do not go with --model"),
        (("-Q", "gpu"), "Error: -Q gpu: the only queue to name is 'maintenance'"),
    ],
)
def test_a_wrong_option_gets_one_line(start_worker: StartWorker, options: tuple[str, ...], line: str):
    ended = start_worker(*options)
    assert ended.returncode == 2
    assert ended.stdout == ""
    assert ended.stderr.startswith(line)
    assert ended.stderr.count("\n") == 1
    assert "secret" not in ended.stderr


def test_the_environment_names_model_and_engine_too(start_worker: StartWorker):
    ended = start_worker(MODEL_CONFIG_NAME="nope", INFERENCE_SERVER_URL="http://127.0.0.1:1")
    assert ended.stderr.startswith("Error: --model: unknown model 'nope'")
    ended = start_worker(MODEL_CONFIG_NAME="demo", INFERENCE_SERVER_URL="127.0.0.1:1")
    assert ended.stderr.startswith("Error: --engine-url '127.0.0.1:1' is no address")


def test_a_model_in_the_environment_does_not_concern_a_worker_that_names_its_queue(start_worker: StartWorker):
    ended = start_worker("-Q", "gpu", MODEL_CONFIG_NAME="nope", INFERENCE_SERVER_URL="nonsense")
    assert ended.stderr.startswith("Error: -Q gpu:")


def test_a_wrong_catalogue_is_told_with_its_place(start_worker: StartWorker, tmp_path: Path):
    wrong = tmp_path / "models.toml"
    wrong.write_text('[models.x]\nmodel_id = "x"\nprompt_format = "cuneiform"\n')
    ended = start_worker(*DEMO, OASST_MODELS_FILE=str(wrong))
    assert ended.returncode == 2
    assert ended.stderr.startswith(f"Error: --model: {wrong}:3: ")
    assert ended.stderr.count("\n") == 1


def test_a_key_file_that_cannot_be_read_is_told(start_worker: StartWorker, tmp_path: Path):
    ended = start_worker(*DEMO, API_KEY_FILE=str(tmp_path / "no-such-file"))
    assert ended.returncode == 2
    assert ended.stderr.startswith("Error: API_KEY_FILE ")


def test_a_key_on_the_command_line_is_warned_of(start_worker: StartWorker):
    ended = start_worker("--api-key", "s3cret", "-Q", "gpu")
    assert ended.stderr.startswith("Warning: --api-key shows in the process list; prefer API_KEY or API_KEY_FILE.")
    assert "s3cret" not in ended.stdout + ended.stderr
