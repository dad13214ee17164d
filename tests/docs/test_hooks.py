"""What git runs for those who want it: the checks of `make check`, out of .venv alone."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.docs.test_documents import ROOT

FORMS = sorted((ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml"))


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A repository with our hooks and our .venv."""
    for name in (".pre-commit-config.yaml", "pyproject.toml"):
        (tmp_path / name).write_bytes((ROOT / name).read_bytes())
    (tmp_path / ".venv").symlink_to(sys.prefix)
    (tmp_path / ".gitignore").write_text(".venv\n")
    git(tmp_path, "init", "--quiet")
    return tmp_path


def git(clone: Path, *arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=clone, check=True, capture_output=True)


def hooks(clone: Path) -> subprocess.CompletedProcess[str]:
    """Run them on everything that is staged, where nothing can be fetched."""
    git(clone, "add", ".")
    nowhere = {"PRE_COMMIT_HOME": str(clone / ".git" / "cache"), "HTTPS_PROXY": "http://127.0.0.1:9"}
    return subprocess.run(
        [sys.executable, "-m", "pre_commit", "run", "--all-files"],
        cwd=clone,
        env=os.environ | nowhere,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_commit_that_is_not_in_the_format_is_put_into_it_and_refused(clone):
    (clone / "fine.py").write_text('"""Nothing."""\n')
    passed = hooks(clone)
    assert passed.returncode == 0, passed.stdout + passed.stderr
    (clone / "crooked.py").write_text("x=1\n")
    assert hooks(clone).returncode == 1
    assert (clone / "crooked.py").read_text() == "x = 1\n"
    assert hooks(clone).returncode == 0


def test_all_of_make_check_runs_before_a_push():
    config = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    entries = {hook["id"]: hook for repo in config["repos"] for hook in repo["hooks"]}
    assert {repo["repo"] for repo in config["repos"]} == {"local"}
    assert entries["make-check"]["entry"] == "make -s check"
    assert entries["make-check"]["stages"] == ["pre-push"]


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.name)
def test_a_form_for_issues_is_one_that_its_reader_knows(path):
    kind = "vendor.github-issue-config" if path.name == "config.yml" else "vendor.github-issue-forms"
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", kind, str(path)]
    checked = subprocess.run(command, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr
