"""The first thing that a process of ours does: read the settings, and end with one line when they are no good."""

import os
import re
import sys

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from environs import EnvError

from oasst_site.impossible import impossible


class Refused(Exception):
    """No process may start with these settings; the message is one line."""


def check_settings() -> None:
    """Read the settings. Raises Refused."""
    try:
        settings.DEBUG  # noqa: B018  # reads all of them
    except (ImproperlyConfigured, EnvError, ValueError) as error:
        said = " ".join(str(error).split())
        raise Refused(said + _value_and_way_out(said) if isinstance(error, EnvError) else said) from error
    if problems := impossible(settings):
        raise Refused(problems[0])


def _value_and_way_out(complaint: str) -> str:
    """What environs leaves out: the value of the variable, unless it may hold a secret, and where to look it up."""
    found = re.search(r'"([A-Z0-9_]+)"', complaint)
    tellable = found is not None and not re.search("URL|KEY|SECRET|TOKEN", found[1])
    value = f" It is {os.environ.get(found[1], '')!r}." if found and tellable else ""
    return f"{value} docs/settings.md tells what it may be."


def refuse_bad_settings() -> None:
    """Read the settings, or end the process with exit code 2 after a line on stderr."""
    try:
        check_settings()
    except Refused as error:
        print(f"Error: {error}", file=sys.stderr)  # noqa: T201
        raise SystemExit(2) from None
