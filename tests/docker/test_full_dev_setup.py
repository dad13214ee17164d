"""docker/full-dev-setup.sh in a real tmux: its panes are there, they work together, and nothing is left of them."""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from oasst_site.stack.ports import free_port
from tests.oasst_site.stack.stack_run import ROOT, environment, started_in

pytestmark = pytest.mark.skipif(
    shutil.which("tmux") is None, reason="there is no tmux on this machine (Debian: apt install tmux)"
)

PANES = ["database", "redis", "engine", "server", "text-client", "worker-1", "worker-2", "maintenance"]
SCRIPT = str(ROOT / "docker" / "full-dev-setup.sh")


class Session:
    """The script's tmux session over a folder and ports of its own."""

    def __init__(self, folder: Path, sockets: str) -> None:
        self.folder = folder
        self.port = free_port()
        self._environ = environment(
            LOCAL_DIR=str(folder),
            PORT=str(self.port),
            ENGINE_PORT=str(free_port()),
            TMUX_TMPDIR=sockets,
            TERM="xterm-256color",
        )

    def script(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run the script to its end; it has no terminal here, so it does not attach."""
        return self._run(SCRIPT, *arguments)

    def tmux(self, *arguments: str) -> str:
        """What tmux answers."""
        return self._run("tmux", "-L", f"oasst-{self.port}", *arguments).stdout

    def screen(self, pane: str) -> str:
        """All that the pane has shown, long lines in one."""
        return self.tmux("capture-pane", "-p", "-J", "-S", "-", "-t", f"oasst:.{PANES.index(pane)}")

    def type(self, pane: str, *keys: str) -> None:
        """Press these keys there."""
        self.tmux("send-keys", "-t", f"oasst:.{PANES.index(pane)}", *keys)

    def until(self, condition: Callable[[], object], what: str) -> None:
        """Wait for it. Raises AssertionError with every pane's screen."""
        deadline = time.monotonic() + 180
        while not condition():
            screens = "\n".join(f"--- {pane}\n{self.screen(pane).strip()}" for pane in PANES)
            assert time.monotonic() < deadline, f"{what}: did not happen\n{screens}"
            time.sleep(0.1)

    def shows(self, pane: str, text: str, times: int = 1) -> None:
        """Wait until the pane has shown it so often."""
        self.until(lambda: self.screen(pane).count(text) >= times, f"{pane} shows {text!r}")

    def _run(self, *command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command, env=self._environ, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
        )


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    folder = tmp_path / "local"
    with tempfile.TemporaryDirectory(prefix="tmux-") as sockets:  # a socket's path may have about 100 bytes
        session = Session(folder, sockets)
        try:
            yield session
        finally:
            session.tmux("kill-server")


def test_every_process_has_its_pane_and_nothing_is_left_at_the_end(session: Session) -> None:
    started = session.script()
    assert started.returncode == 0, started.stderr
    assert session.tmux("list-panes", "-t", "oasst", "-F", "#{pane_title}").split() == PANES

    for pane in ("worker-1", "worker-2", "maintenance"):
        session.shows(pane, "ready.")
    session.shows("text-client", "/help tells the commands")
    session.type("text-client", "How do I start?", "Enter")
    session.shows("text-client", "make run")

    # Ctrl-C and Enter: the process is another one, the rest goes on.
    session.type("redis", "C-c")
    session.shows("redis", "Enter starts it again")
    session.type("redis", "Enter")
    session.shows("redis", "valkey runs", times=2)
    session.type("text-client", "Which models are there?", "Enter")
    session.shows("text-client", "A model of the catalogue answers only while a worker serves it")

    assert started_in(session.folder)
    ended = session.script("stop")
    assert ended.returncode == 0, ended.stderr
    session.until(lambda: not started_in(session.folder), "every process ends")
    assert not (session.folder / "env").exists()


def test_what_it_cannot_do_is_told_before_anything_starts(session: Session) -> None:
    assert "gpt-17" in session.script("gpt-17").stderr
    assert "no option --gpu" in session.script("--gpu").stderr
    assert f"nothing runs on port {session.port}" in session.script("stop").stderr
    assert not os.path.exists(session.folder)
