"""A reasoning model's reply: its thoughts are told and stored apart, on every way out, and never sent back."""

import asyncio
import os
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
from channels.testing import WebsocketCommunicator

from chats.database import in_database
from chats.models import Message
from chats.openai_api import completions
from chats.repository.asking import add_prompt
from chats.repository.ending import cancel
from chats.threads import read_thread
from inference import catalogue
from inference.prompts import ThreadMessage
from oasst_site.asgi import application
from tests.chats.event_source import EventSource
from tests.chats.people import path_of
from tests.chats.played_worker import Attempt
from tests.chats.shapes import MessageRead

pytestmark = pytest.mark.usefixtures("live")

PIECES = ["<thi", "nk>\n", "A llama", " is a", " camelid.\n", "</th", "ink>\n\n", "A llama ", "is an ", "animal."]
THOUGHTS, REPLY = "A llama is a camelid.", "A llama is an animal."
TEXT = "".join(PIECES)


@pytest.fixture
def model(make_model, tmp_path: Path):
    """A model that thinks first."""
    name = make_model().name
    with Path(os.environ[catalogue.FILE_VARIABLE]).open("a", encoding="utf-8") as file:
        file.write("reasoning = true\n")
    return catalogue.current().get(name)


@pytest.fixture
def listen(person, reply):
    """Opens the reply's events as its owner."""

    def listen(last_event_id: str | None = None):
        return EventSource.opened(path_of(reply, "/events"), bearer=person.bearer, last_event_id=last_event_id)

    return listen


def said(received: list[Any]) -> tuple[str, str]:
    """Thoughts and reply as a client has them; each token follows the one before."""
    thoughts = reply = ""
    for event in received:
        if event["event_type"] == "token":
            thoughts, reply = thoughts + event["thoughts"], reply + event["text"]
    return thoughts, reply


async def until_said(source: EventSource, thoughts: str, reply: str) -> None:
    async with asyncio.timeout(60):
        while said([frame.event for frame in source.frames if frame.event is not None]) != (thoughts, reply):
            await source.next()


async def test_thoughts_stream_as_tokens_of_their_own_kind(listen, reply, model):
    source = await listen()
    attempt = await Attempt.begins(model)
    await attempt.says(*PIECES[:4])
    await until_said(source, "A llama is a", "")
    await attempt.says(*PIECES[4:])
    await until_said(source, THOUGHTS, REPLY)
    assert await attempt.completes()
    [final] = [event for event in await source.rest() if event["event_type"] == "message"]
    read = MessageRead.model_validate_json(orjson.dumps(final["message"]))
    assert (read.content, read.thoughts) == (REPLY, THOUGHTS)
    stored = await in_database(Message.objects.get, pk=reply.pk)
    assert (stored.content, stored.text) == (REPLY, TEXT)


@pytest.mark.parametrize("told", [2, 4, 7, 8])
async def test_a_client_that_comes_back_gets_the_rest_of_either(listen, model, told):
    attempt = await Attempt.begins(model)
    for piece in PIECES[: told + 1]:
        await attempt.says(piece)
    source = await listen()
    before = [await source.next()]
    await source.vanish()
    await attempt.says(*PIECES[told + 1 :])
    again = await listen(before[-1].cursor)
    await attempt.completes()
    received = await again.rest()
    assert said([*(frame.event for frame in before), *received]) == (THOUGHTS, REPLY)
    assert received[-1]["message"]["content"] == REPLY


async def test_a_client_that_comes_back_after_the_end_gets_the_rest(listen, model):
    attempt = await Attempt.begins(model)
    await attempt.says(*PIECES[:4])
    source = await listen()
    first = await source.next()
    await source.vanish()
    await attempt.says(*PIECES[4:])
    await attempt.completes()
    received = await (await listen(first.cursor)).rest()
    assert said([first.event, *received]) == (THOUGHTS, REPLY)


async def test_a_reply_stopped_while_it_thinks_has_thoughts_and_no_content(listen, reply, model):
    source = await listen()
    attempt = await Attempt.begins(model)
    await attempt.says(*PIECES[:4])
    await until_said(source, "A llama is a", "")
    assert await in_database(cancel, reply.pk)
    final = (await source.rest())[-1]
    assert final["event_type"] == "message"
    assert (final["message"]["content"], final["message"]["thoughts"]) == ("", "A llama is a")
    assert (final["message"]["state"], final["cursor"]) == ("cancelled", f"1.{len(''.join(PIECES[:4]))}")


async def test_a_restart_takes_thoughts_back_too(listen, model):
    source = await listen("1.0")
    first = await Attempt.begins(model)
    await first.says("<think>\n", "A camel is")  # another beginning: one that stays is not taken back
    await until_said(source, "A camel is", "")
    await first.releases()
    second = await Attempt.begins(model, goes_on=False)
    await second.says(*PIECES)
    await second.completes()
    received = await source.rest()
    assert next(event["event_type"] for event in received if event["event_type"] != "pending") == "restart"
    assert said(received) == (THOUGHTS, REPLY)


async def test_thoughts_are_not_sent_back_in_the_next_turn(reply, chat, model):
    attempt = await Attempt.begins(model)
    await attempt.says(*PIECES)
    await attempt.completes()

    def next_thread() -> list[ThreadMessage]:
        prompt = add_prompt(chat=chat, parent_id=reply.pk, content="And a camel?")
        return read_thread(prompt.pk)

    assert [message.content for message in (await in_database(next_thread))[1:]] == [REPLY, "And a camel?"]


async def test_the_websocket_tells_them_apart(person, reply, chat, model):
    attempt = await Attempt.begins(model)
    headers = [(b"authorization", person.bearer.encode()), (b"host", b"testserver")]
    socket = WebsocketCommunicator(application, f"/ws/chats/{chat.pk}", headers=headers)
    assert (await socket.connect(timeout=60))[0]
    await socket.send_json_to({"type": "resume", "message_id": str(reply.pk), "cursor": None})
    await attempt.says(*PIECES)
    await attempt.completes()
    received: list[Any] = []
    while not received or received[-1]["event_type"] != "message":
        received.append(await socket.receive_json_from(timeout=60))
    assert said(received) == (THOUGHTS, REPLY)
    await socket.disconnect(timeout=60)


@pytest.mark.parametrize("stream", [False, True])
async def test_openais_clients_get_them_as_reasoning_content(person, model, stream: bool):
    transport = httpx.ASGITransport(app=application)
    headers = {"Authorization": person.bearer}
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver/v1", headers=headers) as client:
        body = {
            "model": model.name,
            "messages": [{"role": "user", "content": "What is a llama?"}],
            "stream": stream,
            "store": True,
        }
        asking = asyncio.create_task(client.post("/chat/completions", json=body, timeout=60))
        attempt = await begun(model)
        await attempt.says(*PIECES)
        await attempt.completes()
        answer = await asking
    await asyncio.gather(*completions._cleanups)
    if stream:
        frames = [line.removeprefix("data: ") for line in answer.text.splitlines() if line.startswith("data: {")]
        deltas = [orjson.loads(frame)["choices"][0]["delta"] for frame in frames]
    else:
        deltas = [answer.json()["choices"][0]["message"]]
    assert "".join(delta.get("reasoning_content") or "" for delta in deltas) == THOUGHTS
    assert "".join(delta.get("content") or "" for delta in deltas) == REPLY


async def begun(model) -> Attempt:
    """An attempt at the reply, once it was asked for."""
    async with asyncio.timeout(60):
        while True:
            try:
                return await Attempt.begins(model)
            except AssertionError:  # nothing waits yet
                await asyncio.sleep(0.02)


async def test_without_reasoning_in_the_catalogue_the_tags_are_text(make_model, person, chat, prompt):
    from chats.repository.asking import ask_reply
    from chats.repository.work_request import WorkRequest
    from inference.parameters import SamplingParameters

    model = make_model()

    def ask() -> Message:
        request = WorkRequest(model_config_name=model.name, sampling_parameters=SamplingParameters())
        return ask_reply(chat=chat, parent_id=prompt.pk, request=request)

    reply = await in_database(ask)
    attempt = await Attempt.begins(model)
    await attempt.says(*PIECES)
    await attempt.completes()
    stored = await in_database(Message.objects.get, pk=reply.pk)
    assert (stored.content, stored.thoughts) == (TEXT, "")
