"""`manage.py prepare`: what the database and the static files need before the applications start."""

import argparse
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

ADMIN = "admin"


class Command(BaseCommand):
    """Safe to run again and again."""

    help = "Migrate; with DEBUG make the superuser admin/admin, without it collect the static files."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """None of its own."""

    def handle(self, *args: Any, **options: Any) -> None:
        """Raises CommandError and database errors."""
        if missing := _missing_migrations():
            self.stdout.write(f"applying {missing} migrations")
            call_command("migrate", interactive=False, verbosity=0)
        if settings.DEBUG:
            self._make_admin()
        else:
            call_command("collectstatic", interactive=False, verbosity=0)

    def _make_admin(self) -> None:
        users = get_user_model().objects
        if not users.filter(username=ADMIN).exists():
            users.create_superuser(ADMIN, password=ADMIN)
            self.stdout.write("made the superuser admin with the password admin, because DEBUG is on")


def _missing_migrations() -> int:
    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
