"""One command line with its surroundings, and how it is started so that it never outlives us."""

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from oasst_site.stack import other_user
from oasst_site.stack.other_user import SystemUser

_PR_SET_PDEATHSIG = 1  # linux/prctl.h
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None  # before any fork


@dataclass(frozen=True, kw_only=True)
class Command:
    """What to run. `popen_arguments` fits subprocess.Popen and asyncio.create_subprocess_exec alike."""

    argv: Sequence[str]
    env: Mapping[str, str] | None = None
    """The whole environment; None: ours."""
    cwd: Path | None = None
    user: SystemUser | None = None
    """None: the user that we are."""
    capabilities: Sequence[int] = ()
    """Linux capabilities kept by a command that runs as another user."""
    death_signal: signal.Signals = signal.SIGKILL
    """What Linux sends it when our process is gone; elsewhere the next start sweeps it (leftovers.py)."""
    pass_fds: Sequence[int] = field(default=())

    def popen_arguments(self) -> dict[str, Any]:
        """A session of its own, so that Ctrl-C reaches us alone and its whole group can be ended."""
        return {
            "stdin": subprocess.DEVNULL,
            "env": None if self.env is None else dict(self.env),
            "cwd": self.cwd,
            "start_new_session": True,
            "pass_fds": tuple(self.pass_fds),
            "preexec_fn": self._before_exec(os.getpid()),
        }

    def _before_exec(self, parent: int) -> Callable[[], None]:
        def prepare() -> None:
            if self.user is not None:
                other_user.become(self.user, self.capabilities)
                os.umask(0o077)
            if _libc is not None:
                # After the change of user, which clears it.
                _libc.prctl(_PR_SET_PDEATHSIG, int(self.death_signal), 0, 0, 0)
                if os.getppid() != parent:
                    os._exit(1)

        return prepare


def run(command: Command, timeout_s: float) -> subprocess.CompletedProcess[str]:
    """Run to the end and give its output; stderr goes into stdout. Raises subprocess.TimeoutExpired."""
    return subprocess.run(
        list(command.argv),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        timeout=timeout_s,
        check=False,
        **command.popen_arguments(),
    )
