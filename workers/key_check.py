"""A worker process shows its key before anything of it starts."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NoReturn

from workers.options import Role

if TYPE_CHECKING:
    from celery.apps.worker import Worker as WorkerProcess

    from workers.identity import Identity

logger = logging.getLogger(__name__)

RETRY_S = 1.0


def show_key(sender: str, instance: WorkerProcess, options: Mapping[str, Any], **_: object) -> None:
    """Receiver of `celeryd_init`, after the options were settled: `instance.identity` is who the process is.

    A maintenance worker shows none: it is the operator's own, and serves nobody. Raises SystemExit(2), after one line
    on stderr, when the process may not serve. Postgres may be away: without it there is nothing to serve either.
    """
    instance.identity = None
    if instance.role is Role.MODEL:
        instance.identity = _identity(options.get("api_key"))


def _identity(key: str | None) -> Identity | None:
    import django

    django.setup()  # Celery does it only after this signal
    from django.db import InterfaceError, OperationalError, ProgrammingError, connections

    from workers.identity import Refused, identify

    told = False
    while True:
        try:
            return identify(key)
        except Refused as error:
            _refuse(str(error))
        except ProgrammingError as error:
            _refuse(f"the database lacks a table ({str(error).splitlines()[0]}): run `manage.py migrate`")
        except (OperationalError, InterfaceError) as error:
            if not told:
                logger.warning("Postgres is away, so the worker's key cannot be checked yet: %s", error)
            told = True
        finally:
            connections.close_all()
        time.sleep(RETRY_S)


def _refuse(problem: str) -> NoReturn:
    print(f"Error: {problem}", file=sys.stderr)  # noqa: T201
    raise SystemExit(2)
