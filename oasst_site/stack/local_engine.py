"""A model of one's own on this machine: `transformers serve` as the engine, in a virtual environment of its own."""

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from inference.catalogue import CatalogueError, load_catalogue
from inference.catalogue_entry import longest_prompt, table
from inference.catalogue_file import read_models
from inference.model_config import ModelConfig
from inference.prompts import ENGINES_OWN
from inference.prompts.recognise import TRIAL, recognise
from oasst_site.stack.command import Command
from oasst_site.stack.errors import StackError
from oasst_site.stack.folder import LocalFolder
from oasst_site.stack.options import ROOT, Options
from oasst_site.stack.ports import LOOPBACK
from oasst_site.stack.readiness import http_answers
from oasst_site.stack.service import Rank, Service

SEATS = 1
"""It generates one reply at a time; the others wait in the queue, where people see their place."""
LONGEST = 8192
"""Tokens of prompt and reply, whatever more the weights could do: memory grows with them."""
LOADED_WITHIN_S = 4 * 3600.0
"""Some weights are fetched for hours; who waits sees how far it is."""

_HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*(/[\w.-]+)?")
_WAY_OUT = (
    "Give a folder that transformers has saved, or a hub id: make run-local MODEL=HuggingFaceTB/SmolLM2-135M-Instruct"
)


@dataclass(frozen=True)
class LocalModel:
    """One model. `argument` is what the engine is given, and the name by which it serves the model."""

    argument: str
    folder: Path | None
    """Where its weights are; None: on the hub, or in its cache."""

    @property
    def source(self) -> str:
        """What loads it from anywhere."""
        return self.argument if self.folder is None else str(self.folder)


def local_model(given: str) -> LocalModel:
    """The model that a person means. Raises StackError."""
    path = Path(given).expanduser()
    if (path / "config.json").is_file():
        folder = path.resolve()
        return LocalModel(folder.name, folder)
    if path.exists() or given.startswith((".", "/", "~")) or not _HUB_ID.fullmatch(given):
        what = "has no config.json" if path.exists() else "is no folder" if "/" in given else "is no name of a model"
        raise StackError(f"MODEL {given!r} {what}", _WAY_OUT)
    return LocalModel(given, None)


def engine_python(options: Options) -> Path:
    """The Python that has transformers. Raises StackError."""
    given = options.given("LOCAL_ENGINE_PYTHON")
    python = Path(given).expanduser() if given else ROOT / ".venv-local" / "bin" / "python"
    if not (python.parent / "transformers").is_file():
        raise StackError(f"{python} has no transformers", "make run-local installs it: requirements/local.txt")
    return python


def describe_command(python: Path, model: LocalModel, out: Path, environ: Mapping[str, str]) -> Command:
    """Writes what the model's files say to `out`; fetches what is missing of them, without the weights."""
    roles = {"prompter": "user", "assistant": "assistant"}
    messages = json.dumps([{"role": roles[each.role], "content": each.content} for each in TRIAL])
    script = Path(__file__).with_name("describe_model.py")
    return Command(
        argv=[str(python), str(script), model.source, messages, str(out)], env=_environ(model, out.parent, environ)
    )


def known(model: LocalModel, catalogue: Path) -> ModelConfig | None:
    """The catalogue's own entry of the model, which then counts. Raises StackError."""
    try:
        return next((config for config in load_catalogue(catalogue) if config.model_id == model.argument), None)
    except CatalogueError as error:
        raise StackError(str(error), "Correct that file, or leave OASST_MODELS_FILE out") from error


def write_entry(model: LocalModel, told: Mapping[str, Any], catalogue: Path, folder: LocalFolder) -> tuple[str, Path]:
    """The stack's own catalogue: the given one and this model behind it. Its name there, and the file.

    told: what `describe_command` wrote. Raises StackError.
    """
    path = folder.path / "models.toml"
    total = min(told["max_length"] or LONGEST, LONGEST)
    seen = recognise(told["rendered"] or "")
    text = catalogue.read_text(encoding="utf-8").rstrip() + "\n\n"
    try:
        name = model.argument.rpartition("/")[2]
        while name in read_models(catalogue):
            name += "-local"
        text += table(
            name,
            {
                "model_id": model.argument,
                "description": "A model on this machine",
                "engine": "openai",
                "prompt_format": seen.prompt_format or ENGINES_OWN,
                "max_input_length": longest_prompt(total),
                "max_total_length": total,
                "max_parallel_requests": SEATS,
                "reasoning": told["thinks"] or seen.opens_thoughts or None,
                "opens_thoughts": seen.opens_thoughts or None,
            },
            comment="Written by `manage.py up --local-model` at every start",
        )
        read_models(path, text)
    except CatalogueError as error:
        raise StackError(str(error), _WAY_OUT) from error
    folder.write(path, text)
    return name, path


def service(python: Path, model: LocalModel, port: int, folder: LocalFolder, environ: Mapping[str, str]) -> Service:
    """The engine; it answers once the weights are loaded, and shows how far they are until then."""
    return Service(
        name="engine",
        rank=Rank.ENGINE,
        command=Command(
            argv=[
                *(str(python), str(python.parent / "transformers"), "serve", model.argument),
                *("--host", LOOPBACK, "--port", str(port)),
            ],
            # Beside the folder its name is its path, and no path of this machine goes over the wire.
            cwd=model.folder.parent if model.folder else ROOT,
            env=_environ(model, folder.path, environ),
        ),
        is_ready=http_answers(LOOPBACK, port, "/health"),
        missing=lambda: f"{model.argument} is being loaded",
        ready_within_s=LOADED_WITHIN_S,
    )


def _environ(model: LocalModel, own: Path, environ: Mapping[str, str]) -> dict[str, str]:
    # Progress bars are for terminals; these show them in lines of a process, one in two seconds.
    ours = {"TQDM_MININTERVAL": "2", "TQDM_POSITION": "-1", "PYTHONUNBUFFERED": "1"}
    if model.folder is not None:
        cache = own / "hub"
        ours |= {"HF_HUB_OFFLINE": "1", "HF_HUB_CACHE": str(cache)}
    else:
        home = environ.get("HF_HOME") or os.path.join(Path.home(), ".cache", "huggingface")
        cache = Path(environ.get("HF_HUB_CACHE") or os.path.join(home, "hub"))
    try:
        cache.mkdir(parents=True, exist_ok=True)  # without it GET /v1/models answers 500
    except OSError as error:
        raise StackError(f"{cache} cannot be made ({error.strerror})", "Set HF_HOME to a folder of yours") from error
    return {**environ, **ours}
