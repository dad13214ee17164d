"""Looks at this machine: Python, the packages, the disk, who may read the files with secrets. Needs no settings."""

import os
import re
import shutil
import stat
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from oasst_site.doctor.finding import Finding, doubtful, fine, wrong
from oasst_site.stack.options import ROOT

OLDEST, NEWEST = (3, 11), (3, 13)
LITTLE_BYTES = 2**30
_PIN = re.compile(r"^([A-Za-z0-9][\w.-]*)(?:\[[^\]]*\])?==([^\s;]+)\s*(;.*)?$")


def python() -> Iterator[Finding]:
    """The interpreter."""
    have = sys.version_info[:2]
    told = f"{have[0]}.{have[1]}.{sys.version_info.micro} at {sys.executable}"
    if OLDEST <= have <= NEWEST:
        yield fine("python", told)
    else:
        yield wrong("python", f"{told}; it must be 3.11 to 3.13", "Install one of them, and make the environment anew.")


def packages(files: tuple[Path, ...] | None = None) -> Iterator[Finding]:
    """The installed versions are the pinned ones: those of a worker where its packages are installed."""
    if files is None:
        files = (ROOT / "requirements" / ("worker.txt" if _installed("text-generation") else "base.txt"),)
    for file in files:
        if not file.exists():
            yield doubtful(
                "packages", f"{file} is missing: nothing to compare with", "Keep requirements/ with the code."
            )
            continue
        missing, other, count = [], [], 0
        for line in file.read_text(encoding="utf-8").splitlines():
            pin = _PIN.match(line)
            if pin is None or pin[3]:  # those of other systems are not compared
                continue
            count += 1
            have = _installed(pin[1])
            if have is None:
                missing.append(pin[1])
            elif have != pin[2]:
                other.append(f"{pin[1]} {have} (pinned: {pin[2]})")
        mend = f"pip install -r requirements/{file.name}"
        if missing:
            yield wrong("packages", f"not installed: {', '.join(missing)}", mend)
        if other:
            yield doubtful("packages", f"other versions than those that were tested: {', '.join(other)}", mend)
        if not missing and not other:
            yield fine("packages", f"{count} of requirements/{file.name}, as pinned")


def disk() -> Iterator[Finding]:
    """Room where this machine's data and logs are."""
    local = _local()
    place = local if local.exists() else ROOT
    usage = shutil.disk_usage(place)
    told = f"{usage.free / 2**30:.1f} GiB free of {usage.total / 2**30:.1f} at {place}"
    if usage.free < LITTLE_BYTES:
        yield wrong("disk", told, "Make room, or move the data: a full disk stops Postgres and Redis.")
    elif usage.free < usage.total * 0.05:
        yield doubtful("disk", told, "Make room before it is full.")
    else:
        yield fine("disk", told)


def secret_files() -> Iterator[Finding]:
    """Files with secrets belong to one user."""
    local = _local()
    key_file = os.environ.get("API_KEY_FILE")
    files = [local / "env", *sorted((local / "secrets").glob("*")), ROOT / "docker" / ".env"]
    files += [Path(key_file)] if key_file else []
    looked, open_ones = 0, []
    for file in files:
        try:
            mode = file.stat().st_mode
        except OSError:
            continue
        looked += 1
        if mode & (stat.S_IRWXG | stat.S_IRWXO):
            open_ones.append(str(file))
    if key_file and not Path(key_file).is_file():
        yield wrong(
            "secret files", f"API_KEY_FILE {key_file} is no file", "Write the worker's key into it, or leave it out."
        )
    if open_ones:
        yield doubtful("secret files", f"others may read {', '.join(open_ones)}", f"chmod 600 {' '.join(open_ones)}")
    elif looked:
        yield fine("secret files", f"{looked} files, readable by their owner alone")


def _local() -> Path:
    """The stack's folder, found as the stack finds it."""
    return ROOT / Path(os.environ.get("LOCAL_DIR") or ".local").expanduser()


def _installed(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
