"""RATE_LIMIT_MESSAGES_USER_TIMES prompts and replies in _SECONDS: 429 with Retry-After on each way in."""

import json

import pytest
from channels.testing import WebsocketCommunicator
from django.test import Client

from chats import rate
from chats.models import Message
from chats.websocket.pace import BURST
from oasst_site.asgi import application
from tests.chats.people import path_of


@pytest.fixture(autouse=True)
def two_a_minute(settings):
    rate._redis.succeeded()  # whatever an earlier test has done to Redis
    settings.RATE_LIMIT = True
    settings.RATE_LIMIT_MESSAGES_USER_TIMES = 2
    settings.RATE_LIMIT_MESSAGES_USER_SECONDS = 60


def refused(answer):
    """Asserts a 429 that tells when to come back."""
    body = answer.refused(429)
    seconds = int(answer.headers["Retry-After"])
    assert 58 <= seconds <= 60
    assert body.detail == f"That is too often: try again in {seconds} seconds."


def test_prompts_beyond_the_limit_are_refused(person, model):
    for _ in range(2):
        person.api.post(f"chats/{person.chat().pk}/prompter_message", {"content": "Hello"})
    refused(person.api.post(f"chats/{person.chat().pk}/prompter_message", {"content": "Hello"}))
    assert Message.objects.count() == 2


def test_replies_beyond_the_limit_are_refused(person, prompt, model):
    body = {"parent_id": str(prompt.pk), "model_config_name": model.name}
    for _ in range(2):
        assert person.api.post(f"chats/{prompt.chat_id}/assistant_message", body).status == 200
    refused(person.api.post(f"chats/{prompt.chat_id}/assistant_message", body))
    assert Message.objects.filter(parent=prompt).count() == 2


def test_another_person_is_not_held_up(person, stranger):
    for _ in range(3):
        person.api.post(f"chats/{person.chat().pk}/prompter_message", {"content": "Hello"})
    assert stranger.api.post(f"chats/{stranger.chat().pk}/prompter_message", {"content": "Hello"}).status == 200


def test_reading_and_stopping_is_never_limited(person, reply):
    for _ in range(5):
        assert person.api.get("chats").status == 200
        assert person.api.post(path_of(reply, "/cancel")).status == 200


def test_the_limits_can_be_turned_off(person, settings):
    settings.RATE_LIMIT = False
    for _ in range(5):
        assert person.api.post(f"chats/{person.chat().pk}/prompter_message", {"content": "Hello"}).status == 200


def test_openais_clients_are_limited_in_openais_words(person, model):
    client = Client(headers={"Authorization": person.bearer})
    body = json.dumps({"model": model.name, "messages": [{"role": "user", "content": "Hello"}]})
    answers = [client.post("/v1/chat/completions", body, content_type="application/json") for _ in range(3)]
    assert [answer.status_code for answer in answers[:2]] == [200, 200]
    assert answers[2].status_code == 429
    assert answers[2].headers["Retry-After"] == "60"
    assert json.loads(answers[2].content)["error"]["type"] == "rate_limit_error"


@pytest.fixture
async def socket(live, person, chat):
    """A websocket of the person in the chat."""
    socket = WebsocketCommunicator(
        application, f"/ws/chats/{chat.pk}", headers=[(b"authorization", person.bearer.encode())]
    )
    connected, _ = await socket.connect(timeout=60)
    assert connected
    yield socket
    await socket.disconnect(timeout=60)


async def answer(socket, **command):
    """The server's next event about this command."""
    await socket.send_json_to(command)
    while True:
        event = await socket.receive_json_from(timeout=60)
        if event.get("ref") == command["ref"]:
            return event


async def test_the_websockets_commands_are_limited_with_code_429(socket, model):
    for ref in ("1", "2"):
        event = await answer(
            socket, type="prompt", ref=ref, parent_id=None, content="Hello", model_config_name=model.name
        )
        assert event["event_type"] == "message_created"
    event = await answer(socket, type="prompt", ref="3", content="Hello", model_config_name=model.name)
    while event["event_type"] != "error":
        event = await socket.receive_json_from(timeout=60)
    assert (event["code"], event["ref"]) == (429, "3")
    assert "try again in" in event["error"]


async def test_a_socket_that_sends_commands_without_pause_is_told_to_slow_down(socket):
    for number in range(BURST):
        assert (await answer(socket, type="nonsense", ref=str(number)))["code"] == 400
    assert (await answer(socket, type="nonsense", ref="too much"))["code"] == 429
