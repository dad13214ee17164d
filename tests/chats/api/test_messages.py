"""Messages over REST: ask, read, cancel, each held against its shape; and every refusal with its status and field."""

from uuid import uuid4

import pytest

from chats.models import Chat, Message, State
from chats.repository import work
from tests.chats.people import path_of
from tests.chats.played_worker import claim, result
from tests.chats.shapes import MessageRead, SamplingRead

NUMBERS = {
    "top_k": 20,
    "top_p": 0.5,
    "typical_p": 0.3,
    "temperature": 0.7,
    "repetition_penalty": 1.1,
    "max_new_tokens": 7,
}


def say(person, chat, content="Hello", parent_id=None, **headers):
    body = {"content": content} | ({} if parent_id is None else {"parent_id": str(parent_id)})
    return person.api.post(f"chats/{chat.pk}/prompter_message", body, **headers)


def ask_for(person, prompt, model, headers=None, **body):
    body = {"parent_id": str(prompt.pk), "model_config_name": model.name} | body
    return person.api.post(f"chats/{prompt.chat_id}/assistant_message", body, **(headers or {}))


def as_stored(chat):
    """Everything of the chat that a refused request must leave as it is."""
    return list(Chat.objects.filter(pk=chat.pk).values()), list(Message.objects.filter(chat=chat).values())


# --- what is answered with success ---


def test_a_prompt_is_stored_and_read_back(person, chat):
    made = say(person, chat, "  Hello\n🙂 ").read(MessageRead)
    assert (made.content, made.role, made.state, made.parent_id) == ("  Hello\n🙂 ", "prompter", "manual", None)
    assert (made.chat_id, made.work_parameters, made.model_config_name) == (chat.pk, None, None)
    again = person.api.get(f"chats/{chat.pk}/messages/{made.id}").read(MessageRead)
    assert again == made


def test_a_reply_is_asked_for_with_the_default_parameters(person, prompt, model):
    made = ask_for(person, prompt, model).read(MessageRead)
    assert (made.role, made.state, made.content, made.parent_id) == ("assistant", "pending", None, prompt.pk)
    assert made.work_parameters.sampling_parameters == SamplingRead(
        top_k=50, top_p=0.9, typical_p=None, temperature=1.0, repetition_penalty=None, max_new_tokens=100
    )
    assert made.work_parameters.do_sample is True
    assert made.work_parameters.system_prompt is None


def test_a_reply_is_asked_for_with_parameters_and_instructions(person, prompt, model):
    texts = {"system_prompt": "Be brief.", "user_profile": "A child.", "user_response_instructions": "Rhyme."}
    made = ask_for(person, prompt, model, sampling_parameters=NUMBERS, **texts).read(MessageRead)
    assert made.work_parameters.sampling_parameters == SamplingRead(**NUMBERS)
    assert {name: getattr(made.work_parameters, name) for name in texts} == texts


def test_what_open_assistants_clients_send_as_null_is_as_if_not_sent(person, prompt, model):
    names = ("sampling_parameters", "system_prompt", "user_profile", "user_response_instructions", "plugins")
    made = ask_for(person, prompt, model, used_plugin=None, **dict.fromkeys(names)).read(MessageRead)
    assert made.work_parameters.sampling_parameters.top_k == 50
    parameters = dict.fromkeys(NUMBERS)
    off = ask_for(person, prompt, model, sampling_parameters=parameters).read(MessageRead)
    assert off.work_parameters.sampling_parameters == SamplingRead(**(parameters | {"max_new_tokens": 100}))


def test_a_plugin_that_is_not_enabled_is_no_matter(person, prompt, model):
    entry = {"url": "https://example.org/plugin.json", "enabled": False}
    assert ask_for(person, prompt, model, plugins=[entry]).status == 200


def test_a_retried_prompt_and_reply_are_the_first_ones(person, chat, model):
    first = say(person, chat, Idempotency_Key="k").read(MessageRead)
    assert say(person, chat, Idempotency_Key="k").read(MessageRead) == first
    prompt = Message.objects.get(pk=first.id)
    replies = [ask_for(person, prompt, model, {"Idempotency_Key": "k"}).read(MessageRead) for _ in range(2)]
    assert replies[0] == replies[1]
    assert chat.messages.count() == 2


def test_a_second_reply_under_a_prompt_is_a_sibling(person, prompt, model):
    made = [ask_for(person, prompt, model).read(MessageRead) for _ in range(2)]
    assert made[0].id != made[1].id
    assert {each.parent_id for each in made} == {prompt.pk}


def test_a_pending_reply_is_cancelled(person, reply):
    ended = person.api.post(path_of(reply, "/cancel")).read(MessageRead)
    assert (ended.id, ended.state, ended.content) == (reply.pk, "cancelled", "")


def test_cancelling_what_has_ended_answers_with_it_as_it_is(person, reply, model, prompt):
    work.complete(reply.pk, claim(model).attempt, result("Done."))
    ended = person.api.post(path_of(reply, "/cancel")).read(MessageRead)
    assert (ended.state, ended.content) == ("complete", "Done.")
    assert person.api.post(path_of(prompt, "/cancel")).read(MessageRead).state == "manual"


# --- refusals of a prompt ---


@pytest.mark.parametrize(
    ("body", "status", "field", "words"),
    [
        ({"content": ""}, 400, "content", "empty"),
        ({"content": " \n"}, 400, "content", "empty"),
        ({"content": "a\x00b"}, 400, "content", "NUL"),
        (b'{"content": "a\\u0000b"}', 400, "content", "NUL"),
        (b'{"content": "a\\ud83d"}', 400, None, "JSON"),
        (b'{"content": "a\xed\xa0\xbd"}', 400, None, "JSON"),
        ({"content": "x" * 21}, 413, "content", "21"),
        ({}, 422, "content", "required"),
        ({"content": None}, 422, "content", "null"),
        ({"content": 7}, 422, "content", "int"),
        ({"content": ["x"]}, 422, "content", "list"),
        ({"content": "Hello", "parent_id": "nowhere"}, 400, "parent_id", "nowhere"),
        ({"content": "Hello", "parent_id": ["x"]}, 422, "parent_id", "string"),
        ([], 422, None, "object"),
        ("Hello", 422, None, "object"),
        (b"{", 400, None, "JSON"),
        (b'{"content": NaN}', 400, None, "JSON"),
    ],
)
def test_a_senseless_prompt_is_refused_by_field(person, chat, settings, body, status, field, words):
    settings.MESSAGE_MAX_LENGTH = 20
    before = as_stored(chat)
    error = person.api.post(f"chats/{chat.pk}/prompter_message", body).refused(status)
    assert error.field == field
    assert words in error.detail
    assert as_stored(chat) == before


def test_a_prompt_under_a_wrong_parent_is_refused_by_its_id(person, chat, prompt, reply, model):
    elsewhere = Message.objects.create(chat=person.chat(), role="prompter", state=State.MANUAL, content="Elsewhere")
    for parent_id in (uuid4(), elsewhere.pk, prompt.pk, reply.pk):
        before = as_stored(chat)
        error = say(person, chat, parent_id=parent_id).refused(400)
        assert error.field == "parent_id"
        assert str(parent_id) in error.detail
        assert as_stored(chat) == before


def test_a_second_first_prompt_is_refused(person, chat, prompt):
    assert say(person, chat).refused(400).field == "parent_id"
    assert chat.messages.count() == 1


def test_a_prompt_into_a_full_chat_is_refused(person, chat, prompt, settings):
    settings.CHAT_MAX_MESSAGES = 1
    assert "at most 1" in say(person, chat, parent_id=uuid4()).refused(413).detail


def test_a_body_without_end_is_not_read_to_its_end(person, chat, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    body = b'{"content": "' + b"x" * 2000 + b'"}'
    assert "1000" in person.api.post(f"chats/{chat.pk}/prompter_message", body).refused(413).detail


# --- refusals of a reply ---


def test_an_unknown_model_is_refused_by_name(person, prompt, model):
    error = ask_for(person, prompt, model, model_config_name="gpt-9").refused(422)
    assert error.field == "model_config_name"
    assert "gpt-9" in error.detail
    assert model.name in error.detail


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("top_k", 0),
        ("top_k", -1),
        ("top_k", 1.5),
        ("top_k", True),
        ("top_k", "many"),
        ("top_p", 0),
        ("top_p", 1.1),
        ("typical_p", 0),
        ("typical_p", 2),
        ("temperature", 0),
        ("temperature", -0.5),
        ("repetition_penalty", 0),
        ("max_new_tokens", 0),
        ("max_new_tokens", 2048),
        ("max_new_tokens", 2**40),
        ("max_new_tokens", []),
    ],
)
def test_a_sampling_value_out_of_range_is_refused_by_name_and_value(person, prompt, model, name, value):
    error = ask_for(person, prompt, model, sampling_parameters={name: value}).refused(422)
    assert error.field == f"sampling_parameters.{name}"
    assert name in error.detail
    assert repr(value) in error.detail
    assert prompt.chat.messages.count() == 1


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({"sampling_parameters": []}, 422, "sampling_parameters"),
        ({"plugins": [{"url": "https://example.org", "enabled": True}]}, 422, "plugins"),
        ({"plugins": [{"url": "https://example.org"}]}, 422, "plugins"),
        ({"model_config_name": None}, 422, "model_config_name"),
        ({"parent_id": None}, 422, "parent_id"),
        ({"system_prompt": 5}, 422, "system_prompt"),
        ({"system_prompt": "a\x00"}, 400, "system_prompt"),
        ({"user_profile": "x" * 50}, 413, "user_profile"),
    ],
)
def test_a_senseless_request_for_a_reply_is_refused_by_field(person, prompt, model, settings, body, status, field):
    settings.MESSAGE_MAX_LENGTH = 40
    before = as_stored(prompt.chat)
    assert ask_for(person, prompt, model, **body).refused(status).field == field
    assert as_stored(prompt.chat) == before


def test_a_long_senseless_value_is_not_said_back_in_full(person, prompt, model):
    long = "x" * 100_000
    for body in ({"sampling_parameters": {"top_k": long}}, {"parent_id": long}, {"model_config_name": long[:100]}):
        answer = ask_for(person, prompt, model, **body)
        assert answer.status in (400, 422)
        assert len(answer.content) < 2000


def test_a_reply_under_a_wrong_parent_is_refused_by_its_id(person, prompt, reply, model):
    work.complete(reply.pk, claim(model).attempt, result())
    elsewhere = Message.objects.create(chat=person.chat(), role="prompter", state=State.MANUAL, content="Elsewhere")
    for parent_id in (uuid4(), elsewhere.pk, reply.pk, "nowhere"):
        error = ask_for(person, prompt, model, parent_id=str(parent_id)).refused(400)
        assert error.field == "parent_id"
        assert str(parent_id) in error.detail
    assert prompt.chat.messages.count() == 2


@pytest.mark.parametrize("wrong", [{"model_config_name": "x" * 101}, {"seed": -1}])
def test_what_is_wrong_is_told_in_each_callers_language_whoever_was_first(person, prompt, model, wrong):
    def told(language):
        body = {"parent_id": str(prompt.pk), "model_config_name": model.name} | wrong
        path = f"chats/{prompt.chat_id}/assistant_message"
        return person.api.post(path, body, **{"Accept-Language": language}).refused(422).detail

    english = told("en")
    assert told("de") != english
    assert told("en") == english
