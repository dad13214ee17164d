"""A command that finds no database says so in one line, not as a trace; `--traceback` shows the trace all the same.

Settings that cannot be read are told before anything else runs, see start.py.
"""

import logging
import os
import sys
from pathlib import Path
from types import TracebackType

LOAD_SETTINGS = "Beside a running `make run`, load its settings first:  set -a; . .local/env; set +a"


def install() -> None:
    """Have an uncaught error of a database that is away told so; all others are told as before."""
    before = sys.excepthook

    def tell(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        said = "" if "--traceback" in sys.argv else _said(error)
        if said:
            sys.stderr.write(f"{Path(sys.argv[0]).name}: {said}\n")
        else:
            before(kind, error, trace)

    sys.excepthook = tell


def hush_the_pool() -> None:
    """For a command that a person types: the pool's warnings of each vain try would stand before its last words."""
    logging.getLogger("psycopg.pool").setLevel(logging.ERROR)


def _said(error: BaseException) -> str:
    """Why no connection is to be had; empty when one is, or when the error is another one."""
    from django.conf import settings
    from django.db.utils import OperationalError

    from oasst_site.stack.errors import StackError
    from oasst_site.stack.given import check_database

    if not isinstance(error, OperationalError):
        return ""
    try:
        check_database(settings.DATABASE_URL)
    except StackError as reason:
        return str(reason) if "DATABASE_URL" in os.environ else f"{reason.reason}. {LOAD_SETTINGS}"
    return ""
