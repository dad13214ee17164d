"""The whole stack over a real engine: `manage.py up --local-model` with a model that the test makes."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from oasst_site.stack.options import ROOT
from oasst_site.stack.ports import free_port
from tests.oasst_site.stack.stack_run import READY, StackRun

LOADED_S = 300.0


@pytest.fixture(scope="session")
def engine_python() -> str:
    """The Python that has transformers and torch."""
    python = Path(os.environ.get("LOCAL_ENGINE_PYTHON") or ROOT / ".venv-local" / "bin" / "python")
    if not (python.parent / "transformers").is_file():
        pytest.skip(f"{python} has no transformers: make test-engine installs it")
    return str(python)


@pytest.fixture(scope="session")
def tiny_model(engine_python: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a model of random weights."""
    folder = tmp_path_factory.mktemp("models") / "tiny-random"
    script = Path(__file__).with_name("tiny_model.py")
    made = subprocess.run([engine_python, script, folder], capture_output=True, text=True, timeout=300, check=False)
    assert made.returncode == 0, made.stderr
    return folder


@pytest.fixture(scope="session")
def port() -> int:
    return free_port()


@pytest.fixture(scope="session")
def run(
    engine_python: str, tiny_model: Path, port: int, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[StackRun]:
    """A stack whose worker stands before `transformers serve`."""
    folder = tmp_path_factory.mktemp("up") / "local"
    run = StackRun(
        folder, "--local-model", str(tiny_model), PORT=str(port), LOCAL_ENGINE_PYTHON=engine_python, RATE_LIMIT="false"
    )
    try:
        run.says(READY, LOADED_S)
        yield run
    finally:
        run.stop()
