"""`manage.py models`: look at the model catalogue, and add to it what a running engine serves."""

import argparse
import asyncio
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from inference.catalogue import FILE_VARIABLE, PACKAGED_FILE, CatalogueError, load_catalogue
from inference.long_waits import spoken_of
from inference.model_config import ModelConfig
from inference.prompts import ENGINES_OWN, FORMATS
from inference.prompts.raw import RAW
from inference.prompts.recognise import Recognised, recognise

if TYPE_CHECKING:
    from inference.engines.describe import EngineDescription


class Command(BaseCommand):
    """No database is asked."""

    help = "List and check the model catalogue; `models add` writes an entry for what a running engine serves."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """`models [--file FILE]` and `models add NAME --engine-url URL`."""
        parser.add_argument("--file", type=Path, help=f"the catalogue ({FILE_VARIABLE}, else the packaged one)")
        add = parser.add_subparsers(dest="action", metavar="add").add_parser(
            "add", help="append an entry, filled in with what the engine at --engine-url says of itself"
        )
        add.add_argument("name", metavar="NAME", help="the name that people choose")
        add.add_argument("--engine-url", required=True, metavar="URL", help="where the engine answers")
        add.add_argument("--to", type=Path, metavar="FILE", help=f"the file to write to ({FILE_VARIABLE})")
        add.add_argument("--model-id", metavar="ID", help="which model, where the engine serves several")
        add.add_argument("--prompt-format", choices=_CHOICES, help="instead of the one that the engine's template is")
        add.add_argument("--max-input-length", type=int, metavar="TOKENS", help="the longest prompt")
        add.add_argument("--max-total-length", type=int, metavar="TOKENS", help="prompt and reply together")
        add.add_argument("--reasoning", action="store_true", help="its replies may begin with <think> ... </think>")
        add.add_argument("--description", default="", metavar="TEXT", help="what people read when they choose")

    def handle(self, *args: Any, action: str | None, file: Path | None, **options: Any) -> None:
        """Raises CommandError, one line that names the file, the key and what would be right."""
        path = file or Path(os.environ.get(FILE_VARIABLE) or PACKAGED_FILE)
        try:
            if action == "add":
                self._add(to=options["to"] or file, **{name: options[name] for name in _ADD_OPTIONS})
            else:
                self._list(path)
        except (CatalogueError, OSError, UnicodeDecodeError) as error:
            raise CommandError(str(error)) from error

    def _list(self, path: Path) -> None:
        models = load_catalogue(path)
        rows = [("NAME", "PROMPT FORMAT", "INPUT", "TOTAL", "", "MODEL ID"), *(_row(config) for config in models)]
        widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
        for row in rows:
            self.stdout.write("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
        self.stdout.write(f"\n{path}: {len(models)} models, no mistakes")

    def _add(self, *, name: str, engine_url: str, to: Path | None, **wanted: Any) -> None:
        path = to or (Path(os.environ[FILE_VARIABLE]) if os.environ.get(FILE_VARIABLE) else None)
        if path is None or path == PACKAGED_FILE:
            raise CommandError(
                "the packaged catalogue is not written to: name a file of yours, e.g. --to models.toml (it begins as a "
                f"copy of the packaged one), and set {FILE_VARIABLE} to it for every process"
            )
        from inference.catalogue_entry import add_entry, longest_prompt
        from inference.engines import EngineError

        try:
            engine = asyncio.run(self._describe(engine_url, wanted["model_id"]))
        except EngineError as error:
            raise CommandError(str(error)) from error
        seen = recognise(engine.rendered) if engine.rendered else Recognised(None, False)
        total = wanted["max_total_length"] or engine.max_total_length
        if total is None:
            raise CommandError(
                f"{engine_url} does not tell how long its prompts may be: give --max-total-length TOKENS"
            )
        longest = wanted["max_input_length"] or engine.max_input_length or longest_prompt(total)
        form = wanted["prompt_format"] or seen.prompt_format or ENGINES_OWN
        new = not path.exists()
        config = add_entry(
            path,
            name,
            {
                "model_id": engine.model_id,
                "description": wanted["description"],
                "engine": engine.kind,
                "prompt_format": form,
                "max_input_length": longest,
                "max_total_length": total,
                "max_parallel_requests": min(engine.parallel, 1024) if engine.parallel else None,
                "reasoning": wanted["reasoning"] or seen.opens_thoughts or None,
                "opens_thoughts": seen.opens_thoughts or None,
            },
            comment=f"Added by `manage.py models add` from what {engine_url} said of itself",
            beginning=PACKAGED_FILE.read_text(encoding="utf-8"),
        )
        self.stdout.write(f"{path}: added {config.name}: {config.model_id}, {form}, {longest} + reply = {total} tokens")
        if form == ENGINES_OWN:
            self.stdout.write(_no_format(engine.rendered is not None))
        if new or os.environ.get(FILE_VARIABLE) != os.fspath(path):
            self.stdout.write(f"For every process: {FILE_VARIABLE}={path.absolute()}")
        self.stdout.write(f"Serve it: celery -A oasst_site worker --model {config.name} --engine-url {engine_url}")

    async def _describe(self, engine_url: str, model_id: str | None) -> "EngineDescription":
        """Raises EngineError."""
        from inference.engines.describe import describe_engine

        asking = describe_engine(engine_url, api_key=settings.ENGINE_API_KEY or None, model_id=model_id)
        return await spoken_of(asking, lambda: f"an answer of {engine_url}", self.stderr.write)


_CHOICES = tuple(name for name in FORMATS if name != RAW)
_ADD_OPTIONS = (
    *("name", "engine_url", "model_id", "prompt_format", "max_input_length", "max_total_length"),
    *("reasoning", "description"),
)


def _row(config: ModelConfig) -> tuple[str, ...]:
    return (
        config.name,
        config.prompt_format,
        str(config.max_input_length),
        str(config.max_total_length),
        "reasoning" if config.reasoning else "",
        config.model_id,
    )


def _no_format(told: bool) -> str:
    why = "its template is none of the known formats" if told else "the engine does not tell its template"
    return (
        f"{why[:1].upper()}{why[1:]}, so the engine applies it: a reply that is cut off begins anew. "
        f"If you know the format, name it with --prompt-format: {', '.join(_CHOICES)}"
    )
