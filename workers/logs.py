"""A worker logs as every other process of ours: settings.LOGGING. Celery would put its own set-up in its place."""

import logging
import warnings
from typing import Any

import click
from celery.exceptions import CPendingDeprecationWarning
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


def quieten(**_: Any) -> None:
    """Receiver of `celeryd_after_setup`, since Celery turns its own warnings on before.

    At every lost connection it tells of a setting to come; the redelivery that this is about costs us nothing.
    """
    warnings.filterwarnings("ignore", "\nIn Celery 5.1 we introduced", CPendingDeprecationWarning)
