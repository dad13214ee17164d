"""Letting a worker in with a key that was drawn elsewhere: by `manage.py up`, or by whoever deploys."""

from pathlib import Path

from django.core.management.base import CommandError
from django.db import transaction

from workers.models import Worker, WorkerKey

SHORTEST_KEY = 32


def admit(name: str, key: str, *, trusted: bool) -> str:
    """Make the worker with this key unless it is there; its oldest key goes when it has too many. What was done.

    Raises CommandError when the key is another worker's, or was revoked.
    """
    with transaction.atomic():
        worker, is_new = Worker.objects.get_or_create(name=name, defaults={"trusted": trusted})
        row = WorkerKey.objects.of(key)
        if row is None:
            good = WorkerKey.objects.good().filter(worker=worker)
            if len(good) > 1:
                WorkerKey.objects.filter(pk=good[0].pk).revoke()
            WorkerKey.objects.issue(worker, key)
            return f"worker {name} {'is let in' if is_new else 'has another key'}"
        if row.worker_id != worker.pk:
            raise CommandError(f"the key is worker {row.worker.name!r}'s: draw another for {name!r}")
        if row.revoked_at is not None:
            raise CommandError(f"the key of worker {name!r} was revoked: draw another one")
    return f"worker {name} has this key already"


def read_key(path: Path) -> str:
    """The key in the file; `-` is stdin. Raises CommandError."""
    try:
        key = (Path("/dev/stdin") if str(path) == "-" else path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"--key-file {path} cannot be read: {error}") from error
    if len(key) < SHORTEST_KEY:
        raise CommandError(
            f"--key-file {path} holds {len(key)} characters: a key has {SHORTEST_KEY} random ones or more"
        )
    return key
