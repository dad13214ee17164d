"""Whoever types a command without its settings, its servers or its packages reads one line with the way out."""

import os
import subprocess
import sys

import pytest
from django.core.management import get_commands

from oasst_site.stack.options import ROOT

WORKER = ("-m", "celery", "-A", "oasst_site", "worker", "--model", "demo", "--engine-url", "http://localhost:1")
NOBODY = "postgres://me:secret@127.0.0.1:1/x"


def typed(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run Python with these in an environment that has nothing else."""
    bare = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/")}
    return subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, env=bare | environ, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(
    ("arguments", "environ", "told"),
    [
        (("manage.py", "models"), {}, "Error: SECRET_KEY is empty. Beside a running `make run`, load its settings"),
        (WORKER, {}, "Error: SECRET_KEY is empty."),
        (("-m", "oasst_site.web"), {}, "Error: SECRET_KEY is empty."),
        (
            ("manage.py", "check"),
            {"DEBUG": "perhaps"},
            "Error: Environment variable \"DEBUG\" invalid: Not a valid boolean. It is 'perhaps'. docs/settings.md",
        ),
        (
            ("manage.py", "create_worker", "gpu-1"),
            {"DEBUG": "true", "DATABASE_URL": NOBODY},
            "manage.py: DATABASE_URL 'postgres://me:***@127.0.0.1:1/x' cannot be reached",
        ),
        (("-S", "manage.py", "migrate"), {}, "lacks the packages (No module named"),
    ],
    ids=["manage.py", "worker", "web", "value", "database", "packages"],
)
def test_it_is_told_in_one_line(arguments, environ, told):
    ended = typed(*arguments, **environ)
    assert ended.returncode == (2 if told.startswith("Error: ") else 1)
    assert told in ended.stderr.splitlines()[-1]
    assert len(ended.stderr.splitlines()) == 1, "no warnings of each vain try before it"
    assert "secret" not in ended.stderr


def test_who_wants_the_trace_gets_it():
    ended = typed("manage.py", "create_worker", "gpu-1", "--traceback", DEBUG="true", DATABASE_URL=NOBODY)
    assert "Traceback" in ended.stderr


def test_manage_py_alone_lists_all_commands_of_ours():
    told = typed("manage.py")
    assert told.returncode == 0
    ours = {name for name, app in get_commands().items() if app.split(".")[0] in ("oasst_site", "workers", "chats")}
    assert {name for name in ours if f"manage.py {name} " in told.stdout} == ours


def test_make_alone_lists_its_targets_and_tells_of_one_that_is_not_there():
    told = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=False)
    for target in ("run", "run-local", "stack", "test", "check", "docs", "fmt", "hooks", "bench", "chaos", "clean"):
        assert f"make {target} " in told.stdout
    missing = subprocess.run(["make", "nonsense"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert "there is no 'nonsense'; make alone lists what there is" in missing.stderr
