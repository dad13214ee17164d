"""The stack's own folder, `.local/`: data, secrets and logs, held by one stack at a time."""

import errno
import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

from oasst_site.stack.errors import StackError

LOG_LIMIT = 10 * 2**20
"""Bytes of a log file beyond which the next start puts it aside as `NAME.log.1`."""


class LocalFolder:
    """The folder `path`. Every method raises StackError when the folder cannot be used."""

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self._locks: list[int] = []

    def claim(self, server: str = "") -> None:
        """Make the folder and hold it until `release`, or until this process is gone.

        A second stack is refused. `server`: only this one is run; others may run beside it, but no stack.
        """
        try:
            # The server's own user, where there is one, passes through (other_user.py); nobody else lists it.
            self.path.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, parents=True, exist_ok=True)
            (self.path / "log").mkdir(exist_ok=True)
        except OSError as error:
            self._refuse(error)
        try:
            self._hold("lock", fcntl.LOCK_SH if server else fcntl.LOCK_EX, f"Another stack runs on {self.path}")
            if server:
                self._hold(f"lock-{server}", fcntl.LOCK_EX, f"Another {server} runs on {self.path}")
        except StackError:
            self.release()
            raise

    def release(self) -> None:
        """Let the next stack have the folder."""
        for lock in self._locks:
            os.close(lock)
        self._locks.clear()

    @contextmanager
    def in_turn(self) -> Iterator[None]:
        """Servers that run alone take turns in changing what is common to them."""
        with self.writing():
            lock = os.open(self.path / "lock-common", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)

    def secret(self, name: str, guards: Path | None = None) -> str:
        """A random string, made once and kept. `guards`: data that is lost without it and may not be older."""
        path = self.path / "secrets" / name
        with self.writing():
            path.parent.mkdir(mode=0o700, exist_ok=True)
            if path.exists() and (kept := path.read_text(encoding="ascii").strip()):
                return kept
            if guards is not None and guards.exists():
                raise StackError(
                    f"{path}, the password of {guards}, is missing",
                    f"Put it back, or begin anew: mv {guards} {guards}-old",
                )
            value = secrets.token_urlsafe(32)
            self.write(path, value + "\n")
            return value

    def write(self, path: Path, text: str) -> None:
        """Write a file that only we can read, whole or not at all."""
        with self.writing():
            fresh = path.with_name(path.name + ".new")
            fresh.unlink(missing_ok=True)
            with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
                file.write(text)
            fresh.replace(path)

    def log_file(self, name: str) -> Path:
        """Where the output of the process `name` is kept; a big old one is put aside."""
        path = self.path / "log" / f"{name}.log"
        with self.writing():
            if path.exists() and path.stat().st_size > LOG_LIMIT:
                path.replace(path.with_name(path.name + ".1"))
        return path

    def writing(self) -> "_Writing":
        """`with folder.writing():` turns an OSError into a StackError that names the folder."""
        return _Writing(self)

    def _hold(self, name: str, how: int, held: str) -> None:
        """Lock the file `name`; when somebody else holds it, refuse with `held` and the process."""
        with self.writing():
            lock = os.open(self.path / name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, how | fcntl.LOCK_NB)
        except OSError as error:
            holder = os.read(lock, 100).decode("ascii", "replace").strip()
            os.close(lock)
            if error.errno not in (errno.EAGAIN, errno.EACCES):
                self._refuse(error)
            raise StackError(
                held + (f" (process {holder})" if holder else ""),
                "Stop that one (Ctrl-C where it runs), or begin one elsewhere: LOCAL_DIR=.local-2 PORT=8001 make run",
            ) from error
        self._locks.append(lock)
        with self.writing():
            os.truncate(lock, 0)
            if how == fcntl.LOCK_EX:
                os.write(lock, f"{os.getpid()}\n".encode())

    def _refuse(self, error: OSError) -> NoReturn:
        at = error.filename or self.path
        raise StackError(
            f"{at} cannot be used ({error.strerror})",
            "Make it writable for this user, or keep the data elsewhere: LOCAL_DIR=~/oasst-data make run",
        ) from error


class _Writing:
    def __init__(self, folder: LocalFolder) -> None:
        self._folder = folder

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, OSError):
            self._folder._refuse(error)
