"""`manage.py up`: the whole stack on this machine."""

import argparse
import sys
from typing import Any

from django.core.management.base import BaseCommand

from oasst_site.stack import options


class Command(BaseCommand):
    """Listed here for `manage.py help`; manage.py itself calls stack/up.py before any settings are read."""

    help = options.DESCRIPTION
    requires_system_checks: list[str] = []
    requires_migrations_checks = False

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """The same as without Django."""
        options.add_arguments(parser)

    def handle(self, *args: Any, **arguments: Any) -> None:
        """Run until stopped."""
        from oasst_site.stack.up import run

        if code := run(arguments):
            sys.exit(code)
