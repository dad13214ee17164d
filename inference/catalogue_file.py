"""Reads and checks a catalogue file; every mistake is told with file, line and key."""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from inference.model_config import ModelConfig, Preset
from inference.parameters import SamplingParameters
from inference.toml_lines import line_of

_ALL_OFF = SamplingParameters(top_k=None, top_p=None, temperature=None, max_new_tokens=1024)
"""What a preset begins from: it names all that it wants."""


class CatalogueError(Exception):
    """The catalogue file is wrong: ``FILE:LINE: KEY: what is wrong; what would be right``."""


def read_models(path: Path, text: str | None = None) -> dict[str, ModelConfig]:
    """The models of a catalogue file by name, in its order; ``CatalogueError`` for its first mistake.

    text: read instead of what the file holds, which is named in errors all the same.
    """
    try:
        text = path.read_text(encoding="utf-8") if text is None else text
    except (OSError, UnicodeDecodeError) as error:
        raise CatalogueError(f"{path}: cannot be read: {error}; it must be a TOML file in UTF-8") from error
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise CatalogueError(f"{path}:{_syntax_line(error, text)}: not valid TOML: {error}") from error
    return _CatalogueFile(path, text).models(data)


class _CatalogueFile:
    """One parsed file that knows where its keys stand."""

    def __init__(self, path: Path, text: str) -> None:
        self._path = path
        self._text = text

    def models(self, data: dict[str, Any]) -> dict[str, ModelConfig]:
        for key in data:
            if key not in ("presets", "models"):
                raise self._wrong((key,), "no such table; a catalogue has [presets.NAME] and [models.NAME]")
        presets = {name: self._preset(name, table) for name, table in self._tables(data, "presets")}
        models = {name: self._model(name, table, presets) for name, table in self._tables(data, "models")}
        if not models:
            raise self._wrong(("models",), "there are no models; add a table [models.NAME]")
        self._refuse_shared_queues(models)
        return models

    def _tables(self, data: dict[str, Any], kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
        tables = data.get(kind, {})
        if not isinstance(tables, dict):
            raise self._wrong((kind,), f"must be tables [{kind}.NAME], got {tables!r}")
        for name, table in tables.items():
            if not isinstance(table, dict):
                raise self._wrong((kind, name), f"must be a table [{kind}.{name}], got {table!r}")
            yield name, table

    def _preset(self, name: str, table: dict[str, Any]) -> Preset:
        table = dict(table)
        description = table.pop("description", "")
        for key in table:
            if key not in SamplingParameters.model_fields:
                known = ", ".join(["description", *SamplingParameters.model_fields])
                raise self._wrong(("presets", name, key), f"no such key; a preset has {known}")
        try:
            sampling = SamplingParameters(**{**_ALL_OFF.model_dump(), **table})
            return Preset(name=name, description=description, sampling_parameters=sampling)
        except ValidationError as error:
            raise self._invalid(("presets", name), error, SamplingParameters) from error

    def _model(self, name: str, table: dict[str, Any], presets: dict[str, Preset]) -> ModelConfig:
        key = ("models", name, "presets")
        table = dict(table)
        if "name" in table:
            raise self._wrong(("models", name, "name"), f"the table's name is the name: [models.{name}]")
        wanted = table.pop("presets", list(presets))
        if not isinstance(wanted, list):
            raise self._wrong(key, f"must be a list of names of presets, got {wanted!r}")
        for preset in wanted:
            if not isinstance(preset, str) or preset not in presets:
                known = ", ".join(presets) or "none"
                raise self._wrong(key, f"unknown preset {preset!r}; there are {known}")
        try:
            return ModelConfig(name=name, presets=tuple(presets[preset] for preset in wanted), **table)
        except ValidationError as error:
            raise self._invalid(("models", name), error, ModelConfig) from error

    def _refuse_shared_queues(self, models: dict[str, ModelConfig]) -> None:
        seen: dict[str, str] = {}
        for name, config in models.items():
            other = seen.setdefault(config.queue_name, name)
            if other != name:
                raise self._wrong(
                    ("models", name),
                    f"shares the queue {config.queue_name} with {other!r}; "
                    "two models must differ in model_id, lengths or quantized",
                )

    def _invalid(self, table: tuple[str, ...], error: ValidationError, model: type[BaseModel]) -> CatalogueError:
        first = error.errors(include_url=False)[0]
        key = tuple(str(part) for part in first["loc"] if not isinstance(part, int))[:1]
        field = model.model_fields.get(key[0]) if key else None
        right = f"; it is {field.description}" if field and field.description else ""
        match first["type"]:
            case "extra_forbidden":
                known = ", ".join(name for name in model.model_fields if name != "name")
                problem = f"no such key; a model has {known}"
            case "missing":
                problem = f"is missing{right}"
            case "value_error":
                problem = str(first["ctx"]["error"])
            case _:
                problem = f"{first['msg']}, got {first['input']!r}{right}"
        return self._wrong((*table, *key), problem)

    def _wrong(self, key: tuple[str, ...], problem: str) -> CatalogueError:
        line = line_of(self._text, key)
        return CatalogueError(f"{self._path}:{line}: {'.'.join(key)}: {problem}")


def _syntax_line(error: tomllib.TOMLDecodeError, text: str) -> int:
    """tomllib tells the line within its message only: "(at line 3, column 5)" or "(at end of document)"."""
    _, found, rest = str(error).rpartition("(at line ")
    return int(rest.split(",")[0]) if found else max(1, len(text.splitlines()))
