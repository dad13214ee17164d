"""`manage.py prepare`: what the database and the static files need before the applications start."""

import argparse
import socket
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from workers.letting_in import admit, read_key

ADMIN = "admin"


class Command(BaseCommand):
    """Safe to run again and again."""

    help = (
        "Migrate, and let this machine's workers in; with DEBUG make the superuser admin/admin, "
        "without it collect the static files."
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """`prepare [--worker-key-file FILE]`"""
        parser.add_argument(
            "--worker-key-file", type=Path, metavar="FILE", help="let this machine's workers in with the key in FILE"
        )

    def handle(self, *args: Any, worker_key_file: Path | None, **options: Any) -> None:
        """Raises CommandError and database errors."""
        if missing := _missing_migrations():
            self.stdout.write(f"applying {missing} migrations")
            call_command("migrate", interactive=False, verbosity=0)
        if worker_key_file is not None:
            admit(f"local-{socket.gethostname()}", read_key(worker_key_file), trusted=True)
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
