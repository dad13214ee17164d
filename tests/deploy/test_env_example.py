"""docker/.env.example has every variable, and docker/make_env.py makes a docker/.env of it that works."""

import os
import re
import stat
import subprocess
import sys
from pathlib import Path

import yaml

from tests.deploy.compose_file import DOCKER, EXAMPLE, ROOT, example, interpolated, switched_on

SET_BY_COMPOSE = {"API_KEY", "API_KEY_FILE", "ALIVE_FILE", "OASST_URL"}
"""Each container has its own: WORKER_API_KEY is the workers' API_KEY."""
DECIDED_HERE = {"CELERY_BROKER_URL", "OTEL_SERVICE_NAME", "RATE_LIMIT", "WORKER_KEYS_REQUIRED"}
"""Their defaults depend on something else."""


def told_by_the_docs() -> dict[str, str]:
    """Each variable of docs/settings.md with its default, but those of `make run`."""
    page = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    sections = re.split(r"^## ", page, flags=re.MULTILINE)
    rows = [
        row
        for section in sections
        if not section.startswith("Settings of `make run`")
        for row in re.findall(r"^\| `([A-Z0-9_]+)` \| (.*?) \| .+ \|$", section, re.MULTILINE)
    ]
    return {name: code[1] if (code := re.match("`([^`]*)`", default)) else "" for name, default in rows}


def made(folder: Path) -> dict[str, str]:
    """The variables of a fresh docker/.env."""
    target = folder / ".env"
    subprocess.run([sys.executable, str(DOCKER / "make_env.py"), str(target)], check=True, capture_output=True)
    lines = re.findall(r"^([A-Z0-9_]+)=(.*)$", target.read_text(encoding="utf-8"), re.MULTILINE)
    return dict(lines)


def test_it_names_every_setting_and_every_variable_of_the_compose_file():
    wanted = (told_by_the_docs().keys() - SET_BY_COMPOSE) | interpolated() | {"METRICS_TOKEN"}
    lacks = "\n".join(f"# {name}={told_by_the_docs().get(name, '')}" for name in sorted(wanted - example().keys()))
    assert not lacks, f"docker/.env.example lacks:\n{lacks}"
    assert not example().keys() - wanted, "nobody reads these any more"


def test_what_is_not_switched_on_shows_the_default():
    told = told_by_the_docs()
    ours = example().keys() & told.keys() - switched_on() - interpolated() - DECIDED_HERE
    assert ours
    assert {name: example()[name] for name in ours} == {name: told[name] for name in ours}


def test_a_fresh_one_has_secrets_of_its_own_for_its_owner_alone(tmp_path: Path):
    first = made(tmp_path)
    assert stat.S_IMODE((tmp_path / ".env").stat().st_mode) == 0o600
    (tmp_path / ".env").unlink()
    second = made(tmp_path)
    drawn = {name for name in first if first[name] != second[name]}
    required = {name for name, value in example().items() if name in switched_on() and "SECRET" in name + value}
    assert required <= drawn
    assert {"POSTGRES_PASSWORD", "REDIS_PASSWORD", "WORKER_API_KEY", "GRAFANA_PASSWORD", "FLOWER_PASSWORD"} <= drawn
    assert all(len(first[name]) >= 40 for name in drawn)


def test_one_that_is_there_is_left_alone(tmp_path: Path):
    target = tmp_path / ".env"
    target.write_text("SECRET_KEY=mine\n", encoding="utf-8")
    said = subprocess.run([sys.executable, str(DOCKER / "make_env.py"), str(target)], capture_output=True, text=True)
    assert (said.returncode, target.read_text(encoding="utf-8")) == (1, "SECRET_KEY=mine\n")
    assert str(target) in said.stderr


def test_the_settings_start_with_it_and_refuse_nothing(tmp_path: Path):
    """As docker/compose.yaml gives it: docker/.env, then what it sets itself."""
    given = made(tmp_path)
    environment = yaml.safe_load((DOCKER / "compose.yaml").read_text(encoding="utf-8"))["x-environment"]
    set_by_compose = {
        "DATABASE_URL": f"postgres://oasst:{given['POSTGRES_PASSWORD']}@inference-db:5432/oasst",
        "REDIS_URL": f"redis://:{given['REDIS_PASSWORD']}@inference-redis:6379/0",
        "ALLOWED_HOSTS": f"{given['ALLOWED_HOSTS']},inference-server",
        "TRUSTED_PROXIES": "1",
        "SECRET_KEY": given["SECRET_KEY"],
    }
    assert set_by_compose.keys() == environment.keys()
    said = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"]} | given | set_by_compose,
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.returncode == 0, said.stderr
    assert "no issues" in said.stdout


def test_it_says_which_file_explains_the_settings():
    assert "docs/settings.md" in EXAMPLE.read_text(encoding="utf-8")
