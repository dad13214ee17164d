"""The thread of a prompt: its own branch only, oldest first, by one query."""

import pytest

from chats.models import Chat, Message, Role, State
from chats.threads import read_thread
from chats.tree import message_tree
from inference.prompts import ThreadMessage


def say(chat, parent, content, **columns):
    """One message under another, prompts and replies in turn."""
    role = Role.PROMPTER if parent is None or parent.role == Role.ASSISTANT else Role.ASSISTANT
    state = State.MANUAL if role == Role.PROMPTER else State.COMPLETE
    columns = {"role": role, "state": state, "content": content} | columns
    return Message.objects.create(chat=chat, parent=parent, **columns)


def grow(chat, length):
    """A thread of this many messages; its last prompt."""
    messages, parent_id = [], None
    for number in range(length):
        is_prompt = number % 2 == 0
        message = Message(
            chat=chat,
            parent_id=parent_id,
            role=Role.PROMPTER if is_prompt else Role.ASSISTANT,
            state=State.MANUAL if is_prompt else State.COMPLETE,
            content=f"message {number}",
        )
        parent_id = message.pk
        messages.append(message)
    Message.objects.bulk_create(messages)
    return messages[-1]


@pytest.mark.parametrize("length", [1, 11, 1001])
def test_a_thread_of_any_length_is_one_query(chat, length, django_assert_num_queries):
    last = grow(chat, length)
    with django_assert_num_queries(1):
        thread = read_thread(last.pk)
    assert [each.content for each in thread] == [f"message {number}" for number in range(length)]
    assert thread[0].role == thread[-1].role == "prompter"


def test_only_the_prompts_own_branch_is_read(chat):
    root = say(chat, None, "Question")
    first = say(chat, root, "Answer one")
    second = say(chat, root, "Answer two")
    say(chat, first, "Not this one")
    last = say(chat, second, "And then?")
    say(chat, last, "Nor what comes after")
    assert read_thread(last.pk) == [
        ThreadMessage(role="prompter", content="Question"),
        ThreadMessage(role="assistant", content="Answer two"),
        ThreadMessage(role="prompter", content="And then?"),
    ]


@pytest.mark.parametrize(("state", "content"), [(State.CANCELLED, ""), (State.TIMEOUT, None)])
def test_a_reply_that_ended_without_text_is_left_out(chat, state, content):
    root = say(chat, None, "Question")
    silent = say(chat, root, content, state=state)
    last = say(chat, silent, "Are you there?")
    assert [each.content for each in read_thread(last.pk)] == ["Question", "Are you there?"]


def test_a_reply_that_was_cut_short_is_part_of_the_thread(chat):
    root = say(chat, None, "Question")
    cut = say(chat, root, "Half an ans", state=State.CANCELLED)
    assert [each.content for each in read_thread(say(chat, cut, "Go on").pk)] == ["Question", "Half an ans", "Go on"]


def test_the_tree_walks_each_branch_to_its_end_before_the_next(chat, django_assert_num_queries):
    root = say(chat, None, "1")
    first, second = say(chat, root, "1.1"), say(chat, root, "1.2")
    say(chat, second, "1.2.1")
    say(chat, first, "1.1.1")
    say(chat, None, "2")
    with django_assert_num_queries(1):
        walked = [(depth, message.content) for depth, message in message_tree(chat)]
    assert walked == [(0, "1"), (1, "1.1"), (2, "1.1.1"), (1, "1.2"), (2, "1.2.1"), (0, "2")]


def test_a_tree_of_a_thousand_levels_is_walked(chat):
    grow(chat, 1001)
    assert [depth for depth, _ in message_tree(Chat.objects.get(pk=chat.pk))] == list(range(1001))
