"""With Redis away nothing that was answered with success is lost, and every answer comes in time."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from chats.models import Chat, Message, State
from chats.repository import work
from chats.repository.ending import cancel, delete_chat, end, requeue
from tests.chats.played_worker import claim, result

ANSWER_WITHIN_S = 3.0

pytestmark = pytest.mark.usefixtures("transactional_db")


@contextmanager
def in_time() -> Iterator[None]:
    started = time.monotonic()
    yield
    took = time.monotonic() - started
    assert took < ANSWER_WITHIN_S, f"took {took:.1f} s"


def test_a_reply_that_is_asked_for_waits(prompt, ask, redis_away):
    with redis_away(), in_time():
        reply = ask(prompt)
    assert Message.objects.get(pk=reply.pk).state == State.PENDING


def test_a_cancel_ends_the_row_all_the_same(reply, model, redis_away):
    attempt = claim(model).attempt
    with redis_away(), in_time():
        assert cancel(reply.pk)
    row = Message.objects.get(pk=reply.pk)
    assert (row.state, row.attempt) == (State.CANCELLED, attempt + 1)
    assert row.work_end_at is not None
    assert not work.complete(reply.pk, attempt, result())


def test_a_reply_times_out_all_the_same(reply, redis_away):
    with redis_away(), in_time():
        assert end(reply.pk, State.TIMEOUT, error="waited too long") is not None
    assert Message.objects.get(pk=reply.pk).state == State.TIMEOUT


def test_a_chat_with_several_running_replies_is_deleted_all_the_same(chat, prompt, ask, model, redis_away):
    for _ in range(3):
        ask(prompt)
        claim(model)
    with redis_away(), in_time():
        delete_chat(Chat.objects.get(pk=chat.pk))
    assert not Chat.objects.filter(pk=chat.pk).exists()


def test_a_worker_stores_its_ending_all_the_same(prompt, ask, model, redis_away):
    completed, aborted, released = (ask(prompt) for _ in range(3))
    attempts = {claimed.message_id: claimed.attempt for claimed in (claim(model) for _ in range(3))}
    with redis_away(), in_time():
        assert work.complete(completed.pk, attempts[completed.pk], result())
        assert work.abort(aborted.pk, attempts[aborted.pk], result(), error="no")
        assert work.release(released.pk, attempts[released.pk], failed=False)


def test_a_requeued_reply_waits(reply, redis_away):
    cancel(reply.pk)
    with redis_away(), in_time():
        assert requeue(reply.pk)
    assert Message.objects.get(pk=reply.pk).state == State.PENDING
