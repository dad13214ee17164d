"""Writes a new model into a catalogue file: a table at its end, so that all that people wrote there stays as it is."""

import json
import re
from pathlib import Path
from typing import Any

from inference.catalogue_file import CatalogueError, read_models
from inference.model_config import ModelConfig

ROOM_FOR_THE_REPLY = 256
"""Tokens between the longest prompt and the whole, where only the whole is known; a quarter of a short one."""

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")


def longest_prompt(total: int) -> int:
    """The longest prompt of a model of which only the length of prompt and reply together is known, in tokens."""
    return total - min(ROOM_FOR_THE_REPLY, total // 4)


def table(name: str, keys: dict[str, Any], *, comment: str = "") -> str:
    """The TOML of one model. keys: texts, numbers, truths and lists of them; None and empty ones are left out."""
    heading = name if _BARE_KEY.fullmatch(name) else _value(name)
    lines = [f"# {line}" for line in comment.splitlines()]
    lines.append(f"[models.{heading}]")
    lines += [f"{key} = {_value(value)}" for key, value in keys.items() if value not in (None, "", [], ())]
    return "\n".join(lines) + "\n"


def add_entry(path: Path, name: str, keys: dict[str, Any], *, comment: str = "", beginning: str = "") -> ModelConfig:
    """Append the model to the file; a file that is not there yet begins with the text `beginning`.

    The whole file is checked first: nothing is written unless it is right with the new table. One write at its end:
    comments, owner and the file itself stay, whoever reads it meanwhile. Raises ``CatalogueError``, ``OSError``.
    """
    there = path.read_text(encoding="utf-8") if path.exists() else None
    before = beginning if there is None else there
    if name in read_models(path, before):
        raise CatalogueError(f"{path}: models.{name}: is there already; choose another name, or change that table")
    gap = "" if not before else "\n" if before.endswith("\n") else "\n\n"
    added = gap + table(name, keys, comment=comment)
    models = read_models(path, before + added)
    with path.open("a", encoding="utf-8") as file:
        file.write(added if there is not None else before + added)
    return models[name]


def _value(value: Any) -> str:
    """A TOML value. JSON's are TOML's too, but for DEL, which TOML wants escaped."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
