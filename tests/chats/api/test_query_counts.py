"""What a request costs does not grow with a chat's length, the number of chats, or what waits."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from chats.models import Chat, Message, Role, State
from chats.repository.asking import add_prompt


def cost(call):
    """The number of queries of a request that succeeds."""
    with CaptureQueriesContext(connection) as queries:
        answer = call()
    assert answer.status == 200, answer.content
    return len(queries)


def grow(chat, messages):
    """So many further messages below the chat's first prompt; the last prompt."""
    parent, rows = chat.messages.earliest("id"), []
    for number in range(messages):
        is_reply = number % 2 == 0
        rows.append(
            Message(
                chat=chat,
                parent=parent,
                role=Role.ASSISTANT if is_reply else Role.PROMPTER,
                state=State.COMPLETE if is_reply else State.MANUAL,
                content="So it goes.",
            )
        )
        parent = rows[-1]
    Message.objects.bulk_create(rows)
    return parent


@pytest.fixture
def ask_over_rest(person, model):
    def ask(prompt, **headers):
        body = {"parent_id": str(prompt.pk), "model_config_name": model.name}
        return person.api.post(f"chats/{prompt.chat_id}/assistant_message", body, **headers)

    return ask


def test_asking_for_a_reply_costs_the_same_in_a_long_chat(chat, prompt, ask_over_rest):
    short = cost(lambda: ask_over_rest(prompt))
    last = grow(chat, 1000)
    assert cost(lambda: ask_over_rest(last)) == short <= 4


def test_instructions_come_with_what_is_read_anyway(chat, prompt, ask_over_rest):
    plain = cost(lambda: ask_over_rest(prompt))
    Chat.objects.filter(pk=chat.pk).update(system_prompt="Be brief.", user_profile="I keep llamas.")
    assert cost(lambda: ask_over_rest(prompt)) == plain


def test_asking_for_a_reply_costs_the_same_with_many_waiting(person, prompt, ask, ask_over_rest):
    alone = cost(lambda: ask_over_rest(prompt))
    for _ in range(20):
        ask(prompt)
    assert cost(lambda: ask_over_rest(prompt)) == alone


def test_a_prompt_costs_the_same_in_a_long_chat(person, chat, prompt):
    def say(parent):
        return person.api.post(
            f"chats/{chat.pk}/prompter_message", {"content": "And then?", "parent_id": str(parent.pk)}
        )

    first, last = grow(chat, 1), grow(chat, 1001)
    assert cost(lambda: say(first)) == cost(lambda: say(last)) <= 3


def test_a_page_of_chats_costs_the_same_with_many_chats(person):
    person.chat()
    few = cost(lambda: person.api.get("chats?limit=100"))
    for _ in range(50):
        add_prompt(chat=person.chat(), parent_id=None, content="Hello")
    assert cost(lambda: person.api.get("chats?limit=100")) == few <= 2


def test_reading_a_chat_costs_the_same_however_long_it_is(person, chat, prompt):
    short = cost(lambda: person.api.get(f"chats/{chat.pk}"))
    grow(chat, 1000)
    assert cost(lambda: person.api.get(f"chats/{chat.pk}")) == short <= 4


def test_a_message_is_read_by_its_id_alone(person, chat, prompt):
    short = cost(lambda: person.api.get(f"chats/{chat.pk}/messages/{prompt.pk}"))
    last = grow(chat, 1000)
    assert cost(lambda: person.api.get(f"chats/{chat.pk}/messages/{last.pk}")) == short <= 3
