"""`requirements/install.py` by itself, as the Makefile calls it, in a copy of its folder."""

import fcntl
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.tries import FOR_SECONDS

SOURCE = Path(__file__).resolve().parents[2] / "requirements" / "install.py"
COMPILED = """\
aiohttp==3.14.5
    # via -r worker.in
Async-Timeout==5.0.1 ; python_full_version < '3.11.3'
"""


def project_in(path: Path) -> Path:
    """A project with the script, a file that pins nothing, and one whose package cannot be had."""
    folder = path / "requirements"
    folder.mkdir()
    shutil.copy(SOURCE, folder)
    (folder / "nothing.txt").write_text("# nothing\n")
    (folder / "missing.txt").write_text("no-such-package-of-ours==1.0\n")
    return path


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return project_in(tmp_path)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose environment is there already."""
    project = project_in(tmp_path_factory.mktemp("made"))
    assert install(project, "nothing.txt").returncode == 0
    return project


def install(project: Path, name: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(project / "requirements" / "install.py"), str(project / "requirements" / name)],
        env=dict(os.environ) | {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": ""} | environ,
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )


def ask(project: Path, question: str) -> str:
    """What the script's own functions say."""
    script = f"import json, sys; sys.path.insert(0, {str(project / 'requirements')!r}); import install; {question}"
    return subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout


def test_the_environment_is_made_once_and_made_anew_when_it_is_broken(project: Path) -> None:
    python = project / ".venv" / "bin" / "python"
    assert "Making .venv" in install(project, "nothing.txt").stdout
    assert python.exists()
    again = install(project, "nothing.txt")
    assert (again.returncode, again.stdout, again.stderr) == (0, "", "")
    python.unlink()
    assert "Making .venv" in install(project, "nothing.txt").stdout

    refused = install(project, "missing.txt")
    assert refused.returncode == 1
    assert refused.stderr.startswith("make: pip could not install requirements/missing.txt: ERROR: ")
    assert "no-such-package-of-ours" in refused.stderr
    assert "run it again" in refused.stderr
    assert "Traceback" not in refused.stderr

    # As if it had been installed: the pins are compared, pip is not asked.
    pins = {"no-such-package-of-ours": "no-such-package-of-ours==1.0"}
    ask(project, f"install.write_stamp({pins})")
    assert install(project, "missing.txt").returncode == 0
    pin = project / "requirements" / "missing.txt"
    pin.write_text("no-such-package-of-ours==1.0 ; sys_platform == 'win32'\n")
    assert install(project, "missing.txt").returncode == 0, "it is there for every system already"
    pin.write_text("no-such-package-of-ours==2.0\n")
    assert install(project, "missing.txt").returncode == 1


def test_who_waits_for_the_package_index_reads_for_what_and_may_interrupt(made: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        index = f"http://127.0.0.1:{silent.getsockname()[1]}/simple"
        with subprocess.Popen(
            [sys.executable, str(made / "requirements" / "install.py"), str(made / "requirements/missing.txt")],
            env={**os.environ, "PIP_NO_INDEX": "0", "PIP_INDEX_URL": index, "PIP_FIND_LINKS": "", "NO_PROXY": "*"},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as waiting:
            assert waiting.stdout is not None
            assert "Installing 1 packages" in waiting.stdout.readline()
            assert re.fullmatch(rf"asking for the packages {FOR_SECONDS}", waiting.stdout.readline().strip())
            waiting.send_signal(signal.SIGINT)
            _, said = waiting.communicate(timeout=90)
    assert waiting.returncode == 130
    assert said.strip() == "make: interrupted; run it again to go on"


def test_an_index_that_cannot_be_reached_is_told_and_no_missing_package(made: Path) -> None:
    refused = install(made, "missing.txt", PIP_NO_INDEX="0", PIP_INDEX_URL="http://127.0.0.1:1/", PIP_RETRIES="1")
    assert refused.returncode == 1
    assert "missing.txt: the package index does not answer. Check the network, the proxy" in refused.stderr


def test_pins_are_read_with_their_conditions_and_without_remarks(project: Path) -> None:
    (project / "requirements" / "some.txt").write_text(COMPILED)
    path = str(project / "requirements" / "some.txt")
    assert json.loads(ask(project, f"print(json.dumps(install.pins({path!r})))")) == {
        "aiohttp": "aiohttp==3.14.5",
        "async-timeout": "Async-Timeout==5.0.1 ; python_full_version < '3.11.3'",
    }


def test_a_python_without_virtual_environments_is_told_how_to_get_them(project: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "ensurepip.py").write_text("raise ImportError('No module named ensurepip')")
    refused = install(project, "nothing.txt", PYTHONPATH=str(broken))
    assert refused.returncode == 1
    assert "apt install python3." in refused.stderr
    assert "-venv" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_python_that_does_not_fit_is_named_with_what_would(project: Path) -> None:
    said = ask(
        project,
        "import os; os.environ['PYTHON_IS_CHOSEN'] = '1'; sys.stderr = sys.stdout; "
        "install.OLDEST = (99, 0); print(install.main([]))",
    )
    assert "this needs Python 99.0 to 3.13" in said
    assert "PYTHON=python3.12" in said
    assert said.rstrip().endswith("1")


def test_two_at_a_time_take_turns(made: Path) -> None:
    first = os.open(made / "requirements", os.O_RDONLY)
    fcntl.flock(first, fcntl.LOCK_EX)
    with subprocess.Popen(
        [sys.executable, str(made / "requirements" / "install.py"), str(made / "requirements" / "nothing.txt")],
        stdout=subprocess.PIPE,
        text=True,
    ) as second:
        assert second.stdout is not None
        assert second.stdout.readline() == "Waiting for another make that installs packages here\n"
        assert second.poll() is None
        os.close(first)
        assert second.wait(90) == 0


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("Error: [Errno 13] Permission denied: '/x/.venv'", "Make this folder writable for you"),
        ("ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device", "Free some space"),
        ("Error: it is broken", "Name another Python"),
    ],
)
def test_who_cannot_write_is_told_to_see_to_the_folder_or_the_disk(project: Path, said: str, told: str) -> None:
    assert told in ask(project, f"print(install.way_out({said!r}))")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_told(project: Path) -> None:
    project.chmod(0o500)
    refused = install(project, "nothing.txt")
    project.chmod(0o700)
    assert refused.returncode == 1
    assert "Traceback" not in refused.stderr


@pytest.mark.parametrize("name", ["base", "worker", "stack", "tracing"])
def test_what_make_test_installs_is_what_make_run_wants(name: str) -> None:
    """Else each change between the two would install packages anew, also below the tests that type `make run`."""

    def pinned(name: str) -> set[str]:
        path = str(SOURCE.parent / f"{name}.txt")
        script = f"import json, sys; sys.path.insert(0, {str(SOURCE.parent)!r}); import install; "
        script += f"print(json.dumps(list(install.pins({path!r}).values())))"
        told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
        return {pin.split(";")[0].strip() for pin in json.loads(told)}

    assert pinned(name) <= pinned("dev")
