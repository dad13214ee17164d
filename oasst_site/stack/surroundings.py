"""The environment that the stack's processes run in, also written to `.local/env` for commands typed by hand."""

import shlex
from collections.abc import Mapping
from pathlib import Path

from oasst_site.stack.folder import LocalFolder
from oasst_site.stack.options import Options

FILE = "env"
WORKER_KEY = "worker_key"
HEADER = "# Written by `manage.py up`. For other commands while it runs:  set -a; . .local/env; set +a\n"


def own(options: Options, folder: LocalFolder) -> dict[str, str]:
    """What this folder's processes need beside the servers. DEBUG and ALLOW_DEBUG_AUTH are on unless they are given.

    Raises StackError.
    """
    return {
        "DJANGO_SETTINGS_MODULE": "oasst_site.settings",
        "DEBUG": options.given("DEBUG") or "true",
        "ALLOW_DEBUG_AUTH": options.given("ALLOW_DEBUG_AUTH") or "true",
        "SECRET_KEY": options.given("SECRET_KEY") or folder.secret("secret_key"),
        "PORT": str(options.port),
        **({"OASST_MODELS_FILE": models} if (models := options.given("OASST_MODELS_FILE")) else {}),
    }


def of_workers(options: Options, folder: LocalFolder) -> dict[str, str]:
    """What this folder's own workers need beside that: their key, unless one is given. Raises StackError."""
    key_file = worker_key_file(options, folder)
    return {"API_KEY_FILE": str(key_file)} if key_file else {}


def write(folder: LocalFolder, values: Mapping[str, str]) -> None:
    """Write `.local/env`. Raises StackError."""
    text = "".join(f"{name}={shlex.quote(value)}\n" for name, value in sorted(values.items()))
    folder.write(folder.path / FILE, HEADER + text)


def read(folder: LocalFolder) -> dict[str, str]:
    """What `.local/env` says now; nothing when there is none."""
    try:
        lines = (folder.path / FILE).read_text(encoding="utf-8").removeprefix(HEADER).splitlines()
    except FileNotFoundError:
        return {}
    return {name: "".join(shlex.split(value)) for name, _, value in (line.partition("=") for line in lines)}


def remove(folder: LocalFolder) -> None:
    """Its servers are gone."""
    (folder.path / FILE).unlink(missing_ok=True)


def worker_key_file(options: Options, folder: LocalFolder) -> Path | None:
    """The file with the key of this stack's own workers; None when a key is given. Raises StackError."""
    if options.given("API_KEY") or options.given("API_KEY_FILE"):
        return None
    folder.secret(WORKER_KEY)
    return folder.path / "secrets" / WORKER_KEY


def is_on(environ: Mapping[str, str], name: str) -> bool:
    """Whether a switch is on, read as the settings do."""
    return environ.get(name, "").strip().lower() in {"1", "true", "t", "yes", "y", "on"}
