"""A process that ends for a reason which a person can mend says it in one line, not as a trace.

That is for settings that cannot be read and a database that is away, in whichever program they come up: `manage.py`,
`celery -A oasst_site`, `python -m oasst_site.web`. `--traceback` shows the trace all the same.
"""

import os
import re
import sys
from pathlib import Path
from types import TracebackType

LOAD_SETTINGS = "Beside a running `make run`, load its settings first:  set -a; . .local/env; set +a"


def install() -> None:
    """Have uncaught exceptions of these kinds told so; all others are told as before."""
    before = sys.excepthook

    def tell(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        said = "" if "--traceback" in sys.argv else _said(error)
        if said:
            sys.stderr.write(f"{_program()}: {said}\n")
        else:
            before(kind, error, trace)

    sys.excepthook = tell


def _said(error: BaseException) -> str:
    """What to say of it; empty when it is none of these kinds."""
    from django.core.exceptions import ImproperlyConfigured
    from django.db.utils import OperationalError
    from environs import EnvError

    if isinstance(error, EnvError):
        return f"{error}{_value_of(str(error))} docs/settings.md tells what it may be."
    if isinstance(error, ImproperlyConfigured):
        return str(error)
    if isinstance(error, OperationalError):
        return _of_the_database(error)
    return ""


def _value_of(complaint: str) -> str:
    """The value of the variable that environs complains of, unless it may hold a secret."""
    found = re.search(r'"([A-Z0-9_]+)"', complaint)
    if found is None or found[1] not in os.environ or re.search("URL|KEY|SECRET|TOKEN", found[1]):
        return ""
    return f" It is {os.environ[found[1]]!r}."


def _of_the_database(error: Exception) -> str:
    """Why no connection is to be had; empty when one is: then the error is another one."""
    from django.conf import settings

    from oasst_site.stack.errors import StackError
    from oasst_site.stack.given import check_database

    try:
        check_database(settings.DATABASE_URL)
    except StackError as reason:
        return f"{reason.reason}. {LOAD_SETTINGS}" if "DATABASE_URL" not in os.environ else str(reason)
    return ""


def _program() -> str:
    name = Path(sys.argv[0])
    return name.parent.name if name.name == "__main__.py" else name.name
