"""Idempotency keys: a retried request finds what the first one made, also while the first is still at it."""

from functools import partial

import pytest

from chats.errors import BadRequest, Unprocessable
from chats.models import Chat, Message
from chats.repository.asking import add_prompt, start_chat
from chats.repository.work_request import WorkRequest
from chats.websocket import actions
from inference.parameters import SamplingParameters
from tests.chats.at_once import at_once
from tests.chats.broker import tickets


def test_a_chat_is_started_once_by_one_key(person, stranger):
    first = start_chat(user=person.user, idempotency_key="k")
    assert start_chat(user=person.user, idempotency_key="k") == first
    assert start_chat(user=person.user, idempotency_key="other") != first
    assert start_chat(user=stranger.user, idempotency_key="k") != first
    assert start_chat(user=person.user) != start_chat(user=person.user)


def test_a_prompt_is_stored_once_by_one_key(chat):
    once = partial(add_prompt, chat=chat, parent_id=None, content="Hello", idempotency_key="k")
    assert once() == once()
    chat.refresh_from_db()
    assert chat.message_count == chat.messages.count() == 1


def test_a_reply_is_asked_for_once_by_one_key(prompt, ask, model, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        first = ask(prompt, idempotency_key="k")
        assert ask(prompt, idempotency_key="k") == first
        other = ask(prompt, idempotency_key="other")
    assert other != first
    assert tickets(model) == [str(first.pk), str(other.pk)]


def test_a_key_for_another_prompt_is_refused(chat):
    add_prompt(chat=chat, parent_id=None, content="Hello", idempotency_key="k")
    with pytest.raises(Unprocessable, match="another prompt"):
        add_prompt(chat=chat, parent_id=None, content="Goodbye", idempotency_key="k")
    assert chat.messages.count() == 1


def test_a_key_counts_within_its_chat(person):
    made = [add_prompt(chat=person.chat(), parent_id=None, content="Hello", idempotency_key="k") for _ in range(2)]
    assert made[0] != made[1]


def test_a_refused_request_does_not_use_up_its_key(chat):
    with pytest.raises(BadRequest):
        add_prompt(chat=chat, parent_id=None, content="", idempotency_key="k")
    assert add_prompt(chat=chat, parent_id=None, content="Hello", idempotency_key="k").content == "Hello"


@pytest.mark.usefixtures("transactional_db")
class TestAtOnce:
    def test_a_chat_is_started_once(self, person):
        made = at_once(*[partial(start_chat, user=person.user, idempotency_key="k")] * 4)
        assert len(set(made)) == 1
        assert Chat.objects.filter(user=person.user).count() == 1

    def test_a_first_prompt_is_stored_once(self, chat):
        made = at_once(*[partial(add_prompt, chat=chat, parent_id=None, content="Hello", idempotency_key="k")] * 4)
        assert {type(each) for each in made} == {Message}, made
        assert len(set(made)) == 1
        chat.refresh_from_db()
        assert chat.message_count == chat.messages.count() == 1

    def test_a_reply_is_asked_for_once(self, chat, prompt, ask, model):
        made = at_once(*[partial(ask, prompt, idempotency_key="k")] * 4)
        assert {type(each) for each in made} == {Message}, made
        assert len(set(made)) == 1
        assert tickets(model) == [str(made[0].pk)]
        chat.refresh_from_db()
        assert chat.message_count == chat.messages.count() == 2

    def test_the_last_place_in_a_chat_is_taken_once(self, chat, prompt, ask, settings):
        settings.CHAT_MAX_MESSAGES = 2
        made = at_once(*[partial(ask, prompt, idempotency_key="k")] * 3)
        assert {type(each) for each in made} == {Message}, made
        assert len(set(made)) == 1

    def test_a_websockets_prompt_and_its_reply_are_made_once(self, chat, model):
        request = WorkRequest(model_config_name=model.name, sampling_parameters=SamplingParameters())
        fields = {"parent_id": None, "content": "Hello", "request": request, "drafts": 1}
        made = at_once(*[lambda: tuple(actions.prompt(Chat.objects.get(pk=chat.pk), fields, key="k"))] * 4)
        assert {type(each) for each in made} == {tuple}, made
        assert len(set(made)) == 1
        assert chat.messages.count() == 2
        assert tickets(model) == [str(made[0][1].pk)]
