"""What a client may say on the websocket, and what it hears."""

import orjson
import pytest

from chats.database import in_database
from chats.models import Chat, Message, State
from chats.repository import work
from chats.repository.ending import cancel, delete_chat
from tests.chats.broker import tickets
from tests.chats.played_worker import Attempt, claim, result
from tests.chats.shapes import MessageRead

TEXT = "Ein Llama 🦙 ist ein Kamel."


def read(event):
    """The message in an event, held against its shape."""
    return MessageRead.model_validate_json(orjson.dumps(event["message"]))


@pytest.fixture
def prompt_fields(model):
    """A prompt command but for its ref."""
    return {"type": "prompt", "parent_id": None, "content": "Was ist ein Llama?", "model_config_name": model.name}


async def test_a_prompt_makes_both_messages_and_its_reply_streams(socket, model, prompt_fields, chat):
    await socket.says(ref="1", **prompt_fields)
    asked, answering = await socket.answer("message_created"), await socket.answer("message_created")
    prompt, reply = read(asked), read(answering)
    assert (asked["ref"], answering["ref"]) == ("1", "1")
    assert (prompt.role, prompt.content, prompt.parent_id) == ("prompter", "Was ist ein Llama?", None)
    assert (reply.role, reply.state, reply.parent_id) == ("assistant", "pending", prompt.id)
    assert await in_database(tickets, model) == [str(reply.id)]
    attempt = await Attempt.begins(model)
    await attempt.says("Ein Llama ", "🦙 ist ", "ein Kamel.")
    await socket.shows(TEXT)
    await attempt.completes()
    final = await socket.answer("message")
    assert final["message_id"] == str(reply.id)
    assert (read(final).state, read(final).content) == ("complete", TEXT)


async def test_a_conversation_goes_on_under_the_reply(socket, model, prompt_fields, chat):
    parent_id = None
    for turn in range(3):
        await socket.says(ref=f"turn {turn}", **(prompt_fields | {"parent_id": parent_id}))
        await socket.answer("message_created")
        await socket.answer("message_created")
        attempt = await Attempt.begins(model)
        assert len(attempt.work.thread) == 2 * turn + 1
        await attempt.says(f"Antwort {turn}.")
        await attempt.completes()
        parent_id = (await socket.answer("message"))["message_id"]
    assert await in_database(chat.messages.count) == 6


async def test_regenerate_makes_a_sibling_that_streams(socket, reply, model, prompt):
    await in_database(cancel, reply.pk)
    await socket.says(type="regenerate", ref="r", parent_id=str(prompt.pk), model_config_name=model.name)
    created = await socket.answer("message_created")
    sibling = read(created)
    assert (created["ref"], sibling.parent_id) == ("r", prompt.pk)
    assert sibling.id != reply.pk
    attempt = await Attempt.begins(model)
    await attempt.says(TEXT)
    await attempt.completes()
    assert (await socket.answer("message"))["message_id"] == str(sibling.id)


async def test_an_edit_is_a_second_first_prompt_beside_the_old_one(socket, prompt, prompt_fields):
    await socket.says(ref="edit", **(prompt_fields | {"content": "Was ist ein Alpaka?"}))
    edited = read(await socket.answer("message_created"))
    assert (edited.parent_id, edited.content) == (None, "Was ist ein Alpaka?")
    assert edited.id != prompt.pk


async def test_stop_ends_the_reply_with_what_was_shown(socket, reply, model):
    await socket.says(type="resume", message_id=str(reply.pk))
    attempt = await Attempt.begins(model)
    await attempt.says("Ein Llama ")
    await socket.shows("Ein Llama ")
    await socket.says(type="stop", message_id=str(reply.pk))
    final = await socket.answer("message")
    assert (read(final).state, read(final).content) == ("cancelled", "Ein Llama ")
    assert not await in_database(work.still_mine, reply.pk, attempt.work.attempt)


async def test_stopping_what_waits_ends_it_before_anybody_takes_it(socket, reply, model):
    await socket.says(type="resume", message_id=str(reply.pk))
    await socket.says(type="stop", message_id=str(reply.pk))
    assert read(await socket.answer("message")).state == "cancelled"
    assert await in_database(claim, model) is None


async def test_stopping_what_has_ended_changes_nothing_and_is_no_error(socket, reply, model):
    claimed = await in_database(claim, model)
    await in_database(work.complete, reply.pk, claimed.attempt, result("Fertig."))
    await socket.says(type="stop", message_id=str(reply.pk))
    await socket.says(type="resume", message_id=str(reply.pk), ref="after")
    final = await socket.answer("message", "error")
    assert read(final).state == "complete"


async def test_resume_streams_from_the_cursor_on(socket, reply, model):
    attempt = await Attempt.begins(model)
    await attempt.says(TEXT)
    await socket.says(type="resume", message_id=str(reply.pk), cursor=None)
    cursor = (await socket.answer("token"))["cursor"]
    await socket.says(type="resume", message_id=str(reply.pk), cursor=cursor)
    await attempt.says(" Weiter.")
    rest = await socket.answer("token")
    assert (rest["offset"], rest["text"]) == (len(TEXT.encode()), " Weiter.")
    await attempt.completes()
    await socket.answer("message")


async def test_resuming_a_finished_reply_gives_the_rest_and_its_end(socket, reply, model):
    attempt = await Attempt.begins(model)
    await attempt.says(TEXT)
    await attempt.completes()
    await socket.says(type="resume", message_id=str(reply.pk), cursor="1.4")
    assert (await socket.answer("token"))["text"] == TEXT[4:]
    final = await socket.answer("message")
    await socket.says(type="resume", message_id=str(reply.pk), cursor=final["cursor"])
    assert (await socket.hears())["event_type"] == "message"


async def test_resuming_a_reply_that_streams_already_goes_on_from_the_cursor(socket, reply, model):
    """What was on its way when the client asked comes a second time; its offset says so, and there is no hole."""
    attempt = await Attempt.begins(model)
    for number in range(12):
        await socket.says(type="resume", message_id=str(reply.pk), cursor=_cursor(socket))
        await attempt.says(f"{number} ")
        await socket.answer("token")
    await attempt.completes()
    final = await socket.answer("message")
    text = b""
    for event in socket.received:
        if event["event_type"] == "token":
            data = event["text"].encode()
            assert event["offset"] <= len(text)
            assert data.startswith(text[event["offset"] : event["end"]])
            text = text[: event["offset"]] + data
    assert text.decode() == final["message"]["content"] == "".join(f"{number} " for number in range(12))


def _cursor(socket):
    return next((event["cursor"] for event in reversed(socket.received) if event["event_type"] == "token"), None)


async def test_a_reply_that_failed_ends_in_an_error_with_its_message(socket, reply, model):
    await socket.says(type="resume", message_id=str(reply.pk))
    attempt = await Attempt.begins(model)
    await attempt.says("Halb")
    await attempt.aborts("The engine failed.")
    final = await socket.answer("error")
    assert (final["error"], read(final).state, read(final).content) == (
        "The engine failed.",
        "aborted_by_worker",
        "Halb",
    )


async def test_a_restart_is_told_as_one(socket, reply, model):
    await socket.says(type="resume", message_id=str(reply.pk))
    first = await Attempt.begins(model)
    await first.says("Ein Llama ")
    await socket.shows("Ein Llama ")
    await first.releases(failed=True)
    second = await Attempt.begins(model, goes_on=False)
    await second.says("Kamele: ")
    await second.completes()
    final = await socket.answer("message")
    assert "restart" in [event["event_type"] for event in socket.received]
    assert socket.shown() == final["message"]["content"] == "Kamele: "


async def test_a_command_repeated_with_its_ref_makes_nothing_twice(socket, connect, model, prompt_fields, chat):
    await socket.says(ref="once", **prompt_fields)
    first = [await socket.answer("message_created") for _ in range(2)]
    await socket.says(ref="once", **prompt_fields)
    again = [await socket.answer("message_created") for _ in range(2)]
    after_a_reconnect = await connect()
    await after_a_reconnect.says(ref="once", **prompt_fields)
    once_more = [await after_a_reconnect.answer("message_created") for _ in range(2)]
    ids = [event["message_id"] for event in first]
    assert ids == [event["message_id"] for event in again] == [event["message_id"] for event in once_more]
    assert await in_database(chat.messages.count) == 2
    assert await in_database(tickets, model) == [ids[1]]


async def test_a_repeated_regenerate_with_its_ref_is_one_reply(socket, prompt, model):
    command = {"type": "regenerate", "ref": "r", "parent_id": str(prompt.pk), "model_config_name": model.name}
    await socket.says(**command)
    await socket.says(**command)
    made = {(await socket.answer("message_created"))["message_id"] for _ in range(2)}
    assert len(made) == 1


async def test_without_a_ref_each_command_counts(socket, prompt, model):
    command = {"type": "regenerate", "parent_id": str(prompt.pk), "model_config_name": model.name}
    await socket.says(**command)
    await socket.says(**command)
    made = [await socket.answer("message_created") for _ in range(2)]
    assert made[0]["message_id"] != made[1]["message_id"]
    assert {event["ref"] for event in made} == {None}


async def test_several_replies_stream_on_one_socket_each_by_its_id(socket, prompt, model):
    replies = []
    for _ in range(3):
        await socket.says(type="regenerate", parent_id=str(prompt.pk), model_config_name=model.name)
        replies.append((await socket.answer("message_created"))["message_id"])
    attempts = [await Attempt.begins(model) for _ in replies]
    for number in range(5):
        for attempt in attempts:
            await attempt.says(f"{attempt.message_id} {number}. ")
    for attempt in attempts:
        await attempt.completes()
    ended = {(await socket.answer("message"))["message_id"] for _ in replies}
    assert ended == set(replies)
    for attempt in attempts:
        assert socket.shown(attempt.message_id) == attempt.text


async def test_a_waiting_reply_tells_its_place_once_a_second(socket, prompt, reply, ask, model):
    last = await in_database(ask, prompt)
    await socket.says(type="resume", message_id=str(last.pk))
    first = await socket.answer("pending")
    assert (first["message_id"], first["queue_position"], first["queue_size"]) == (str(last.pk), 1, 2)
    assert (first["workers"], first["estimate_s"]) == (0, None)
    await in_database(cancel, reply.pk)
    moved = await socket.until(lambda event: event["event_type"] == "pending" and event["queue_position"] == 0)
    assert moved["queue_size"] == 1


async def test_deleting_the_chat_closes_its_sockets(socket, connect, chat, reply, model):
    other = await connect()
    await socket.says(type="resume", message_id=str(reply.pk))
    await socket.answer("pending")
    await in_database(delete_chat, await in_database(Chat.objects.get, pk=chat.pk))
    assert await socket.closed() == 4404
    assert await other.closed() == 4404


async def test_leaving_a_socket_leaves_the_reply_running(connect, reply, model):
    socket = await connect()
    await socket.says(type="resume", message_id=str(reply.pk))
    attempt = await Attempt.begins(model)
    await attempt.says("Ein ")
    await socket.shows("Ein ")
    await socket.leaves()
    await attempt.says("Llama.")
    assert await attempt.completes()
    assert (await in_database(Message.objects.get, pk=reply.pk)).state == State.COMPLETE
