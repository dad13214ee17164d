"""Several clients in one chat: what one does the others hear, each by way of its own."""

import asyncio

from chats.database import in_database
from tests.chats.event_source import EventSource, shown
from tests.chats.people import path_of
from tests.chats.played_worker import Attempt

TEXT = "Ein Llama 🦙 ist ein Kamel. "


async def test_messages_made_on_one_socket_are_told_to_the_other_without_its_ref(socket, connect, model):
    other = await connect()
    await socket.says(type="prompt", ref="mine", content="Hello", model_config_name=model.name)
    mine = [await socket.answer("message_created") for _ in range(2)]
    theirs = [await other.answer("message_created") for _ in range(2)]
    assert [event["message_id"] for event in mine] == [event["message_id"] for event in theirs]
    assert {event["ref"] for event in mine} == {"mine"}
    assert {event["ref"] for event in theirs} == {None}


async def test_whoever_made_a_message_hears_of_it_once(socket, connect, model):
    other = await connect()
    await socket.says(type="prompt", content="Hello", model_config_name=model.name)
    for each in (socket, other):
        assert [(await each.answer("message_created"))["message"]["role"] for _ in range(2)] == [
            "prompter",
            "assistant",
        ]
    await other.says(type="stop", message_id=socket.received[-1]["message_id"])
    await socket.answer("message")
    assert len([event for event in socket.received if event["event_type"] == "message_created"]) == 2


async def test_no_message_takes_its_way_by_a_thread_that_nobody_needs(socket, connect, model, monkeypatch):
    taken = []

    async def note():
        taken.append("the way")

    monkeypatch.setattr("channels.consumer.aclose_old_connections", note)
    other = await connect()
    await socket.says(type="prompt", content="Hello", model_config_name=model.name)
    for each in (socket, other):
        for _ in range(2):
            await each.answer("message_created")
    assert not taken


async def test_another_tab_streams_the_reply_when_it_resumes_it(socket, connect, model):
    other = await connect()
    await socket.says(type="prompt", content="Hello", model_config_name=model.name)
    await other.answer("message_created")
    reply_id = (await other.answer("message_created"))["message_id"]
    await other.says(type="resume", message_id=reply_id, cursor=None)
    attempt = await Attempt.begins(model)
    await attempt.says(TEXT, TEXT)
    await attempt.completes()
    for each in (socket, other):
        final = await each.answer("message")
        assert each.shown() == final["message"]["content"] == TEXT * 2


async def test_what_is_done_over_rest_is_told_to_the_sockets(socket, person, chat, model):
    def over_rest(method, path, body):
        return getattr(person.api, method)(f"chats/{chat.pk}{path}", body)

    made = await in_database(over_rest, "post", "/prompter_message", {"content": "Hello"})
    created = await socket.answer("message_created")
    assert (created["message_id"], created["ref"]) == (made.json["id"], None)
    body = {"parent_id": made.json["id"], "model_config_name": model.name}
    reply = await in_database(over_rest, "post", "/assistant_message", body)
    assert (await socket.answer("message_created"))["message_id"] == reply.json["id"]
    await in_database(over_rest, "put", "", {"title": "Kamele"})
    renamed = await socket.until(lambda event: event["event_type"] == "chat" and event["chat"]["title"] == "Kamele")
    assert renamed["chat"]["id"] == str(chat.pk)
    await in_database(person.api.delete, f"chats/{chat.pk}")
    assert await socket.closed() == 4404


async def test_another_chats_sockets_hear_nothing(socket, connect, person, model):
    other_chat = await in_database(person.chat)
    elsewhere = await connect(other_chat.pk)
    await socket.says(type="prompt", content="Hello", model_config_name=model.name)
    await socket.answer("message_created")
    await elsewhere.says(type="prompt", content="There", model_config_name=model.name)
    assert (await elsewhere.answer("message_created"))["message"]["content"] == "There"


async def test_sse_and_websocket_see_the_same_bytes_as_are_stored(socket, connect, person, reply, model):
    """Readers from the start, from the middle and from a cursor, of one reply at once."""
    from_start = await EventSource.opened(path_of(reply, "/events"), bearer=person.bearer)
    await socket.says(type="resume", message_id=str(reply.pk), cursor=None)
    attempt = await Attempt.begins(model)
    for number in range(40):
        await attempt.says(f"{number}: {TEXT}", "é", "🦙")
        if number == 20:
            later = await connect()
            await later.says(type="resume", message_id=str(reply.pk), cursor=None)
            late_source = await EventSource.opened(path_of(reply, "/events"), bearer=person.bearer)
            from_cursor = await EventSource.opened(path_of(reply, "/events"), bearer=person.bearer, last_event_id="1.3")
    assert await attempt.completes()
    first, late, rest, final, late_final = await asyncio.gather(
        from_start.rest(), late_source.rest(), from_cursor.rest(), socket.answer("message"), later.answer("message")
    )
    stored = (await in_database(type(reply).objects.get, pk=reply.pk)).content
    assert shown(first) == shown(late) == socket.shown() == later.shown() == stored
    assert stored.encode()[:3] + b"".join(event["text"].encode() for event in rest[:-1]) == stored.encode()
    for end in (first[-1], late[-1], rest[-1], final, late_final):
        assert (end["event_type"], end["message"]["content"]) == ("message", stored)
    cursors = {event["cursor"] for event in (first[-1], late[-1], rest[-1], final, late_final)}
    assert cursors == {f"1.{len(stored.encode())}"}
