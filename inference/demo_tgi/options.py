"""The command line of ``python -m inference.demo_tgi`` and the environment it reads."""

import argparse
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path

from inference.catalogue import CatalogueError, UnknownModel, current
from inference.demo_tgi.limits import Limits
from inference.demo_tgi.models import DEMO

SPEED_VARIABLE = "LOREM_TOKENS_PER_SECOND"
"""The speed of filler words when ``--tokens-per-second`` is not given."""

DEFAULT_SPEED = 60.0

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Options:
    """What a server is started with.

    model_id: what ``/info`` calls the model; the catalogue's id of it when empty.
    tokens_per_second: the speed of one reply; 0 is as fast as it can.
    docs: the folder with ``README.md`` and ``docs/`` for the model ``demo``.
    api_key: when set, generation asks for ``Authorization: Bearer KEY``, as TGI's ``--api-key``.
    """

    host: str = "127.0.0.1"
    port: int = 8080
    model: str = DEMO
    model_id: str = ""
    tokens_per_second: float = DEFAULT_SPEED
    docs: Path = ROOT
    api_key: str | None = None
    limits: Limits = field(default_factory=Limits)

    @property
    def served_id(self) -> str:
        """The id under which the model is served."""
        if self.model_id:
            return self.model_id
        try:
            return current().get(self.model).model_id
        except (UnknownModel, CatalogueError):
            return self.model


def read_options(arguments: Sequence[str], environment: Mapping[str, str]) -> Options:
    """The options given. Wrong ones end the program with one line and exit code 2 (argparse)."""
    parser = _parser()
    given = parser.parse_args(arguments)
    speed = given.tokens_per_second
    if speed is None:
        speed = DEFAULT_SPEED
        said = environment.get(SPEED_VARIABLE, "").strip()
        if said and given.model != DEMO:
            try:
                speed = _speed(said)
            except argparse.ArgumentTypeError as error:
                parser.error(f"environment variable {SPEED_VARIABLE}: {error}")
    if given.max_input_tokens > given.max_total_tokens:
        parser.error(
            f"--max-input-tokens {given.max_input_tokens} is more than --max-total-tokens {given.max_total_tokens}; "
            "the total is prompt and reply together"
        )
    limits = Limits(**{limit.name: getattr(given, limit.name) for limit in fields(Limits)})
    return Options(
        host=given.host,
        port=given.port,
        model=given.model,
        model_id=given.model_id,
        tokens_per_second=speed,
        docs=given.docs,
        api_key=given.api_key or None,
        limits=limits,
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m inference.demo_tgi",
        description="A stand-in for text-generation-inference: speaks its HTTP API and holds no language model.",
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("--host", default="127.0.0.1", help="address to listen on (%(default)s)")
    add("--port", type=_port, default=8080, help="port to listen on, 0 picks a free one (%(default)s)")
    add(
        "--model",
        default=DEMO,
        help="demo answers out of the documentation; _lorem, or any other name, gives filler words (%(default)s)",
    )
    add("--model-id", default="", help="what /info calls the model (its id in the catalogue)")
    add(
        "--tokens-per-second",
        type=_speed,
        help=f"speed of one reply, 0 is as fast as it can ({DEFAULT_SPEED:g}; filler: ${SPEED_VARIABLE})",
    )
    add("--docs", type=_folder, default=ROOT, help="folder with README.md and docs/ (this repository)")
    add("--api-key", help="ask for this key as bearer token, as TGI does")
    for limit in fields(Limits):
        name = "--" + limit.name.replace("_", "-")
        add(name, type=_positive, default=limit.default, help="as TGI's (%(default)s)")
    return parser


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is no port; give a number from 0 to 65535")
    return int(text)


def _positive(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text!r} is no positive whole number")
    return int(text)


def _speed(text: str) -> float:
    try:
        speed = float(text)
    except ValueError:
        speed = -1.0
    if not math.isfinite(speed) or speed < 0:
        raise argparse.ArgumentTypeError(f"{text!r} is no speed; give tokens per second, 0 for as fast as it can")
    return speed


def _folder(text: str) -> Path:
    path = Path(text).resolve()
    if not path.is_dir():
        raise argparse.ArgumentTypeError(f"{text!r} is no folder; give the one that holds README.md and docs/")
    return path
