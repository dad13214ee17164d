"""docker/Dockerfile as the tests read it: its stages, and what each image holds."""

import re
import shutil
from dataclasses import dataclass, field
from pathlib import Path

from tests.deploy.compose_file import DOCKER, ROOT

FILE = DOCKER / "Dockerfile"


@dataclass
class Stage:
    """One FROM and what follows. copies: from the repository, source to place."""

    base: str
    copies: list[tuple[str, str]] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)


def stages() -> dict[str, Stage]:
    """By name, those before a stage first."""
    found: dict[str, Stage] = {}
    text = FILE.read_text(encoding="utf-8").replace("\\\n", " ")
    for line in text.splitlines():
        if start := re.match(r"FROM (\S+) AS (\S+)$", line):
            base, name = start.groups()
            found[name] = Stage(base, list(found[base].copies) if base in found else [])
        elif found:
            stage = list(found.values())[-1]
            stage.lines.append(line)
            if (copy := re.match(r"COPY (?!--from)(.+) (\S+)$", line)) is not None:
                stage.copies += [(source, copy[2]) for source in copy[1].split()]
    return found


def assembled(name: str, folder: Path) -> Path:
    """The image's /app, as its COPY lines make it."""
    for source, place in stages()[name].copies:
        there = folder / place.removesuffix(".").lstrip("/") if place != "./" else folder / source
        if (ROOT / source).is_dir():
            shutil.copytree(ROOT / source, there, ignore=shutil.ignore_patterns("node_modules", "__pycache__"))
        else:
            shutil.copy(ROOT / source, there)
    return folder
