"""Wrong options of a worker get one line that names them, and exit code 2, before anything is started."""

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.forked import Forked, forked

OURS = ("MODEL_CONFIG_NAME", "INFERENCE_SERVER_URL", "INFERENCE_SERVER_KIND", "API_KEY", "API_KEY_FILE")


READY = "import celery.bin.celery, oasst_site.celery, django; django.setup()"
"""Here the settings are always the same: all but the options is done before the fork."""

StartWorker = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def fork() -> Iterator[Forked]:
    """It has nothing to reach."""
    inherited = {name: value for name, value in os.environ.items() if name not in OURS}
    with forked(READY, inherited | {"SECRET_KEY": "for this test", "REDIS_URL": "redis://127.0.0.1:1/0"}) as process:
        yield process


@pytest.fixture
def start_worker(fork: Forked) -> StartWorker:
    """Runs a worker that should refuse to start."""
    inherited = {name: value for name, value in os.environ.items() if name not in OURS}

    def start(*options: str, **environment: str) -> subprocess.CompletedProcess[str]:
        environ = inherited | {"SECRET_KEY": "for this test"} | environment
        return fork.run("-m", "celery", "-A", "oasst_site", "worker", *options, environ=environ)

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
