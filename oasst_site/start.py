"""The first thing that a process of ours does: read the settings, and end with one line when they are no good."""

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
        raise Refused(" ".join(str(error).split())) from error
    if problems := impossible(settings):
        raise Refused(problems[0])


def refuse_bad_settings() -> None:
    """Read the settings, or end the process with exit code 2 after a line on stderr."""
    try:
        check_settings()
    except Refused as error:
        print(f"Error: {error}", file=sys.stderr)  # noqa: T201
        raise SystemExit(2) from None
