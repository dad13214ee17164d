"""Commands that cannot be done: an `error` event with a code and the ref, nothing stored, and the socket stays open."""

from uuid import uuid4

import pytest

from chats.database import in_database
from chats.models import Message, State
from chats.repository.asking import add_prompt
from chats.websocket import consumer
from tests.chats.played_worker import claim


async def still_open(socket, reply):
    """The socket does what it is told."""
    await socket.says(type="resume", message_id=str(reply.pk))
    await socket.answer("pending", "message")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "JSON"),
        (" ", "JSON"),
        ("nonsense", "JSON"),
        ('{"type": NaN}', "JSON"),
        ('{"type": "stop", "message_id": "\\ud83d"}', "JSON"),
        ("[]", "object"),
        ("null", "object"),
        ('"stop"', "object"),
        ("7", "object"),
    ],
)
async def test_what_is_no_json_object_is_refused(socket, reply, text, words):
    await socket.says_text(text)
    error = await socket.refusal()
    assert (error["code"], error["ref"]) == (400, None)
    assert words in error["error"]
    await still_open(socket, reply)


async def test_a_binary_frame_is_refused(socket, reply):
    await socket.says_bytes(b'{"type": "stop"}')
    error = await socket.refusal()
    assert error["code"] == 400
    assert "text frames" in error["error"]
    await still_open(socket, reply)


async def test_an_unknown_type_is_refused_and_the_known_ones_are_named(socket, reply):
    for kind in ("promt", "", None, 7, ["prompt"], {"prompt": 1}):
        await socket.says(type=kind, ref="r")
        error = await socket.refusal()
        assert (error["code"], error["ref"]) == (400, "r")
        for known in ("prompt", "regenerate", "stop", "resume"):
            assert known in error["error"]
    await still_open(socket, reply)


@pytest.mark.parametrize("ref", ["", 7, ["r"], {"r": 1}, True, "x" * 256, "a\nb"])
async def test_a_senseless_ref_is_refused(socket, reply, ref):
    await socket.says(type="stop", message_id=str(reply.pk), ref=ref)
    error = await socket.refusal()
    assert (error["code"], error["ref"]) == (400, None)
    assert "ref" in error["error"]
    await still_open(socket, reply)


def commands(model, prompt, reply):
    """Commands, the code of their refusal, and a word that it must say."""
    asks = {"type": "prompt", "content": "Hello", "model_config_name": model.name}
    again = {"type": "regenerate", "parent_id": str(prompt.pk), "model_config_name": model.name}
    unknown = str(uuid4())
    return [
        (asks | {"content": ""}, 400, "content"),
        (asks | {"content": "a\x00b"}, 400, "NUL"),
        (asks | {"content": "x" * 41}, 413, "41"),
        (asks | {"content": 7}, 422, "content"),
        (asks | {"content": None}, 422, "content"),
        ({"type": "prompt", "model_config_name": model.name}, 422, "content"),
        ({"type": "prompt", "content": "Hello"}, 422, "model_config_name"),
        (asks | {"model_config_name": "gpt-9"}, 422, "gpt-9"),
        (asks | {"parent_id": unknown}, 400, unknown),
        (asks | {"parent_id": str(prompt.pk)}, 400, "is a prompt"),
        (asks | {"parent_id": ["x"]}, 422, "parent_id"),
        (asks | {"sampling_parameters": {"top_p": 2}}, 422, "top_p"),
        (asks | {"sampling_parameters": []}, 422, "sampling_parameters"),
        (asks | {"plugins": [{"url": "https://example.org"}]}, 422, "plugin"),
        (again | {"parent_id": str(reply.pk)}, 400, "is a reply"),
        (again | {"parent_id": None}, 422, "parent_id"),
        (again | {"parent_id": unknown}, 400, unknown),
        (again | {"sampling_parameters": {"max_new_tokens": 0}}, 422, "max_new_tokens"),
        ({"type": "stop"}, 422, "message_id"),
        ({"type": "stop", "message_id": unknown}, 404, unknown),
        ({"type": "stop", "message_id": "nowhere"}, 404, "nowhere"),
        ({"type": "resume", "message_id": unknown}, 404, unknown),
        ({"type": "resume", "message_id": str(prompt.pk)}, 400, "prompt"),
        ({"type": "resume", "message_id": str(reply.pk), "cursor": "x"}, 400, "cursor"),
        ({"type": "resume", "message_id": str(reply.pk), "cursor": 7}, 400, "cursor"),
        ({"type": "resume", "message_id": str(reply.pk), "cursor": []}, 422, "cursor"),
    ]


async def test_senseless_commands_are_refused_by_code_and_word_and_store_nothing(
    socket, settings, chat, model, prompt, reply
):
    settings.MESSAGE_MAX_LENGTH = 40

    def stored():
        return list(Message.objects.filter(chat=chat).order_by("id").values())

    before = await in_database(stored)
    for number, (command, code, word) in enumerate(commands(model, prompt, reply)):
        await socket.says(ref=f"r{number}", **command)
        error = await socket.refusal()
        assert (error["code"], error["ref"]) == (code, f"r{number}"), (command, error)
        assert word in error["error"], (command, error)
    assert await in_database(stored) == before
    await still_open(socket, reply)


async def test_a_prompt_whose_reply_is_refused_is_not_stored_either(socket, chat, model):
    await socket.says(type="prompt", ref="r", content="Hello", model_config_name="gpt-9")
    assert (await socket.refusal())["code"] == 422
    chat = await in_database(type(chat).objects.get, pk=chat.pk)
    assert (chat.title, chat.message_count) == (None, 0)
    assert await in_database(chat.messages.count) == 0


async def test_a_refused_commands_ref_may_be_used_again(socket, model):
    command = {"type": "prompt", "ref": "r", "model_config_name": model.name}
    await socket.says(content="", **command)
    assert (await socket.refusal())["code"] == 400
    await socket.says(content="Hello", **command)
    assert (await socket.answer("message_created"))["ref"] == "r"


async def test_a_prompt_under_an_unfinished_reply_is_409(socket, reply, model):
    command = {"type": "prompt", "parent_id": str(reply.pk), "content": "Go on", "model_config_name": model.name}
    await socket.says(ref="waiting", **command)
    error = await socket.refusal()
    assert (error["code"], error["ref"]) == (409, "waiting")
    await in_database(claim, model)
    await socket.says(ref="running", **command)
    error = await socket.refusal()
    assert (error["code"], error["ref"]) == (409, "running")
    assert str(reply.pk) in error["error"]


async def test_messages_of_another_chat_do_not_exist_here(socket, person, reply):
    def elsewhere():
        return add_prompt(chat=person.chat(), parent_id=None, content="Elsewhere")

    other = await in_database(elsewhere)
    for command in ({"type": "stop"}, {"type": "resume"}):
        await socket.says(**command, message_id=str(other.pk))
        assert (await socket.refusal())["code"] == 404
    assert (await in_database(Message.objects.get, pk=reply.pk)).state == State.PENDING


async def test_a_socket_that_streams_as_much_as_it_may_refuses_before_it_stores(
    socket, prompt, chat, model, monkeypatch
):
    monkeypatch.setattr(consumer, "MAX_STREAMS", 2)
    command = {"type": "regenerate", "parent_id": str(prompt.pk), "model_config_name": model.name}
    for _ in range(2):
        await socket.says(**command)
        await socket.answer("message_created")
    before = await in_database(chat.messages.count)
    await socket.says(**command, ref="one too many")
    error = await socket.refusal()
    assert error["ref"] == "one too many"
    assert await in_database(chat.messages.count) == before


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        ({"language": "de-AT,de;q=0.8"}, "content ist leer: bitte etwas schreiben."),
        ({"language": "en", "cookie": "django_language=de"}, "content ist leer: bitte etwas schreiben."),
        ({"language": "fr"}, "content is empty: write something."),
        ({}, "content is empty: write something."),
    ],
)
async def test_a_refusal_is_in_the_language_that_was_chosen_or_else_asked_for(connect, person, model, told, sentence):
    socket = await connect(bearer=person.bearer, **told)
    await socket.says(type="prompt", parent_id=None, content=" ", model_config_name=model.name)
    assert (await socket.refusal())["error"] == sentence
