"""The environment that the stack's processes run in, also written to `.local/env` for commands typed by hand."""

import shlex
from collections.abc import Mapping
from pathlib import Path

from oasst_site.stack.folder import LocalFolder
from oasst_site.stack.options import Options

FILE = "env"
WORKER_KEY = "worker_key"
HEADER = "# Written by `manage.py up`. For other commands while it runs:  set -a; . .local/env; set +a\n"


def environment(options: Options, folder: LocalFolder, database_url: str, redis_url: str) -> dict[str, str]:
    """Everything that the processes inherit. DEBUG and ALLOW_DEBUG_AUTH are on unless they are given."""
    return {**options.environ, "PYTHONUNBUFFERED": "1", **_own(options, folder, database_url, redis_url)}


def write(options: Options, folder: LocalFolder, database_url: str, redis_url: str) -> None:
    """Write `.local/env`. Raises StackError."""
    own = _own(options, folder, database_url, redis_url)
    text = "".join(f"{name}={shlex.quote(value)}\n" for name, value in sorted(own.items()))
    folder.write(folder.path / FILE, HEADER + text)


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


def _own(options: Options, folder: LocalFolder, database_url: str, redis_url: str) -> dict[str, str]:
    return {
        "DJANGO_SETTINGS_MODULE": "oasst_site.settings",
        "DEBUG": options.given("DEBUG") or "true",
        "ALLOW_DEBUG_AUTH": options.given("ALLOW_DEBUG_AUTH") or "true",
        "SECRET_KEY": options.given("SECRET_KEY") or folder.secret("secret_key"),
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "PORT": str(options.port),
        **({"API_KEY_FILE": str(key_file)} if (key_file := worker_key_file(options, folder)) else {}),
        **({"OASST_MODELS_FILE": models} if (models := options.given("OASST_MODELS_FILE")) else {}),
    }
