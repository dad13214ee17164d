"""`manage.py rotate_worker_key NAME`: a second key while the first is still good, then the first goes."""

import argparse
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from workers.models import Worker, WorkerKey
from workers.models.key import TooManyKeys


class Command(BaseCommand):
    """Two steps: make a key and spread it; then, with --revoke-old, end the others."""

    help = "Make another API key of a worker; with --revoke-old revoke all but its newest key."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """`rotate_worker_key NAME [--revoke-old]`"""
        parser.add_argument("name", metavar="NAME", help="the worker")
        parser.add_argument("--revoke-old", action="store_true", help="revoke its older keys; no new one is made")

    def handle(self, *args: Any, name: str, revoke_old: bool, **options: Any) -> None:
        """Raises CommandError: no such worker, or it has two good keys already."""
        worker = Worker.objects.filter(name=name).first()
        if worker is None:
            known = ", ".join(Worker.objects.order_by("name").values_list("name", flat=True)[:20]) or "none"
            raise CommandError(f"there is no worker {name!r}; there are {known}")
        with transaction.atomic():
            if revoke_old:
                newest = WorkerKey.objects.good().filter(worker=worker).last()
                old = WorkerKey.objects.filter(worker=worker)
                if newest is not None:
                    old = old.exclude(pk=newest.pk)
                self.stdout.write(f"{old.revoke()} older keys of {name} are revoked: their processes drain")
                return
            try:
                _, key = WorkerKey.objects.issue(worker)
            except TooManyKeys as error:
                raise CommandError(str(error)) from error
        self.stderr.write(
            f"Another key of {name}, shown this once. Start its processes with it, then: "
            f"manage.py rotate_worker_key {name} --revoke-old"
        )
        self.stdout.write(key)
