"""What a message costs on its way from the chat to its last event, in round trips to Postgres and in bytes.

No timings: the machine has no part in it. More than is written here is a mistake, or a decision to be written here.
"""

import asyncio
from functools import partial

import pytest
from django.db import connection
from django.db.backends.signals import connection_created
from django.test.utils import CaptureQueriesContext

from chats.groups import letters_to, message_group
from chats.redis import async_redis
from chats.repository import work
from chats.streaming import hub
from inference import events
from tests.chats.chat_socket import ChatSocket
from tests.chats.event_source import EventSource, until_shown
from tests.chats.people import path_of
from tests.chats.played_worker import Attempt, claim, result
from tests.chats.waiting import until

LOOK = "WITH asked AS"
"""How the look begins that serves all readers of a process together."""

WITHIN_S = 60.0


def cost(step):
    """The round trips of a step, BEGIN and COMMIT with the rest, and what it returned."""
    with CaptureQueriesContext(connection) as trips:
        returned = step()
    return len(trips), returned


@pytest.fixture
def statements():
    """Fills with the statements of the threads that serve an event loop: they take their connection anew each time."""
    sent, watched = [], []

    def note(execute, sql, params, many, context):
        sent.append(sql.strip())
        return execute(sql, params, many, context)

    def watch(connection, **_):
        if note not in connection.execute_wrappers:
            watched.append(connection)
            connection.execute_wrappers.append(note)

    connection_created.connect(watch)
    yield sent
    connection_created.disconnect(watch)
    for each in watched:
        each.execute_wrappers.remove(note)


def test_each_step_of_a_message_takes_the_round_trips_that_are_written_here(transactional_db, person, model):
    def post(path, **body):
        trips, answer = cost(partial(person.api.post, path, body))
        assert answer.status == 200
        return trips, answer.json["id"]

    post("chats")  # what a process asks once
    taken = {}
    taken["POST chats"], chat = post("chats")
    taken["POST prompter_message"], prompt = post(f"chats/{chat}/prompter_message", parent_id=None, content="Llamas?")
    taken["POST assistant_message"], _ = post(
        f"chats/{chat}/assistant_message", parent_id=prompt, model_config_name=model.name
    )
    taken["claim"], claimed = cost(lambda: claim(model))
    taken["complete"], done = cost(lambda: work.complete(claimed.message_id, claimed.attempt, result()))
    assert done
    assert taken == {
        "POST chats": 2,
        "POST prompter_message": 3,
        "POST assistant_message": 4,
        "claim": 1,
        "complete": 1,
    }


async def test_reading_a_whole_reply_asks_postgres_four_times_however_many_tokens_it_has(
    live, person, reply, model, statements, monkeypatch
):
    monkeypatch.setattr(hub, "LOOK_S", 60.0)  # one look, at the beginning
    attempt = await Attempt.begins(model)
    await attempt.says("0 ")
    statements.clear()
    source = await EventSource.opened(path_of(reply, "/events"), bearer=person.bearer)
    for number in range(1, 200):
        await attempt.says(f"{number} ")
    await until_shown(source, "".join(f"{number} " for number in range(200)))
    await until(lambda: any(sql.startswith(LOOK) for sql in statements))
    await attempt.completes()
    await source.rest()
    read = [sql for sql in statements if sql.startswith(("SELECT", LOOK))]  # a worker's end only writes
    assert sum(sql.startswith(LOOK) for sql in read) == 1
    # Whose it is, the message in its chat; then, beside the text so far and at the end, whether the row is final.
    assert len(read) - 1 == 4


async def test_a_token_event_is_as_long_as_its_text_and_what_is_counted_here(live, person, chat, reply, model):
    attempt = await Attempt.begins(model)
    await attempt.says("Ein ")
    channel, _ = letters_to(message_group(reply.pk))(events.restart(str(reply.pk), cursor="1.0"))
    pubsub = async_redis().pubsub()
    await pubsub.subscribe(channel)
    source = await EventSource.opened(path_of(reply, "/events"), bearer=person.bearer)
    await until_shown(source, "Ein ")
    socket = await ChatSocket.opened(chat.pk, bearer=person.bearer)
    await socket.says(type="resume", message_id=str(reply.pk), cursor=None)
    await socket.shows("Ein ")
    received = source.received_bytes
    await attempt.says("Llama")
    await until_shown(source, "Ein Llama")
    frame = (await socket.output())["text"]
    async with asyncio.timeout(WITHIN_S):
        while (heard := await pubsub.get_message(timeout=None))["type"] != "message":
            pass
    await pubsub.aclose()
    await source.vanish()
    await socket.leaves()
    sizes = {
        "server-sent": source.received_bytes - received,
        "websocket's payload": len(frame.encode()),
        "letter between processes": len(heard["data"]),
    }
    assert {name: size - len("Llama") for name, size in sizes.items()} == {
        "server-sent": 134,
        "websocket's payload": 118,
        "letter between processes": 122,
    }
