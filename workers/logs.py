"""A worker logs as every other process of ours: settings.LOGGING. Celery would put its own set-up in its place."""

import logging
from typing import Any

import click
from click.core import ParameterSource

TICKET_CHATTER = ("celery.worker.strategy", "celery.app.trace")
"""Celery's lines per task: a ticket says nothing, workers.tickets says what became of its message."""


def keep_ours(loglevel: int | str | None = None, **_: Any) -> None:
    """Receiver of `setup_logging`, whose mere presence keeps Celery off; -l is heeded when somebody gave it."""
    context = click.get_current_context(silent=True)
    if context and loglevel and context.get_parameter_source("loglevel") is ParameterSource.COMMANDLINE:
        logging.getLogger().setLevel(loglevel)
    for name in TICKET_CHATTER:
        logging.getLogger(name).setLevel(logging.WARNING)
