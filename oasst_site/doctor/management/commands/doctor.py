"""`manage.py doctor`."""

import argparse
import sys
from typing import Any

from django.core.management.base import BaseCommand

from oasst_site.doctor import command


class Command(BaseCommand):
    """Listed here for `manage.py help`; manage.py itself calls doctor/command.py before any settings are read."""

    help = command.DESCRIPTION
    requires_system_checks: list[str] = []
    requires_migrations_checks = False

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """The same as without Django."""
        command.add_arguments(parser)

    def handle(self, *args: Any, **arguments: Any) -> None:
        """The exit code tells the worst that was found."""
        sys.exit(command.run(as_json=arguments["as_json"], strict=arguments["strict"], url=arguments["url"]))
