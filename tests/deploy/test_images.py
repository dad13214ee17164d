"""docker/Dockerfile: linted, and each image holds what its programs need. (No engine is at hand to build them.)"""

import os
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.deploy.compose_file import DOCKER, ROOT, compose
from tests.deploy.dockerfile import FILE, assembled, stages

OURS = ("server", "worker", "text-client", "flower")


def test_hadolint_finds_nothing():
    said = subprocess.run(
        [str(Path(sys.executable).with_name("hadolint")), str(FILE)], capture_output=True, text=True, check=False
    )
    assert (said.returncode, said.stdout) == (0, "")


def test_the_bases_are_pinned_to_a_release():
    bases = re.findall(r"^ARG \w+_IMAGE=(.+)$", FILE.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(bases) == 2
    for base in bases:
        assert re.search(r":\d+\.\d+\.\d+-", base), base


def test_the_compose_file_builds_exactly_these_images():
    targets = {each["build"]["target"] for each in compose()["services"].values() if "build" in each}
    assert targets == set(OURS)


@pytest.mark.parametrize("name", OURS)
def test_no_image_runs_as_root_or_holds_a_compiler_stage(name: str):
    stage = stages()[name]
    assert "USER 10001" in stage.lines
    assert "packages" not in stage.base
    assert any(line.startswith("COPY --from=") for line in stage.lines)


@pytest.mark.parametrize("name", [name for name in OURS if name != "text-client"])
def test_each_image_that_serves_has_a_healthcheck(name: str):
    assert any(line.startswith("HEALTHCHECK ") for line in stages()[name].lines)


def test_only_what_is_copied_reaches_the_builder():
    ignored = (DOCKER / "Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    assert "*" in ignored
    let_in = {line[1:] for line in ignored if line.startswith("!")}
    copied = {source.split("/")[0] for stage in stages().values() for source, _ in stage.copies}
    assert let_in == copied


@pytest.mark.parametrize(
    ("name", "command"),
    [
        ("server", ["-m", "oasst_site.web", "--help"]),
        ("server", ["manage.py", "collectstatic", "--noinput", "--dry-run"]),
        ("server", ["-c", "import django; django.setup(); import workers.reconciler.timer, oasst_site.asgi"]),
        ("worker", ["-c", "import django; django.setup(); import workers.runtime, workers.tasks"]),
        ("worker", ["-m", "celery", "-A", "oasst_site", "worker", "--help"]),
        ("worker", ["-m", "inference.demo_tgi", "--help"]),
        ("flower", ["-m", "celery", "-A", "oasst_site", "report"]),
        ("text-client", ["-m", "chats.text_client", "--help"]),
    ],
    ids=lambda value: value if isinstance(value, str) else " ".join(value)[:50],
)
def test_the_program_starts_from_what_the_image_holds(name: str, command: Sequence[str], tmp_path: Path):
    said = subprocess.run(
        [sys.executable, *command],
        cwd=assembled(name, tmp_path),
        env={
            "PATH": os.environ["PATH"],
            "SECRET_KEY": "only-to-start",
            "DJANGO_SETTINGS_MODULE": "oasst_site.settings",
            "MODEL_CONFIG_NAME": "demo",
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert said.returncode == 0, said.stderr


def test_the_demo_engines_image_has_the_documents_that_it_answers_from(tmp_path: Path):
    app = assembled("worker", tmp_path)
    assert (app / "README.md").exists()
    assert (app / "docs" / "workers.md").exists()


def test_every_image_has_the_same_releases_of_what_they_share():
    pins = {
        name: set(re.findall(r"^[\w.\[\]-]+==\S+", (ROOT / "requirements" / f"{name}.txt").read_text("utf-8"), re.M))
        for name in ("base", "worker", "flower")
    }
    assert pins["base"] <= pins["worker"]
    assert pins["base"] <= pins["flower"], "compile requirements/flower.txt again (docs/development.md)"
