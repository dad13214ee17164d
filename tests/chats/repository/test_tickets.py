"""Tickets: sent on commit only, to the model's own queue; a broker that is away is the reconciler's business."""

import time

import pytest
from django.db import transaction

from chats.models import Message, State
from chats.repository import work
from chats.repository.ending import cancel, requeue
from chats.tickets import send_ticket
from tests.chats.broker import broker_at, nobody_answers, nobody_listens, tickets
from tests.chats.played_worker import claim

pytestmark = pytest.mark.usefixtures("transactional_db")


def test_asking_sends_one_ticket_to_the_models_own_queue(prompt, ask, model):
    reply = ask(prompt)
    assert tickets(model) == [str(reply.pk)]


def test_a_ticket_is_not_sent_before_the_commit(prompt, ask, model):
    with transaction.atomic():
        reply = ask(prompt)
        assert tickets(model) == []
    assert tickets(model) == [str(reply.pk)]


def test_what_is_rolled_back_sends_no_ticket(prompt, ask, model):
    with transaction.atomic():
        ask(prompt)
        transaction.set_rollback(True)
    assert tickets(model) == []
    assert not Message.objects.filter(compat_hash=model.compat_hash).exists()


def test_a_released_and_a_requeued_reply_get_a_new_ticket_each(reply, model):
    work.release(reply.pk, claim(model).attempt, failed=False)
    assert tickets(model) == [str(reply.pk)] * 2
    cancel(reply.pk)
    assert tickets(model) == [str(reply.pk)] * 2
    requeue(reply.pk)
    assert tickets(model) == [str(reply.pk)] * 3


def test_a_release_that_did_not_happen_sends_no_ticket(reply, model):
    assert not work.release(reply.pk, 99, failed=False)
    assert not requeue(reply.pk)
    assert tickets(model) == [str(reply.pk)]


def test_with_the_broker_down_the_reply_waits_without_a_ticket(prompt, ask, model):
    with nobody_listens() as url, broker_at(url):
        started = time.monotonic()
        reply = ask(prompt)
        took = time.monotonic() - started
    assert Message.objects.get(pk=reply.pk).state == State.PENDING
    assert tickets(model) == []
    assert took < 1


def test_with_the_broker_hung_the_reply_is_stored_within_three_seconds(prompt, ask, model):
    with nobody_answers() as url, broker_at(url):
        started = time.monotonic()
        reply = ask(prompt)
        took = time.monotonic() - started
    assert Message.objects.get(pk=reply.pk).state == State.PENDING
    assert took < 3


def test_sending_says_whether_the_broker_took_the_ticket(reply, model):
    assert send_ticket(reply.pk, reply.compat_hash)
    with nobody_listens() as url, broker_at(url):
        assert not send_ticket(reply.pk, reply.compat_hash)
