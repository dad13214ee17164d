"""deploy/systemd/: units that systemd reads without a word, that can do little, and that start our programs."""

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.deploy.compose_file import ROOT

FOLDER = ROOT / "deploy" / "systemd"
UNITS = sorted(FOLDER.glob("*.service"))
ANALYZE = shutil.which("systemd-analyze")
MOST_EXPOSED = 20  # tenths: what systemd calls OK ends at 4.9, an unhardened service has 9.6
WORKER_DRAINS_WITHIN_S = 5


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The units with programs, users and folders that this machine has, and an instance for each template."""
    folder = tmp_path_factory.mktemp("units")
    for path in FOLDER.iterdir():
        text = re.sub(r"/opt/oasst/\.venv/bin/\w+", "/bin/true", path.read_text(encoding="utf-8"))
        text = re.sub(r"^WorkingDirectory=.*$", "WorkingDirectory=/", text, flags=re.MULTILINE)
        text = re.sub(r"^(User|Group)=oasst$", r"\1=daemon", text, flags=re.MULTILINE)
        (folder / path.name.replace("@.", "@1.")).write_text(text, encoding="utf-8")
    return sorted(folder.glob("*.service"))


def value(unit: Path, key: str) -> str:
    found = re.findall(rf"^{key}=(.*)$", unit.read_text(encoding="utf-8"), re.MULTILINE)
    return str(found[-1])


@pytest.mark.skipif(ANALYZE is None, reason="there is no systemd-analyze on this machine")
def test_systemd_has_nothing_to_say_about_them(here: list[Path]):
    said = subprocess.run([str(ANALYZE), "verify", *map(str, here)], capture_output=True, text=True, check=False)
    ours = [line for line in (said.stdout + said.stderr).splitlines() if "oasst" in line]
    assert (said.returncode, ours) == (0, [])


@pytest.mark.skipif(ANALYZE is None, reason="there is no systemd-analyze on this machine")
def test_they_can_do_little(here: list[Path]):
    for unit in here:
        said = subprocess.run(
            [str(ANALYZE), "security", "--offline=true", f"--threshold={MOST_EXPOSED}", str(unit)],
            capture_output=True,
            text=True,
            check=False,
        )
        assert said.returncode == 0, said.stdout[-300:]


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_a_unit_starts_one_of_our_programs(unit: Path):
    """Its command line with --help in the place of work; the program's own parser reads the rest."""
    words = shlex.split(value(unit, "ExecStart").replace("%%", "%").replace("%i", "1234"))
    assert words[0].startswith("/opt/oasst/.venv/bin/")
    assert "-m oasst_site.web" in " ".join(words) or words[0].endswith("/celery")
    program = str(Path(sys.executable).with_name(Path(words[0]).name))
    said = subprocess.run(
        [program, *words[1:], "--help"],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", "SECRET_KEY": "only-to-start"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert said.returncode == 0, said.stderr


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_a_unit_comes_back_by_itself_and_has_time_to_end(unit: Path):
    assert (value(unit, "Restart"), value(unit, "User"), value(unit, "KillMode")) == ("always", "oasst", "mixed")
    assert value(unit, "StartLimitIntervalSec") == "0", "systemd would give up while Postgres is away"
    assert int(value(unit, "TimeoutStopSec")) >= 2 * WORKER_DRAINS_WITHIN_S
    assert value(unit, "WantedBy") == "oasst.target"
