"""Makes `.venv` hold exactly what a requirements file pins; does nothing when it does already.

    python3 requirements/install.py requirements/stack.txt

OASST_VENV names another folder than `.venv`: the local engine's packages have one of their own.
Needs only Python's standard library, and runs on older Pythons too, if only to say that they are too old.
"""
# ruff: noqa: T201  # it talks to a person on a terminal

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from typing import Any, Callable, Sequence  # noqa: UP035  # those of collections.abc came with 3.9

OLDEST, NEWEST = (3, 11), (3, 13)
CANDIDATES = ("python3.13", "python3.12", "python3.11")
PROJECT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
NAME = os.environ.get("OASST_VENV") or ".venv"
VENV = os.path.join(PROJECT, NAME)
PYTHON = os.path.join(VENV, "bin", "python")
STAMP = os.path.join(VENV, ".installed.json")
RETRYING = "Retrying (Retry("
PATIENCE_S = 1.5
SAY_EVERY_S = 10.0


def main(arguments: list[str]) -> int:
    """Install the files named in `arguments`. The exit code."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    if not OLDEST <= sys.version_info[:2] <= NEWEST:
        return with_another_python(arguments)
    try:
        take_turns()
        make_venv()
        for path in arguments:
            install(path)
    except Refusal as error:
        print(f"make: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nmake: interrupted; run it again to go on", file=sys.stderr)
        return 130
    except OSError as error:
        print(f"make: {NAME} cannot be made ({error}). Make this folder writable and try again.", file=sys.stderr)
        return 1
    return 0


class Refusal(Exception):
    """What is wrong and the way out, in one line."""


def dotted(version: Sequence[Any]) -> str:
    """A Python version as people write it."""
    return ".".join(map(str, version[:2]))


def with_another_python(arguments: list[str]) -> int:
    """Go on with a Python that fits, when there is one and nobody has chosen this one; else say what is wrong."""
    chosen = os.environ.get("PYTHON_IS_CHOSEN")
    for name in () if chosen else CANDIDATES:
        path = shutil.which(name)
        if path and runs(path):
            return subprocess.call([path, os.path.abspath(__file__), *arguments])
    print(
        f"make: {sys.executable} is Python {dotted(sys.version_info)}; this needs Python {dotted(OLDEST)} to "
        f"{dotted(NEWEST)}. Install one of them and name it: make run PYTHON=python3.12",
        file=sys.stderr,
    )
    return 1


def runs(path: str) -> bool:
    """Whether this is really a Python that fits: version managers leave shims of Pythons that are not there."""
    script = f"import sys; sys.exit(not {OLDEST} <= sys.version_info[:2] <= {NEWEST})"
    with open(os.devnull, "w") as nowhere:
        return subprocess.call([path, "-c", script], stdout=nowhere, stderr=nowhere) == 0


def take_turns() -> None:
    """Wait for another run of this script in the same project: two pips in one .venv spoil it. Held until our end."""
    folder = os.open(os.path.dirname(os.path.abspath(__file__)), os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        print("Waiting for another make that installs packages here")
        sys.stdout.flush()
        fcntl.flock(folder, fcntl.LOCK_EX)
    except OSError:  # a file system without locks
        os.close(folder)


def make_venv() -> None:
    """Make .venv unless it works. One that was made half, or whose Python has gone, is made anew."""
    if os.path.exists(PYTHON) and works([PYTHON, "-m", "pip", "--version"]):
        return
    print(f"Making {NAME} with Python {dotted(sys.version_info)}")
    sys.stdout.flush()
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError as error:
        raise Refusal(
            f"{sys.executable} cannot make virtual environments ({error}). On Debian and Ubuntu: "
            f"apt install python{dotted(sys.version_info)}-venv; "
            "or name another Python: make run PYTHON=/path/to/python3"
        ) from error
    outcome, lines = run([sys.executable, "-m", "venv", "--clear", VENV], f"still making {NAME}")
    if outcome != 0:
        said = lines[-1] if lines else "it said nothing"
        raise Refusal(f"{sys.executable} -m venv {NAME} failed: {said}. {way_out(said)}")


def way_out(said: str, otherwise: str = "Name another Python: make run PYTHON=/path/to/python3") -> str:
    """What to do about the last words of a program that could not write."""
    if "Permission denied" in said or "Read-only file system" in said:
        return "Make this folder writable for you, or clone it into one that is; then run it again"
    if "No space left" in said:
        return "Free some space (it needs about 1 GB), then run it again"
    return otherwise


def works(command: list[str]) -> bool:
    """Whether the command ends well."""
    try:
        with open(os.devnull, "w") as nowhere:
            return subprocess.call(command, stdout=nowhere, stderr=nowhere) == 0
    except OSError:
        return False


def install(path: str) -> None:
    """Install the pins of the file, when they are not those installed last."""
    wanted = pins(path)
    installed = read_stamp()
    # A pin without its marker is the same package for every system.
    if all(installed.get(name) in (pin, pin.split(";")[0].strip()) for name, pin in wanted.items()):
        return
    name = os.path.relpath(path, PROJECT)
    print(f"Installing {len(wanted)} packages of {name} (the first time takes a minute or two)")
    sys.stdout.flush()
    command = [PYTHON, "-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--progress-bar", "off"]
    outcome, lines = run([*command, "--only-binary", ":all:", "-r", path], progress(len(wanted)))
    if outcome != 0:
        errors = [line for line in lines if line.lower().startswith("error")] or lines or ["it said nothing"]
        if out := way_out(errors[-1], ""):
            raise Refusal(f"pip could not install {name}: {errors[-1]}. {out}")
        if any(RETRYING in line for line in lines):  # pip then says that there is no such package
            raise Refusal(
                f"pip could not install {name}: the package index does not answer. Check the network, the proxy "
                "(HTTPS_PROXY) and pip's settings (pip config list), then run it again"
            )
        raise Refusal(
            f"pip could not install {name}: {errors[-1]}. "
            "Check the network and pip's settings (pip config list), then run it again"
        )
    installed.update(wanted)
    write_stamp(installed)


def pins(path: str) -> dict[str, str]:
    """Package name -> its whole line, of a compiled requirements file."""
    found: dict[str, str] = {}
    with open(path) as file:
        for line in file:
            line = line.split(" #")[0].strip()
            if line and not line.startswith("#"):
                found[line.split("==")[0].split(" ")[0].lower()] = line
    return found


def progress(total: int) -> Callable[[str], str | None]:
    """What pip is at, out of its own lines; an empty one is the beginning."""
    seen: list[str] = []

    def tell(line: str) -> str | None:
        if not line:
            return "asking for the packages"
        if RETRYING in line:
            return "no answer from the package index; trying again"
        for start in ("Collecting ", "Requirement already satisfied: "):
            if line.startswith(start):
                seen.append(line)
                return f"{min(len(seen), total)} of {total}: {line[len(start) :].split(' ')[0]}"
        return "unpacking" if line.startswith("Installing collected packages") else None

    return tell


def run(command: list[str], tell: str | Callable[[str], str | None]) -> tuple[int, list[str]]:
    """Run the command with its output kept; whoever waits longer than PATIENCE_S is told where it is.

    `tell` is a text, or turns a line of output into one. Returns the exit code and the lines.
    """
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, universal_newlines=True)
    assert process.stdout is not None
    output = process.stdout
    state: dict[str, Any] = {"at": tell if isinstance(tell, str) else tell(""), "lines": []}

    def read() -> None:
        for line in output:
            line = line.rstrip()
            if line:
                state["lines"].append(line)
                state["at"] = (None if isinstance(tell, str) else tell(line)) or state["at"]

    reader = threading.Thread(target=read)
    reader.daemon = True
    reader.start()
    show(process, state)
    reader.join()
    return process.wait(), state["lines"]


def show(process: subprocess.Popen[str], state: dict[str, Any]) -> None:
    """A line that renews itself on a terminal, one line now and then elsewhere; each says for how long it has been."""
    terminal = sys.stdout.isatty()
    every_s = 1.0 if terminal else SAY_EVERY_S
    began = time.time()
    next_s = PATIENCE_S
    try:
        while process.poll() is None:
            time.sleep(0.1)
            ran_s = time.time() - began
            if ran_s < next_s:
                continue
            next_s = ran_s + every_s
            line = f"  {state['at']} ({ran_s:.0f} s)"
            sys.stdout.write(f"\r{line:<78.78}" if terminal else f"{line}\n")
            sys.stdout.flush()
    except KeyboardInterrupt:
        process.terminate()
        process.wait()
        raise
    finally:
        if terminal and next_s > PATIENCE_S:
            sys.stdout.write(f"\r{'':78}\r")
            sys.stdout.flush()


def read_stamp() -> dict[str, str]:
    """Package name -> the line that it was last installed by. Empty for another .venv than was stamped."""
    try:
        with open(STAMP) as file:
            stamp = json.load(file)
        return stamp["pins"] if stamp["venv"] == venv_id() else {}
    except (OSError, ValueError, KeyError):
        return {}


def write_stamp(installed: dict[str, str]) -> None:
    """Note what is installed now."""
    with open(STAMP, "w") as file:
        json.dump({"venv": venv_id(), "pins": installed}, file, indent=1, sort_keys=True)


def venv_id() -> str:
    """Changes when .venv is made anew with another Python."""
    with open(os.path.join(VENV, "pyvenv.cfg"), "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
