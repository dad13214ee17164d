"""`manage.py create_worker NAME`: let a worker in; its key is shown once."""

import argparse
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import IntegrityError, transaction

from workers.letting_in import admit, read_key
from workers.models import Worker, WorkerKey


class Command(BaseCommand):
    """Prints the key alone on stdout, so that it can be caught: KEY=$(manage.py create_worker gpu-1)."""

    help = "Make a worker and its first API key. The key is printed once and kept only as a hash."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """`create_worker NAME [--trusted] [--key-file FILE]`"""
        parser.add_argument("name", metavar="NAME", help="what operators call it, e.g. gpu-1")
        parser.add_argument("--trusted", action="store_true", help="it is never asked for compliance checks")
        parser.add_argument(
            "--key-file",
            type=Path,
            metavar="FILE",
            help="take the key that stands in this file (- is stdin); nothing is done where the worker has it already",
        )

    def handle(self, *args: Any, name: str, trusted: bool, key_file: Path | None, **options: Any) -> None:
        """Raises CommandError: the name is taken, the file cannot be read or holds no good key."""
        if key_file is not None:
            self.stdout.write(admit(name, read_key(key_file), trusted=trusted))
            return
        try:
            with transaction.atomic():
                worker = Worker.objects.create(name=name, trusted=trusted)
                _, key = WorkerKey.objects.issue(worker)
        except IntegrityError as error:
            raise CommandError(
                f"there is a worker {name!r} already: another key for it is `manage.py rotate_worker_key {name}`"
            ) from error
        self.stderr.write(f"Worker {name} is let in. Its key, shown this once; give it as API_KEY:")
        self.stdout.write(key)
