"""Where waiting replies stand: one look per queue and second for all readers of a process together."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db.models import Avg, F

from chats.models import Message, Pause, State

RECENT_REPLIES = 20
DEFAULT_REPLY_TIME = timedelta(seconds=10)
"""What a reply is taken to last where none of its model has ended yet."""


@dataclass(frozen=True, slots=True)
class RowLook:
    """A reply's row as its readers need it once a second. `position` counts from 0, None unless it is pending."""

    message_id: str
    state: str
    compat_hash: str
    position: int | None
    queue_size: int
    paused: bool = False


def look_at_rows(message_ids: Iterable[str]) -> list[RowLook]:
    """The state of these replies, and the place in the queue of those that wait. At most three queries.

    A message that is missing from the answer was deleted.
    """
    rows = list(Message.objects.filter(pk__in=list(message_ids)).values_list("pk", "state", "compat_hash"))
    waiting_hashes = {compat_hash for _, state, compat_hash in rows if state == State.PENDING}
    queues = list_queues(waiting_hashes) if waiting_hashes else {}
    paused = set(Pause.objects.filter(pk__in=waiting_hashes).values_list("pk", flat=True)) if waiting_hashes else set()
    return [
        RowLook(
            message_id=str(pk),
            state=state,
            compat_hash=compat_hash,
            position=queues.get(compat_hash, {}).get(pk, 0) if state == State.PENDING else None,
            queue_size=len(queues.get(compat_hash, {})),
            paused=compat_hash in paused,
        )
        for pk, state, compat_hash in rows
    ]


def list_queues(compat_hashes: Iterable[str]) -> dict[str, dict[UUID, int]]:
    """Each queue's waiting replies with their positions from 0, in the very order in which workers claim them."""
    queues: dict[str, dict[UUID, int]] = defaultdict(dict)
    rows = (
        Message.objects.filter(state=State.PENDING, compat_hash__in=list(compat_hashes))
        .order_by("compat_hash", "queue_at", "id")
        .values_list("compat_hash", "pk")
    )
    for compat_hash, pk in rows.iterator(chunk_size=5000):
        queue = queues[compat_hash]
        queue[pk] = len(queue)
    return queues


def mean_reply_s(compat_hash: str) -> float:
    """How long the latest replies of this queue took from claim to end, in seconds."""
    recent = (
        Message.objects.filter(state=State.COMPLETE, compat_hash=compat_hash, work_begin_at__isnull=False)
        .order_by("-work_end_at")
        .annotate(took=F("work_end_at") - F("work_begin_at"))
        .values("took")[:RECENT_REPLIES]
    )
    mean = recent.aggregate(mean=Avg("took"))["mean"] or DEFAULT_REPLY_TIME
    return mean.total_seconds()


def estimate_s(*, position: int, seats: int, reply_s: float) -> float | None:
    """Seconds until the reply at `position` (from 0) begins, None while no worker has a seat to offer.

    `seats` replies run at once, so a seat becomes free every `reply_s / seats` seconds.
    """
    if seats <= 0:
        return None
    return round((position + 1) * reply_s / seats, 1)
