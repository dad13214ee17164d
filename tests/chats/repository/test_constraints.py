"""What the database itself refuses, whatever code may try."""

from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from chats.models import Chat, Message, Role, State


def refused(constraint, **columns):
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Message.objects.create(**columns)


def test_a_state_that_does_not_exist(chat, prompt):
    refused("message_state_is_known", chat=chat, parent=prompt, role=Role.ASSISTANT, state="done", content="")


@pytest.mark.parametrize("state", sorted(set(State) - {State.MANUAL}))
def test_a_prompt_in_a_replys_state(chat, state):
    refused(
        "message_role_fits_its_state",
        chat=chat,
        role=Role.PROMPTER,
        state=state,
        content="Hello",
        queue_at=timezone.now(),
        session_id=uuid4(),
    )


def test_a_reply_in_a_prompts_state(chat, prompt):
    refused("message_role_fits", chat=chat, parent=prompt, role=Role.ASSISTANT, state=State.MANUAL, content="Hi")


def test_a_prompt_that_says_nothing(chat):
    refused("message_role_fits", chat=chat, role=Role.PROMPTER, state=State.MANUAL, content=None)


def test_a_reply_to_nothing(chat):
    refused("message_role_fits", chat=chat, role=Role.ASSISTANT, state=State.PENDING, queue_at=timezone.now())


def test_a_role_that_does_not_exist(chat):
    refused("message_role_fits", chat=chat, role="system", state=State.MANUAL, content="You are a llama.")


def test_a_complete_reply_without_content(chat, prompt):
    refused("complete_message_has", chat=chat, parent=prompt, role=Role.ASSISTANT, state=State.COMPLETE, content=None)


def test_a_waiting_reply_without_a_place(chat, prompt):
    refused("pending_message_has", chat=chat, parent=prompt, role=Role.ASSISTANT, state=State.PENDING, queue_at=None)


def test_a_running_reply_without_a_session(chat, prompt):
    refused("running_message_has", chat=chat, parent=prompt, role=Role.ASSISTANT, state=State.IN_PROGRESS)


def test_a_message_under_itself(chat):
    own = uuid4()
    refused(
        "message_is_not_its_own_parent",
        id=own,
        parent_id=own,
        chat=chat,
        role=Role.PROMPTER,
        state=State.MANUAL,
        content="I am my own grandpa.",
    )


def test_two_prompts_of_one_chat_with_one_key(chat):
    columns = {"chat": chat, "role": Role.PROMPTER, "state": State.MANUAL, "content": "Hi", "idempotency_key": "k"}
    Message.objects.create(**columns)
    refused("message_idempotency_key", **columns)


def test_two_chats_of_one_person_with_one_key(person, stranger):
    Chat.objects.create(user=person.user, idempotency_key="k")
    Chat.objects.create(user=stranger.user, idempotency_key="k")
    with pytest.raises(IntegrityError, match="chat_idempotency_key"), transaction.atomic():
        Chat.objects.create(user=person.user, idempotency_key="k")


def test_ids_are_in_the_order_of_their_time(chat):
    made = [
        Message.objects.create(chat=chat, role=Role.PROMPTER, state=State.MANUAL, content=str(number)).pk
        for number in range(50)
    ]
    assert made == sorted(made)
    assert {each.version for each in made} == {7}
