"""The model catalogue: which models there are, their limits, their prompt format and their presets.

It is a TOML file (``models.toml`` in this folder, or the one that the environment variable ``OASST_MODELS_FILE``
names). Changes are taken up without a restart; a mistake is told with file, line and key.
"""

import logging
import os
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from inference.parameters import SamplingParameters, WorkModelConfig
from inference.queues import queue_name
from inference.toml_lines import line_of

logger = logging.getLogger(__name__)

PACKAGED_FILE = Path(__file__).with_name("models.toml")
FILE_VARIABLE = "OASST_MODELS_FILE"

PromptFormatName = Literal["oasst", "oasst-llama", "chatml"]
Name = Annotated[str, StringConstraints(min_length=1, max_length=100)]

_PRESET_SAMPLING = SamplingParameters(top_k=None, top_p=None, temperature=None, max_new_tokens=1024)


class UnknownModel(LookupError):
    """No model of this name is in the catalogue."""

    def __init__(self, name: str, known: list[str]) -> None:
        super().__init__(f"unknown model {name!r}; the catalogue has {', '.join(known) or 'no models'}")
        self.name = name
        self.known = known


class CatalogueError(Exception):
    """The catalogue file is wrong: ``FILE:LINE: KEY: what is wrong; what would be right``."""


class Preset(BaseModel):
    """A named set of sampling parameters that the page offers for a model."""

    model_config = ConfigDict(frozen=True)

    name: str
    description: str = ""
    sampling_parameters: SamplingParameters


class ModelConfig(BaseModel):
    """One model of the catalogue. Lengths are in tokens of the model's own tokenizer."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Name = Field(description="the name that people choose")
    model_id: Name = Field(description="the Hugging Face model id, or the engine's own name of the model")
    description: str = Field("", description="one sentence for people who choose a model")
    prompt_format: PromptFormatName = Field(description="how a thread is written as text for this model")
    max_input_length: int = Field(ge=1, description="the longest prompt in tokens, a whole number from 1")
    max_total_length: int = Field(
        ge=2, description="prompt and reply together in tokens, above max_input_length"
    )
    quantized: bool = Field(False, description="true or false: are the weights quantized")
    max_parallel_requests: int = Field(
        16, ge=1, le=1024, description="replies that one worker streams at a time, 1 to 1024"
    )
    stop_sequences: tuple[Annotated[str, StringConstraints(min_length=1)], ...] = Field(
        (), description="a list of texts that end a reply, beside those of the prompt format"
    )
    licence: str = Field("", description="the SPDX name, or the name, of the weights' licence")
    link: str = Field(
        "", pattern=r"^(https?://\S+)?$", description="the address of the model card, http or https"
    )
    presets: tuple[Preset, ...] = Field((), description="a list of names of presets")

    @model_validator(mode="after")
    def _a_reply_needs_room(self) -> Self:
        if self.max_total_length <= self.max_input_length:
            raise ValueError(
                f"max_total_length {self.max_total_length} leaves no room for a reply; "
                f"it must be above max_input_length {self.max_input_length}"
            )
        return self

    @property
    def work_config(self) -> WorkModelConfig:
        """What a message keeps of this entry."""
        return WorkModelConfig(
            model_id=self.model_id,
            max_input_length=self.max_input_length,
            max_total_length=self.max_total_length,
            quantized=self.quantized,
        )

    @property
    def compat_hash(self) -> str:
        """Which workers can do this model's work: ``<model_id>-<max_total_length>-<max_input_length>-<q|f>``."""
        return self.work_config.compat_hash

    @property
    def queue_name(self) -> str:
        """The Celery queue of this model's tickets."""
        return queue_name(self.compat_hash)


class Catalogue:
    """All models of one file, in the file's order."""

    def __init__(self, models: Mapping[str, ModelConfig]) -> None:
        self._by_name = dict(models)
        self._by_hash = {config.compat_hash: config for config in self._by_name.values()}

    def get(self, name: str) -> ModelConfig:
        """The model of this name; raises ``UnknownModel``, whose message tells the known names."""
        try:
            return self._by_name[name]
        except KeyError:
            raise UnknownModel(name, list(self._by_name)) from None

    def by_compat_hash(self, compat_hash: str) -> ModelConfig | None:
        """The model whose workers do work of this hash; None when the catalogue has changed since."""
        return self._by_hash.get(compat_hash)

    def __iter__(self) -> Iterator[ModelConfig]:
        return iter(self._by_name.values())

    def __len__(self) -> int:
        return len(self._by_name)


def load_catalogue(path: Path) -> Catalogue:
    """Read and check a catalogue file; raises ``CatalogueError`` for the first thing that is wrong in it."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CatalogueError(f"{path}: cannot be read: {error}; it must be a TOML file in UTF-8") from error
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise CatalogueError(f"{path}:{_syntax_line(error, text)}: not valid TOML: {error}") from error
    return _Reader(path, text).read(data)


class _Reader:
    """Turns one parsed file into a catalogue; knows how to say where a mistake is."""

    def __init__(self, path: Path, text: str) -> None:
        self._path = path
        self._text = text

    def read(self, data: dict[str, Any]) -> Catalogue:
        for key in data:
            if key not in ("presets", "models"):
                raise self._wrong((key,), "no such table; a catalogue has [presets.NAME] and [models.NAME]")
        presets = {name: self._preset(name, table) for name, table in self._tables(data, "presets")}
        models = {name: self._model(name, table, presets) for name, table in self._tables(data, "models")}
        if not models:
            raise self._wrong(("models",), "no models; add a table [models.NAME]")
        self._refuse_shared_queues(models)
        return Catalogue(models)

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
            sampling = SamplingParameters(**{**_PRESET_SAMPLING.model_dump(), **table})
            return Preset(name=name, description=description, sampling_parameters=sampling)
        except ValidationError as error:
            raise self._invalid(("presets", name), error, SamplingParameters) from error

    def _model(self, name: str, table: dict[str, Any], presets: dict[str, Preset]) -> ModelConfig:
        table = dict(table)
        if "name" in table:
            raise self._wrong(("models", name, "name"), f"the table's own name is the name: [models.{name}]")
        wanted = table.pop("presets", list(presets))
        if not isinstance(wanted, list):
            raise self._wrong(
                ("models", name, "presets"), f"must be a list of names of presets, got {wanted!r}"
            )
        for preset in wanted:
            if preset not in presets:
                known = ", ".join(presets) or "none"
                raise self._wrong(("models", name, "presets"), f"no preset {preset!r}; there are: {known}")
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

    def _invalid(
        self, table: tuple[str, ...], error: ValidationError, model: type[BaseModel]
    ) -> CatalogueError:
        first = error.errors(include_url=False)[0]
        location = tuple(str(part) for part in first["loc"] if not isinstance(part, int))
        field = model.model_fields.get(location[0]) if location else None
        if first["type"] == "extra_forbidden":
            known = ", ".join(key for key in model.model_fields if key != "name")
            return self._wrong((*table, *location), f"no such key; a model has {known}")
        if first["type"] == "missing":
            return self._wrong((*table, *location), f"is missing; it is {field and field.description}")
        if first["type"] == "value_error":
            return self._wrong((*table, *location), str(first["ctx"]["error"]))
        problem = f"{first['msg']}, got {first['input']!r}"
        hint = f"; it is {field.description}" if field and field.description else ""
        return self._wrong((*table, *location), problem + hint)

    def _wrong(self, key: tuple[str, ...], problem: str) -> CatalogueError:
        return CatalogueError(f"{self._path}:{line_of(self._text, key)}: {'.'.join(key)}: {problem}")


def _syntax_line(error: tomllib.TOMLDecodeError, text: str) -> int:
    """tomllib tells the line within its message only: "(at line 3, column 5)" or "(at end of document)"."""
    _, found, rest = str(error).rpartition("(at line ")
    return int(rest.split(",")[0]) if found else len(text.splitlines())


class _Current:
    """The catalogue in force, read again when its file changes; a file that turned bad keeps the last good one."""

    def __init__(self) -> None:
        self._seen: tuple[Path, int, int] | None = None
        self._good: tuple[Path, Catalogue] | None = None

    def get(self) -> Catalogue:
        path = Path(os.environ.get(FILE_VARIABLE) or PACKAGED_FILE)
        stamp = _stamp(path)
        good = self._good
        if good and good[0] == path and stamp == self._seen:
            return good[1]
        try:
            catalogue = load_catalogue(path)
        except CatalogueError as error:
            if good is None or good[0] != path:
                raise
            logger.error("The model catalogue stays as it was: %s", error)
            catalogue = good[1]
        self._good = (path, catalogue)
        self._seen = stamp
        return catalogue


def _stamp(path: Path) -> tuple[Path, int, int]:
    try:
        stat = path.stat()
    except OSError:
        return path, 0, 0
    return path, stat.st_mtime_ns, stat.st_size


_current = _Current()


def current() -> Catalogue:
    """The catalogue in force (``OASST_MODELS_FILE``, else the packaged file), read again when the file changes.

    Raises ``CatalogueError`` when it cannot be read for the first time; later mistakes are logged once, and the last
    good catalogue stays in force.
    """
    return _current.get()
