"""What `manage.py up` can be told, by its options or by the environment."""

import argparse
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from oasst_site.stack.errors import StackError

ROOT = Path(__file__).resolve().parent.parent.parent
"""The repository."""

DESCRIPTION = "Run the whole stack on this machine: PostgreSQL, Valkey, web, worker, maintenance and the demo engine."

MOST_WEB_PROCESSES = 64
SERVERS = ("postgres", "valkey")
"""What may be run alone; everything else has a command line of its own."""


@dataclass(frozen=True, kw_only=True)
class Options:
    """Checked, as far as it can be without starting anything."""

    host: str
    port: int
    model: str
    local_model: str
    """A hub id or a folder, to be served by this stack itself; empty: another engine."""
    web: int
    """How many web processes share the address."""
    folder: Path
    environ: Mapping[str, str]
    """What the processes inherit."""
    only: str = ""
    """One of SERVERS, when it is to be run alone."""

    def given(self, name: str) -> str:
        """An environment variable; empty when it is not set."""
        return self.environ.get(name, "").strip()


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options; each has an environment variable, and wins over it."""
    parser.add_argument(
        "only", nargs="?", choices=SERVERS, help="run only this server, and tell its address in .local/env"
    )
    parser.add_argument("--host", help="address to listen on (HOST, default 127.0.0.1; 0.0.0.0: all)")
    parser.add_argument("--port", help="port to listen on (PORT, default 8000)")
    parser.add_argument("--model", metavar="NAME", help="model of the worker (MODEL_CONFIG_NAME, default demo)")
    parser.add_argument(
        "--engine-url", metavar="URL", help="its engine (INFERENCE_SERVER_URL, default: the demo engine is run too)"
    )
    parser.add_argument(
        "--local-model", metavar="MODEL", help="serve this hub id or folder by `transformers serve` (LOCAL_MODEL)"
    )
    parser.add_argument("--web", metavar="N", help="number of web processes (WEB, default 1)")
    parser.add_argument("--local-dir", metavar="DIR", help="where data, secrets and logs are kept (LOCAL_DIR, .local)")


def read(arguments: Mapping[str, Any], environ: Mapping[str, str] | None = None) -> Options:
    """The options out of parsed arguments and the environment. Raises StackError."""
    environ = dict(os.environ if environ is None else environ)

    def setting(argument: str, variable: str, default: str) -> str:
        return str(arguments.get(argument) or environ.get(variable, "").strip() or default)

    if arguments.get("engine_url"):
        environ["INFERENCE_SERVER_URL"] = str(arguments["engine_url"])
    local_model = setting("local_model", "LOCAL_MODEL", "")
    if local_model and environ.get("INFERENCE_SERVER_URL", "").strip():
        raise StackError(
            f"LOCAL_MODEL {local_model!r} and INFERENCE_SERVER_URL exclude each other",
            "Leave INFERENCE_SERVER_URL out to have the model served here",
        )
    return Options(
        host=setting("host", "HOST", "127.0.0.1"),
        port=_number("PORT", setting("port", "PORT", "8000"), 1, 65_535, such_as=8001),
        model=setting("model", "MODEL_CONFIG_NAME", "demo"),
        local_model=local_model,
        web=_number("WEB", setting("web", "WEB", "1"), 1, MOST_WEB_PROCESSES, such_as=2),
        folder=ROOT / Path(setting("local_dir", "LOCAL_DIR", ".local")).expanduser(),
        environ=environ,
        only=str(arguments.get("only") or ""),
    )


def _number(name: str, value: str, least: int, most: int, *, such_as: int) -> int:
    if not value.isascii() or not value.isdigit() or not least <= int(value) <= most:
        raise StackError(
            f"{name} {value!r} is no number from {least} to {most}", f"Give it like {name}={such_as} make run"
        )
    return int(value)
