"""How every process logs: our own lines and the libraries' through one chain of structlog, as JSON or for people.

The chain adds what the line is about (structlog's context variables: request_id, message_id, ...) and which process
says it, and takes out what must not be in a log: texts of people and models, and secrets.
"""

import logging
import os
import sys
from collections.abc import Callable, Iterable
from typing import Any

import orjson
import structlog
from structlog.dev import ConsoleRenderer, plain_traceback
from structlog.typing import EventDict, Processor, WrappedLogger

from chats.telemetry.privacy import without_texts
from chats.telemetry.secrets import Hider

FORMS = ("json", "console")
LEVELS = tuple(spelt for name in ("DEBUG", "INFO", "WARNING", "ERROR") for spelt in (name, name.lower()))

_process: dict[str, Any] = {}
_ONLY_IN_JSON = ("pid", "process", "worker", "session_id")
"""On a terminal the process is known by the label before its lines."""
_ESCAPED = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160))}
"""Control characters: a line stays one line, and steers no terminal, whatever a stranger has sent."""


def configuration(*, level: str, form: str, with_texts: bool, secrets: Iterable[str]) -> dict[str, Any]:
    """Django's LOGGING. form: one of FORMS. with_texts: texts of people and models may stand in lines.

    secrets: values that no line may hold.
    """
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    render = _json if form == "json" else _console()
    formatter = {
        "()": structlog.stdlib.ProcessorFormatter,
        "processors": [*_chain(form, with_texts=with_texts), _hiding(Hider(secrets), render)],
    }
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": formatter},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            "django": {"handlers": [], "level": "INFO"},  # Django's own handlers would say every line twice
            "django.server": {"handlers": [], "propagate": True},
            "django.request": {"level": "ERROR"},  # a 404 of a client is no event of ours; the access line tells it
            "daphne": {"level": "WARNING"},
            "django.channels.server": {"level": "WARNING"},
        },
    }


def describe_process(**fields: Any) -> None:
    """What every line of this process carries from now on, in JSON. Warnings of Python become lines, too."""
    _process.update(fields, pid=os.getpid())
    logging.captureWarnings(True)


def process_name() -> str:
    """What this process is: web, worker, maintenance, beat or command."""
    return str(_process.get("process", "command"))


def _chain(form: str, *, with_texts: bool) -> list[Processor]:
    chain: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
    ]
    if not with_texts:
        chain.append(without_texts)
    chain.append(structlog.stdlib.ProcessorFormatter.remove_processors_meta)
    if form == "json":
        return [*chain, _add_process, structlog.processors.TimeStamper(fmt="iso", utc=True)]
    return [*chain, _one_line, structlog.processors.TimeStamper(fmt="%Y-%m-%d %H:%M:%S", utc=False)]


def _add_process(logger: WrappedLogger, name: str, line: EventDict) -> EventDict:
    return {**_process, **line}


def _one_line(logger: WrappedLogger, name: str, line: EventDict) -> EventDict:
    return {
        key: value.translate(_ESCAPED) if isinstance(value, str) and key not in ("exception", "stack") else value
        for key, value in line.items()
        if key not in _ONLY_IN_JSON
    }


def _json(logger: WrappedLogger, name: str, line: EventDict) -> str:
    return orjson.dumps(line, default=str, option=orjson.OPT_NON_STR_KEYS).decode()


def _console() -> Processor:
    return ConsoleRenderer(
        pad_event_to=0,
        colors=sys.stderr.isatty() and not os.environ.get("NO_COLOR"),
        exception_formatter=plain_traceback,
        sort_keys=False,
    )


def _hiding(hider: Hider, render: Callable[[WrappedLogger, str, EventDict], Any]) -> Processor:
    def hide(logger: WrappedLogger, name: str, line: EventDict) -> str:
        return hider.hide(str(render(logger, name, line)))

    return hide
