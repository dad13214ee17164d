"""`python -m tests.bench.rows make|time|remove JSON`: much in the stack's own Postgres, and what is seen only there.

Run with the environment of the stack's processes. `make` puts the rows there and prints their ids; `time` prints the
milliseconds of pairs of claims and of looks at a queue, each claim rolled back; `remove` takes the rows away.
"""

import json
import sys
import time
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import django

django.setup()

from django.db import connection, transaction  # noqa: E402  # after the settings
from django.utils import timezone  # noqa: E402

from chats.models import Chat, Message, Milestones, Role, State  # noqa: E402
from chats.positions import look_at_rows  # noqa: E402
from chats.repository.work import claim  # noqa: E402
from chats.repository.work_request import WorkRequest  # noqa: E402
from inference import catalogue  # noqa: E402
from inference.parameters import SamplingParameters  # noqa: E402
from oasst_site.accounts.models import User  # noqa: E402
from tests.bench.machine import FEW, MANY  # noqa: E402

PAIRS = 50
MILESTONES_WITHIN_S = 20.0
BATCH = 5000
NEIGHBOURS, CHATS_OF_EACH = 500, 20
NEIGHBOUR = "growth-neighbour-"


def make(short: str, long: str, few: int, messages: int, chats: int) -> dict[str, str]:
    """Make chats, lists and queues so long; the ids of each side's last prompt and last waiting reply."""
    told = {}
    for side, chat_id, length, listed, model in (
        ("few", short, few, few, FEW),
        ("many", long, messages, chats, MANY),
    ):
        chat = Chat.objects.get(pk=chat_id)
        told[f"{side}_prompt"] = str(_thread(chat, length))
        rows = [Chat(user_id=chat.user_id, title=f"Chat {number}") for number in range(listed - 1)]
        Chat.objects.bulk_create(rows, batch_size=BATCH)
        told[f"{side}_waiting"] = str(_queue(chat, model, length))
    _neighbours()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return told


def _neighbours() -> None:
    """People with some chats each: of two owners alone Postgres would think otherwise than of a site's."""
    people = [User(username=f"{NEIGHBOUR}{uuid4().hex}") for _ in range(NEIGHBOURS)]
    User.objects.bulk_create(people)
    chats = [Chat(user=each, title=f"Chat {number}") for each in people for number in range(CHATS_OF_EACH)]
    Chat.objects.bulk_create(chats, batch_size=BATCH)


def _thread(chat: Chat, length: int) -> UUID:
    """One thread of so many messages, a prompt at its end."""
    rows: list[Message] = []
    for number in range(length - 1 + length % 2):
        is_prompt = number % 2 == 0
        rows.append(
            Message(
                chat=chat,
                parent=rows[-1] if rows else None,
                role=Role.PROMPTER if is_prompt else Role.ASSISTANT,
                state=State.MANUAL if is_prompt else State.COMPLETE,
                content="So it goes on and on.",
            )
        )
    Message.objects.bulk_create(rows, batch_size=BATCH)
    Chat.objects.filter(pk=chat.pk).update(message_count=len(rows), active_thread_tail=rows[-1], title="Long")
    return rows[-1].pk


def _queue(chat: Chat, model: str, length: int) -> UUID:
    """So many replies that wait, in a chat of their own; the last of them."""
    request = WorkRequest(model_config_name=model, sampling_parameters=SamplingParameters())
    config, parameters = request.settle()
    own = Chat.objects.create(user_id=chat.user_id, title="Waiting")
    prompt = Message.objects.create(chat=own, role=Role.PROMPTER, state=State.MANUAL, content="Well?")
    now = timezone.now()
    rows = [
        Message(
            chat=own,
            parent=prompt,
            role=Role.ASSISTANT,
            state=State.PENDING,
            asked_by_id=chat.user_id,
            model_config_name=config.name,
            compat_hash=config.compat_hash,
            work_parameters=parameters.to_json(),
            queue_at=now,
        )
        for _ in range(length)
    ]
    Message.objects.bulk_create(rows, batch_size=BATCH)
    return rows[-1].pk


def times(few_waiting: str, many_waiting: str) -> dict[str, list[float]]:
    """Milliseconds of each of the pairs, once the stack's reconciler has noted the long queue's milestones."""
    _await_milestones(catalogue.current().get(MANY).compat_hash)
    took: dict[str, list[float]] = {name: [] for name in ("few_claim", "many_claim", "few_look", "many_look")}
    for _ in range(PAIRS):
        for side, model, waiting in (("few", FEW, few_waiting), ("many", MANY, many_waiting)):
            compat_hash = catalogue.current().get(model).compat_hash
            with transaction.atomic():
                took[f"{side}_claim"].append(_ms(lambda: _claimed(compat_hash)))  # noqa: B023  # called at once
                transaction.set_rollback(True)
            took[f"{side}_look"].append(_ms(lambda: look_at_rows([waiting])))  # noqa: B023
    return took


def _await_milestones(compat_hash: str) -> None:
    deadline = time.monotonic() + MILESTONES_WITHIN_S
    while not Milestones.objects.filter(compat_hash=compat_hash).exists():
        if time.monotonic() > deadline:
            raise RuntimeError(
                f"no milestones of {compat_hash} after {MILESTONES_WITHIN_S} s: does the reconciler work?"
            )
        time.sleep(0.1)


def _claimed(compat_hash: str) -> None:
    if claim(compat_hash=compat_hash, session_id=uuid4(), worker_name="bench") is None:
        raise RuntimeError(f"nothing waits for {compat_hash}")


def _ms(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return (time.perf_counter() - began) * 1e3


def remove(short: str, long: str) -> None:
    """Everything of the two chats' owners, and their neighbours."""
    owners = list(Chat.objects.filter(pk__in=[short, long]).values_list("user_id", flat=True))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE chats_chat SET active_thread_tail_id = NULL WHERE user_id = ANY(%s)"
            " AND active_thread_tail_id IS NOT NULL",
            [owners],
        )
        cursor.execute(
            "DELETE FROM chats_message USING chats_chat WHERE chats_chat.id = chat_id AND user_id = ANY(%s)", [owners]
        )
        cursor.execute("DELETE FROM chats_chat WHERE user_id = ANY(%s)", [owners])
        Chat.objects.filter(user__username__startswith=NEIGHBOUR).delete()
        User.objects.filter(username__startswith=NEIGHBOUR).delete()


VERBS: dict[str, Callable[..., Any]] = {"make": make, "time": times, "remove": remove}

if __name__ == "__main__":
    sys.stdout.write(json.dumps(VERBS[sys.argv[1]](**json.loads(sys.argv[2]))))
