"""Writes docker/.env out of docker/.env.example, with a secret drawn for each one that must be set.

    python3 docker/make_env.py

An existing docker/.env is left alone. Needs only Python's standard library.
"""
# ruff: noqa: T201  # it talks to a person on a terminal

import os
import re
import secrets
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
DRAWN = {
    **{
        name: lambda: secrets.token_urlsafe(32)
        for name in (
            *("SECRET_KEY", "POSTGRES_PASSWORD", "REDIS_PASSWORD", "METRICS_TOKEN"),
            *("GRAFANA_PASSWORD", "FLOWER_PASSWORD"),
        )
    },
    "WORKER_API_KEY": lambda: "oasst_worker_" + secrets.token_urlsafe(32),
}
"""The variables that get a secret, and how it looks."""


def filled_in(example: str) -> str:
    """The example with a secret for each variable of DRAWN."""
    for name, draw in DRAWN.items():
        example, count = re.subn(rf"^{name}=$", f"{name}={draw()}", example, flags=re.MULTILINE)
        if count != 1:
            raise ValueError(f"docker/.env.example must have one line {name}=, it has {count}")
    return example


def main(target: Path = FOLDER / ".env") -> int:
    """Write it, for the owner's eyes only. The exit code."""
    try:
        file = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        print(f"{target} is there already and stays as it is; delete it to draw new secrets.", file=sys.stderr)
        return 1
    with os.fdopen(file, "w", encoding="utf-8") as env:
        env.write(filled_in((FOLDER / ".env.example").read_text(encoding="utf-8")))
    print(f"{target} is written. Set ALLOWED_HOSTS and the model there, then start the stack (docs/operations.md).")
    return 0


if __name__ == "__main__":
    sys.exit(main(*map(Path, sys.argv[1:])))
