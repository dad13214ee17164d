"""The model catalogue: which models there are, their limits, their prompt format and their presets.

It is a TOML file: ``models.toml`` in this folder, or the one that the environment variable
``OASST_MODELS_FILE`` names. Changes are taken up without a restart.
"""

import difflib
import logging
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from inference.catalogue_file import CatalogueError, read_models
from inference.model_config import ModelConfig, Preset

__all__ = [
    "FILE_VARIABLE",
    "PACKAGED_FILE",
    "Catalogue",
    "CatalogueError",
    "ModelConfig",
    "Preset",
    "UnknownModel",
    "current",
    "load_catalogue",
]

logger = logging.getLogger(__name__)

PACKAGED_FILE = Path(__file__).with_name("models.toml")
FILE_VARIABLE = "OASST_MODELS_FILE"


class UnknownModel(LookupError):
    """No model of this name is in the catalogue."""

    def __init__(self, name: str, known: list[str]) -> None:
        by_letters = {each.lower(): each for each in known}
        near = difflib.get_close_matches(name.lower(), by_letters, n=1)
        hint = f" (do you mean {by_letters[near[0]]}?)" if near else ""
        super().__init__(f"unknown model {name!r}{hint}; the catalogue has {', '.join(known) or 'no models'}")
        self.name = name
        self.known = known


class Catalogue:
    """All models of one file, in the file's order."""

    def __init__(self, models: Mapping[str, ModelConfig]) -> None:
        self._by_name = dict(models)

    def get(self, name: str) -> ModelConfig:
        """The model of this name; raises ``UnknownModel``, whose message tells the known names."""
        try:
            return self._by_name[name]
        except KeyError:
            raise UnknownModel(name, list(self._by_name)) from None

    def __iter__(self) -> Iterator[ModelConfig]:
        return iter(self._by_name.values())

    def __len__(self) -> int:
        return len(self._by_name)


def load_catalogue(path: Path) -> Catalogue:
    """Read and check a catalogue file; raises ``CatalogueError`` for the first thing that is wrong in it."""
    return Catalogue(read_models(path))


def current() -> Catalogue:
    """The catalogue in force, read again when its file changes.

    Raises ``CatalogueError`` when it cannot be read for the first time; later mistakes are logged once, and
    the last good catalogue stays in force.
    """
    return _current.get()


class _Current:
    """Keeps the last good catalogue and what its file looked like when it was last read."""

    def __init__(self) -> None:
        self._seen: tuple[int, int] | None = None
        self._good: tuple[Path, Catalogue] | None = None

    def get(self) -> Catalogue:
        path = Path(os.environ.get(FILE_VARIABLE) or PACKAGED_FILE)
        seen = _look_of(path)
        good = self._good
        if good and good[0] == path and seen == self._seen:
            return good[1]
        try:
            catalogue = load_catalogue(path)
        except CatalogueError as error:
            if good is None or good[0] != path:
                raise
            logger.error("The model catalogue stays as it was: %s", error)
            catalogue = good[1]
        self._good = (path, catalogue)
        self._seen = seen
        return catalogue


def _look_of(path: Path) -> tuple[int, int]:
    """Its time of change (ns) and size (bytes): different when the file is; zeros when there is none."""
    try:
        stat = path.stat()
    except OSError:
        return 0, 0
    return stat.st_mtime_ns, stat.st_size


_current = _Current()
