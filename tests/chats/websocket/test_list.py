"""The websocket of the list: whatever is done to one's chats, wherever, is told; nothing is told of anybody else's."""

import pytest

from chats.database import in_database
from chats.models import Chat
from chats.repository.transient import ask_thread
from chats.repository.work_request import WorkRequest
from chats.websocket.codes import NOT_LOGGED_IN
from inference.parameters import SamplingParameters
from inference.prompts import ThreadMessage
from tests.chats.chat_socket import ChatSocket

PATH = "/ws/chats"


@pytest.fixture
async def watch(live):
    """Opens lists' sockets, closed at the end of the test."""
    opened = []

    async def watch(person):
        socket = await ChatSocket.opened(path=PATH, bearer=person.bearer)
        opened.append(socket)
        await socket.says(type="hello")
        await socket.refusal()  # it listens by now
        return socket

    yield watch
    for socket in opened:
        await socket.leaves()


async def test_a_chat_that_is_made_renamed_hidden_and_deleted_is_told(watch, person):
    socket = await watch(person)
    made = (await in_database(person.api.post, "chats")).json
    heard = await socket.answer("chat")
    assert heard["chat"] == made
    await in_database(person.api.put, f"chats/{made['id']}", {"title": "Kamele"})
    assert (await socket.answer("chat"))["chat"]["title"] == "Kamele"
    await in_database(person.api.put, f"chats/{made['id']}", {"hidden": True})
    assert (await socket.answer("chat"))["chat"]["hidden"] is True
    await in_database(person.api.delete, f"chats/{made['id']}")
    assert await socket.answer("chat_deleted") == {"event_type": "chat_deleted", "chat_id": made["id"]}


async def test_a_chats_title_is_told_when_its_first_prompt_is_stored(watch, person, chat):
    socket = await watch(person)
    await in_database(person.api.post, f"chats/{chat.pk}/prompter_message", {"content": "What is a llama?"})
    assert (await socket.answer("chat"))["chat"]["title"] == "What is a llama?"


async def test_an_imported_chat_is_told(watch, person, chat):
    await in_database(person.api.post, f"chats/{chat.pk}/prompter_message", {"content": "What is a llama?"})
    file = (await in_database(person.api.get, f"chats/{chat.pk}/export")).json
    socket = await watch(person)
    made = (await in_database(person.api.post, "chats/import", file)).json
    assert (await socket.answer("chat"))["chat"]["id"] == made["id"]


async def test_hiding_all_is_told_once_however_many_there_are(watch, person, chat):
    socket = await watch(person)
    await in_database(person.chat)
    await in_database(person.api.put, "chats/hide_all")
    assert await socket.answer("chats_changed", "chat") == {"event_type": "chats_changed"}
    assert await socket.is_silent()


async def test_a_chat_that_nobody_shall_see_is_told_to_nobody(watch, person, model):
    socket = await watch(person)
    request = WorkRequest(model_config_name=model.name, sampling_parameters=SamplingParameters())
    thread = [ThreadMessage(role="prompter", content="What is a llama?")]
    for keep in (False, True):
        await in_database(ask_thread, user=person.user, thread=thread, keep=keep, request=request)
    told = (await socket.answer("chat"))["chat"]["id"]
    assert not (await in_database(Chat.objects.get, pk=told)).is_transient
    assert await socket.is_silent()


async def test_a_retry_with_the_same_key_is_told_once(watch, person):
    socket = await watch(person)
    for _ in range(2):
        await in_database(lambda: person.api.post("chats", Idempotency_Key="k"))
    await socket.answer("chat")
    assert await socket.is_silent()


async def test_a_stranger_hears_nothing(watch, person, stranger, chat):
    socket, theirs = await watch(person), await watch(stranger)
    await in_database(person.api.put, f"chats/{chat.pk}", {"title": "Between us"})
    await in_database(person.api.delete, f"chats/{chat.pk}")
    await socket.answer("chat_deleted")
    assert await theirs.is_silent()


async def test_nobody_is_turned_away(live):
    for login in ({}, {"bearer": "Bearer x"}, {"cookie": "sessionid=x", "origin": "http://testserver"}):
        assert await (await ChatSocket.opened(path=PATH, **login)).closed() == NOT_LOGGED_IN


async def test_it_takes_no_commands_and_stays_open(watch, person):
    socket = await watch(person)
    for send in (socket.says_text("{"), socket.says_bytes(b"x"), socket.says(type="stop", message_id="x")):
        await send
        assert "takes no commands" in (await socket.refusal())["error"]
    await in_database(person.api.post, "chats")
    await socket.answer("chat")
