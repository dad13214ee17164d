"""The options of `celery -A oasst_site worker` that are ours, and what a worker process is to be.

A worker is either a model's (`--model NAME --engine-url URL`) or a maintenance worker (`-Q maintenance`). Whatever is
wrong is told in one line, with exit code 2, before anything is started.
"""

from __future__ import annotations

import enum
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from secrets import token_hex
from socket import gethostname
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import urlsplit

import click
from celery.bin.base import CeleryOption
from celery.concurrency.thread import TaskPool as ThreadsPool
from celery.utils.nodenames import default_nodename, nodename
from click.core import ParameterSource

from inference import catalogue
from inference.catalogue import CatalogueError, ModelConfig, UnknownModel
from inference.queues import MAINTENANCE, broker_queue

if TYPE_CHECKING:
    from celery.apps.worker import Worker as WorkerProcess

HELP_GROUP = "Model Options"
MAINTENANCE_THREADS = 2


class Role(enum.Enum):
    """What a worker process does."""

    MODEL = "model"
    MAINTENANCE = "maintenance"


class OptionError(click.ClickException):
    """A wrong option: one line on stderr, exit code 2."""

    exit_code = 2


def worker_options() -> list[click.Option]:
    """`--model`, the engine's address and kind, and `--api-key`, each with its environment variable.

    The key that the engine asks for has none: options show in process lists, so it is ENGINE_API_KEY alone.
    """
    return [
        CeleryOption(
            ("--model",),
            metavar="NAME",
            envvar="MODEL_CONFIG_NAME",
            show_envvar=True,
            callback=_model,
            help_group=HELP_GROUP,
            help="Serve this model of the catalogue. Its queue opens while the engine is healthy.",
        ),
        CeleryOption(
            ("--engine-url",),
            metavar="URL",
            envvar="INFERENCE_SERVER_URL",
            show_envvar=True,
            callback=_engine_url,
            help_group=HELP_GROUP,
            help="Where the model's engine answers, e.g. http://localhost:8080.",
        ),
        CeleryOption(
            ("--engine",),
            metavar="KIND",
            default="auto",
            show_default=True,
            envvar="INFERENCE_SERVER_KIND",
            show_envvar=True,
            help_group=HELP_GROUP,
            help="The engine's protocol: tgi or openai; auto: as the catalogue says, else asks the engine.",
        ),
        CeleryOption(
            ("--api-key",),
            metavar="KEY",
            envvar="API_KEY",
            show_envvar=True,
            callback=_api_key,
            help_group=HELP_GROUP,
            help="The worker's own key, not its engine's (ENGINE_API_KEY). "
            "Prefer API_KEY, or API_KEY_FILE with a path: options show in process lists.",
        ),
    ]


def settle_role(sender: str, instance: WorkerProcess, conf: Any, options: Mapping[str, Any], **_: object) -> None:
    """Receiver of `celeryd_init`: check the options against each other and set the worker up for its role.

    Raises SystemExit(2), after one line on stderr, when they make no sense together.
    """
    instance.role = role = role_of(options)
    if not _is_threads(options.get("pool")):
        _refuse(f"-P {_name_of(options['pool'])}: these workers run on Celery's threads pool only; leave -P out")
    if (threads := options.get("concurrency")) is not None and threads < 1:
        _refuse(f"-c {threads}: a worker needs at least one thread")
    queues = instance.app.amqp.queues
    if role is Role.MODEL:
        config: ModelConfig = options["model"]
        if not options.get("engine_url"):
            _refuse(
                "--engine-url is missing: say where the engine of "
                f"{config.name} answers, e.g. --engine-url http://localhost:8080 (or set INFERENCE_SERVER_URL)"
            )
        if options.get("autoscale") or options.get("beat"):
            _refuse("--autoscale and -B do not go with --model; leave them out")
        _check_engine(options["engine"])
        conf.worker_concurrency = config.max_parallel_requests
        queues.deselect(list(queues))  # the health gate opens the model's queue, nothing else is served
    else:
        conf.worker_concurrency = MAINTENANCE_THREADS
        queues[MAINTENANCE] = broker_queue(MAINTENANCE)
    _give_a_name(instance, config.name if role is Role.MODEL else MAINTENANCE)
    conf.worker_prefetch_multiplier = 1
    conf.worker_consumer = "workers.consumer:SoonBackConsumer"


def _give_a_name(instance: WorkerProcess, role: str) -> None:
    """Without -n every worker of a host would be celery@host, and Celery could not tell them apart."""
    if instance.hostname == default_nodename(None):
        instance.hostname = nodename(f"{role}-{token_hex(2)}", gethostname())


def role_of(options: Mapping[str, Any]) -> Role:
    """The role that the options ask for. Raises SystemExit(2), after one line, when they ask for none or two."""
    queues = list(options.get("queues") or [])
    if options.get("model") is not None:
        if queues:
            _refuse(
                f"--model and -Q {','.join(queues)} exclude each other: --model opens its own queue; "
                f"start a second worker with -Q {MAINTENANCE}"
            )
        return Role.MODEL
    if not queues:
        _refuse(
            f"nothing to serve: give --model NAME (one of {_known_models()}) with --engine-url URL, or -Q {MAINTENANCE}"
        )
    if queues != [MAINTENANCE]:
        _refuse(
            f"-Q {','.join(queues)}: the only queue to name is {MAINTENANCE!r}; "
            "a model's queue is served by --model NAME"
        )
    return Role.MAINTENANCE


def _model(context: click.Context, option: click.Parameter, value: str | None) -> ModelConfig | None:
    if not value or _is_for_others(context, option):
        return None
    try:
        return catalogue.current().get(value)
    except (UnknownModel, CatalogueError) as error:
        raise OptionError(f"--model: {error}") from error


def _engine_url(context: click.Context, option: click.Parameter, value: str | None) -> str | None:
    if not value or _is_for_others(context, option):
        return None
    try:
        parts = urlsplit(value)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port that is no number, a bracket without its partner
        usable = False
    else:
        usable = usable and not parts.query and not parts.fragment and not any(map(str.isspace, value))
    if not usable:
        raise OptionError(f"--engine-url {value!r} is no address of an engine; it must be like http://HOST:PORT")
    if "@" in parts.netloc:  # the address stands in logs and in `inspect session`
        raise OptionError("--engine-url holds a user name or a password; an engine's key is given as ENGINE_API_KEY")
    return value.rstrip("/")


def _api_key(context: click.Context, option: click.Parameter, value: str | None) -> str | None:
    if _is_for_others(context, option):
        return None
    if value and context.get_parameter_source(option.name or "") is ParameterSource.COMMANDLINE:
        click.echo("Warning: --api-key shows in the process list; prefer API_KEY or API_KEY_FILE.", err=True)
    file = os.environ.get("API_KEY_FILE")
    if value or not file:
        return value or None
    try:
        return Path(file).read_text(encoding="utf-8").strip() or None
    except (OSError, UnicodeDecodeError) as error:
        raise OptionError(f"API_KEY_FILE {file!r} cannot be read: {error}") from error


def _check_engine(kind: str) -> None:
    """The engines' packages are looked for only here: web and maintenance processes do without them."""
    try:
        import workers.hardware  # noqa: F401
        from inference.engines import AUTO, KINDS
    except ImportError as error:
        _refuse(f"a worker's packages are missing ({error}): pip install -r requirements/worker.txt")
    if kind not in (AUTO, *KINDS):
        _refuse(f"--engine {kind!r} is unknown; it must be one of {', '.join((AUTO, *KINDS))}")


def _is_for_others(context: click.Context, option: click.Parameter) -> bool:
    """A value that only stands in the environment does not concern a worker that names its queues with -Q."""
    from_environment = context.get_parameter_source(option.name or "") is not ParameterSource.COMMANDLINE
    return from_environment and bool(context.params.get("queues"))


def _is_threads(pool: Any) -> bool:
    return pool is None or pool == "threads" or (isinstance(pool, type) and issubclass(pool, ThreadsPool))


def _name_of(pool: Any) -> str:
    return pool.__module__.rpartition(".")[2] if isinstance(pool, type) else str(pool)


def _known_models() -> str:
    try:
        return ", ".join(config.name for config in catalogue.current())
    except CatalogueError as error:
        return f"none, {error}"


def _refuse(problem: str) -> NoReturn:
    """Celery swallows what a signal's receiver raises, except SystemExit."""
    print(f"Error: {problem}", file=sys.stderr)  # noqa: T201
    raise SystemExit(2)
