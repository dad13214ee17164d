"""Claiming: who is due first, fairly, and that no two workers get one reply."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from chats.models import Message, State
from chats.repository.asking import add_prompt
from chats.repository.ending import cancel
from inference.prompts import ThreadMessage
from tests.chats.people import Person
from tests.chats.played_worker import claim


def ask_alone(person, ask):
    """A reply in a new chat of this person."""
    return ask(add_prompt(chat=person.chat(), parent_id=None, content="Hello"))


def claim_all(model):
    """The replies of the queue in the order in which workers get them."""
    order = []
    while (claimed := claim(model)) is not None:
        order.append(claimed.message_id)
    return order


def test_an_empty_queue_gives_nothing(person, model):
    assert claim(model) is None


def test_a_claim_takes_the_reply_for_its_session(reply, model, prompt, chat):
    session_id, before = uuid4(), timezone.now()
    claimed = claim(model, session_id=session_id, worker_name="w@host")
    reply.refresh_from_db()
    assert (claimed.message_id, claimed.chat_id, claimed.attempt) == (reply.pk, chat.pk, 1)
    assert claimed.thread == [ThreadMessage(role="prompter", content=prompt.content)]
    assert claimed.parameters.to_json() == reply.work_parameters
    assert (reply.state, reply.attempt) == (State.IN_PROGRESS, 1)
    assert (reply.session_id, reply.worker_name) == (session_id, "w@host")
    assert reply.worker_config == {"max_parallel_requests": 1}
    assert before <= reply.work_begin_at <= timezone.now()


def test_one_persons_replies_are_claimed_in_the_order_in_which_they_were_asked(person, ask, model):
    replies = [ask_alone(person, ask).pk for _ in range(5)]
    assert claim_all(model) == replies


def test_a_worker_is_given_replies_of_its_own_model_only(person, make_model, ask, model):
    ask_alone(person, ask)
    other = make_model()
    assert claim(other) is None
    assert claim(model) is not None


def test_nobodys_first_reply_waits_behind_somebodys_thirtieth(person, stranger, ask, model, settings):
    settings.FAIR_SHARE_S = 10.0
    many = [ask_alone(person, ask).pk for _ in range(30)]
    first = ask_alone(stranger, ask).pk
    order = claim_all(model)
    assert order.index(first) == 1
    assert [pk for pk in order if pk != first] == many


def test_a_reply_moves_back_by_its_share_for_each_that_its_person_has_waiting(person, ask, settings):
    settings.FAIR_SHARE_S = 60.0
    replies = [ask_alone(person, ask) for _ in range(3)]
    for place, reply in enumerate(replies):
        late = reply.queue_at - reply.created_at
        assert abs(late - timedelta(seconds=60 * place)) < timedelta(seconds=5)


def test_a_reply_that_was_taken_or_ended_moves_nobody_back(person, ask, model, settings):
    settings.FAIR_SHARE_S = 60.0
    ask_alone(person, ask)
    claim(model)
    cancel(ask_alone(person, ask).pk)
    reply = ask_alone(person, ask)
    assert reply.queue_at - reply.created_at < timedelta(seconds=5)


def test_nobody_starves_behind_newcomers(person, stranger, ask, model, settings):
    """A delayed reply is due at a fixed moment: those who come after it wait behind it."""
    settings.FAIR_SHARE_S = 60.0
    ask_alone(person, ask)
    delayed = ask_alone(person, ask)
    newcomer = ask_alone(stranger, ask)
    Message.objects.filter(pk=newcomer.pk).update(queue_at=delayed.queue_at + timedelta(seconds=1))
    assert claim_all(model)[1:] == [delayed.pk, newcomer.pk]


def test_replies_due_at_the_same_moment_are_claimed_in_the_order_of_their_ids(ask, model, database):
    replies = [ask_alone(Person.arrives(), ask).pk for _ in range(4)]
    Message.objects.filter(pk__in=replies).update(queue_at=timezone.now())
    assert claim_all(model) == replies


@pytest.mark.parametrize("state", sorted(set(State) - {State.PENDING, State.MANUAL}))
def test_only_pending_replies_are_claimed(reply, model, state):
    Message.objects.filter(pk=reply.pk).update(state=state, content="", session_id=uuid4())
    assert claim(model) is None


def test_a_claim_is_one_query(person, ask, model, django_assert_num_queries):
    ask_alone(person, ask)
    with django_assert_num_queries(1):
        claim(model)
