"""docker/compose.yaml and docker/.env.example as the tests read them."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
DOCKER = ROOT / "docker"
FILE = DOCKER / "compose.yaml"
EXAMPLE = DOCKER / ".env.example"


def compose() -> dict[str, Any]:
    """The file, merged, its variables not yet filled in."""
    return dict(yaml.safe_load(FILE.read_text(encoding="utf-8")))


def services(profile: str) -> dict[str, dict[str, Any]]:
    """The services of a profile."""
    return {name: each for name, each in compose()["services"].items() if profile in each["profiles"]}


def interpolated() -> set[str]:
    """Every variable that Compose fills in."""
    return set(re.findall(r"(?<!\$)\$\{([A-Z0-9_]+)", FILE.read_text(encoding="utf-8")))


def example() -> dict[str, str]:
    """Each variable of docker/.env.example with its value, those of `# NAME=value` lines as well."""
    lines = re.findall(r"^(?:# )?([A-Z][A-Z0-9_]+)=(.*)$", EXAMPLE.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(lines) == len({name for name, _ in lines}), "a variable stands in docker/.env.example twice"
    return dict(lines)


def switched_on() -> set[str]:
    """The variables that a copy of docker/.env.example really sets."""
    return set(re.findall(r"^([A-Z][A-Z0-9_]+)=", EXAMPLE.read_text(encoding="utf-8"), re.MULTILINE))


def filled_in(value: Any, environ: Mapping[str, str]) -> Any:
    """A value of the file with its variables, as Compose fills them in. Raises KeyError where one must be set."""
    if isinstance(value, dict):
        return {key: filled_in(each, environ) for key, each in value.items()}
    if isinstance(value, list):
        return [filled_in(each, environ) for each in value]
    return _text_filled_in(value, environ) if isinstance(value, str) else value


_INNERMOST = re.compile(r"\$\{([A-Z0-9_]+)(?::([-?])([^${}]*))?\}")
_DOLLAR = "\0"


def _text_filled_in(text: str, environ: Mapping[str, str]) -> str:
    def one(found: re.Match[str]) -> str:
        name, kind, rest = found.groups()
        if value := environ.get(name):
            return value
        if kind == "?":
            raise KeyError(f"{name}: {rest}")
        return rest or ""

    text = text.replace("$$", _DOLLAR)
    while _INNERMOST.search(text):
        text = _INNERMOST.sub(one, text)
    return text.replace(_DOLLAR, "$")
