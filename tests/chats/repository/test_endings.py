"""Endings: each transition of a reply, and that none happens from a state or for an attempt that does not hold it."""

from uuid import uuid4

import pytest
from django.utils import timezone

from chats.models import UNFINISHED, Chat, Message, State
from chats.redis import sync_redis
from chats.repository import work
from chats.repository.ending import cancel, delete_chat, delete_chats_of, end, requeue
from inference.stream import Opened, SyncStreamBuffer, Verdict
from tests.chats.played_worker import claim, result

ENDED = (State.ABORTED_BY_WORKER, State.CANCELLED, State.COMPLETE, State.TIMEOUT)


def stream():
    return SyncStreamBuffer(sync_redis())


def write(reply, attempt, text, tokens=3, finish_reason=None):
    """What a worker of this attempt has shown so far."""
    stream().open(str(reply.pk), attempt, True)
    verdict = stream().write(str(reply.pk), attempt, 0, text.encode(), tokens, finish_reason)
    assert verdict is Verdict.OK


@pytest.fixture
def attempt(reply, model):
    """The attempt of the worker that holds the reply."""
    return claim(model).attempt


def stored(reply):
    return Message.objects.get(pk=reply.pk)


# --- by the worker that holds it ---


def test_completing_stores_all_that_the_attempt_knows(reply, attempt):
    first_token_at = timezone.now()
    assert work.complete(
        reply.pk,
        attempt,
        result(
            "Hällo", epoch=1, generated_tokens=3, prompt_tokens=9, omitted_messages=2, first_token_at=first_token_at
        ),
    )
    row = stored(reply)
    assert (row.state, row.content, row.error) == (State.COMPLETE, "Hällo", "")
    assert (row.generated_tokens, row.prompt_tokens, row.omitted_messages) == (3, 9, 2)
    assert (row.epoch, row.finish_reason, row.attempt) == (1, "eos_token", attempt)
    assert row.first_token_at == first_token_at
    assert row.work_end_at >= row.work_begin_at


def test_an_empty_reply_completes_as_empty(reply, attempt):
    assert work.complete(reply.pk, attempt, result("", generated_tokens=0))
    assert stored(reply).content == ""


def test_aborting_keeps_the_text_and_the_reason(reply, attempt):
    assert work.abort(reply.pk, attempt, result("Half an ans", finish_reason=""), error="The engine failed: 500")
    row = stored(reply)
    assert (row.state, row.content, row.error) == (State.ABORTED_BY_WORKER, "Half an ans", "The engine failed: 500")


def test_releasing_gives_the_reply_back_to_its_place(reply, attempt, model):
    begun = stored(reply).work_begin_at
    assert work.release(reply.pk, attempt, failed=False)
    row = stored(reply)
    assert (row.state, row.queue_at, row.failures, row.attempt) == (State.PENDING, reply.queue_at, 0, attempt)
    assert claim(model).attempt == attempt + 1
    assert stored(reply).work_begin_at == begun


def test_the_first_tokens_time_survives_later_attempts(reply, attempt, model):
    first = timezone.now()
    work.release(reply.pk, attempt, failed=False, first_token_at=first)
    second = claim(model).attempt
    assert work.complete(reply.pk, second, result(first_token_at=timezone.now()))
    assert stored(reply).first_token_at == first


def test_failed_attempts_are_counted_and_the_last_is_not_given_back(reply, model, settings):
    settings.MAX_ATTEMPTS = 3
    for failures in (1, 2):
        assert work.release(reply.pk, claim(model).attempt, failed=True)
        assert stored(reply).failures == failures
    last = claim(model).attempt
    assert not work.release(reply.pk, last, failed=True)
    assert stored(reply).state == State.IN_PROGRESS
    assert work.abort(reply.pk, last, result("So far"), error="given up")


def test_a_drain_counts_as_no_failure_however_often(reply, model, settings):
    settings.MAX_ATTEMPTS = 1
    for _ in range(4):
        assert work.release(reply.pk, claim(model).attempt, failed=False)
    assert stored(reply).failures == 0


def test_a_resumption_is_noted_by_the_attempt_that_made_it(reply, attempt, model):
    work.release(reply.pk, attempt, failed=True)
    second = claim(model).attempt
    work.note_resumption(reply.pk, attempt, 5)
    work.note_resumption(reply.pk, second, 17)
    (noted,) = stored(reply).resumptions
    assert (noted["attempt"], noted["offset"]) == (second, 17)


WORKERS_VERBS = {
    "complete": lambda pk, attempt: work.complete(pk, attempt, result()),
    "abort": lambda pk, attempt: work.abort(pk, attempt, result(), error="no"),
    "release": lambda pk, attempt: work.release(pk, attempt, failed=False),
    "release after a failure": lambda pk, attempt: work.release(pk, attempt, failed=True),
    "still mine": work.still_mine,
}


@pytest.mark.parametrize("verb", WORKERS_VERBS.values(), ids=WORKERS_VERBS)
@pytest.mark.parametrize("off", [-1, 1])
def test_a_worker_can_do_nothing_for_an_attempt_that_is_not_the_rows(reply, attempt, verb, off):
    before = stored(reply)
    assert not verb(reply.pk, attempt + off)
    assert vars_of(stored(reply)) == vars_of(before)


@pytest.mark.parametrize("verb", WORKERS_VERBS.values(), ids=WORKERS_VERBS)
@pytest.mark.parametrize("state", [*ENDED, State.PENDING])
def test_a_worker_can_do_nothing_to_a_reply_that_is_not_in_progress(reply, attempt, verb, state):
    Message.objects.filter(pk=reply.pk).update(state=state, content="It was so.")
    before = stored(reply)
    assert not verb(reply.pk, attempt)
    assert vars_of(stored(reply)) == vars_of(before)


def test_a_worker_that_was_thought_dead_comes_back_to_nothing(reply, attempt, model):
    """The zombie's attempt is over once the reply was given back, whoever holds it by then."""
    work.release(reply.pk, attempt, failed=True)
    for _ in range(2):
        for name, verb in WORKERS_VERBS.items():
            assert not verb(reply.pk, attempt), name
        claim(model)


# --- by anybody else ---


@pytest.mark.parametrize("state", [State.CANCELLED, State.TIMEOUT, State.ABORTED_BY_WORKER])
def test_ending_a_running_reply_keeps_what_was_shown_and_fences_its_worker(reply, attempt, state):
    write(reply, attempt, "Half an änsw", tokens=4)
    ending = end(reply.pk, state, error="because")
    row = stored(reply)
    assert (ending.message_id, ending.session_id, ending.attempt) == (reply.pk, row.session_id, attempt)
    assert (row.state, row.content, row.error, row.attempt) == (state, "Half an änsw", "because", attempt + 1)
    assert (row.generated_tokens, row.epoch) == (4, attempt)
    assert row.work_end_at is not None
    assert stream().write(str(reply.pk), attempt, len("Half an änsw".encode()), b"er", 5, None) is Verdict.FENCED


def test_cancelling_a_reply_that_nobody_has_taken_ends_it_empty(reply, model):
    assert cancel(reply.pk)
    row = stored(reply)
    assert (row.state, row.content, row.attempt) == (State.CANCELLED, "", 1)
    assert claim(model) is None


def test_an_ended_stream_is_kept_a_minute_for_readers_on_their_way(reply, attempt):
    write(reply, attempt, "Text")
    cancel(reply.pk)
    for key in (f"{{{reply.pk}}}:m", f"{{{reply.pk}}}:t"):
        assert 0 < sync_redis().ttl(key) <= 60


def test_a_finish_reason_that_the_worker_wrote_last_is_kept(reply, attempt):
    write(reply, attempt, "All of it.", finish_reason="eos_token")
    cancel(reply.pk)
    assert stored(reply).finish_reason == "eos_token"


@pytest.mark.parametrize("state", ENDED)
def test_what_has_ended_is_not_ended_again(reply, state):
    Message.objects.filter(pk=reply.pk).update(state=state, content="It was so.")
    before = stored(reply)
    assert not cancel(reply.pk)
    assert end(reply.pk, State.TIMEOUT) is None
    assert vars_of(stored(reply)) == vars_of(before)


def test_a_prompt_cannot_be_cancelled_or_requeued(prompt):
    assert not cancel(prompt.pk)
    assert not requeue(prompt.pk)
    assert stored(prompt).state == State.MANUAL


def test_the_reconciler_ends_only_the_attempt_that_it_saw(reply, attempt):
    assert end(reply.pk, State.ABORTED_BY_WORKER, attempt=attempt - 1) is None
    assert stored(reply).state == State.IN_PROGRESS
    assert end(reply.pk, State.ABORTED_BY_WORKER, attempt=attempt) is not None


def test_an_unknown_message_is_neither_cancelled_nor_requeued(database):
    assert not cancel(uuid4())
    assert not requeue(uuid4())


def test_a_requeued_reply_counts_as_its_persons_again_also_an_old_one_that_does_not_say_whose_it_is(reply, person):
    cancel(reply.pk)
    Message.objects.filter(pk=reply.pk).update(asked_by=None)
    assert requeue(reply.pk)
    assert stored(reply).asked_by_id == person.user.pk


@pytest.mark.parametrize("state", [State.CANCELLED, State.ABORTED_BY_WORKER, State.TIMEOUT])
def test_a_requeued_reply_goes_on_from_the_text_of_its_stream(reply, attempt, model, state):
    write(reply, attempt, "So far")
    end(reply.pk, state, error="because")
    assert requeue(reply.pk)
    row = stored(reply)
    assert (row.state, row.content, row.error, row.failures) == (State.PENDING, None, "", 0)
    again = claim(model)
    assert again.attempt > row.attempt - 1 > attempt
    opened = stream().open(str(reply.pk), again.attempt, True)
    assert opened == Opened(epoch=attempt, text="So far", tokens=3, finish_reason=None)


def test_a_requeued_reply_forgets_what_its_end_had_stored(reply, attempt):
    write(reply, attempt, "So far", finish_reason="eos_token")
    cancel(reply.pk)
    requeue(reply.pk)
    row = stored(reply)
    assert (row.finish_reason, row.work_begin_at, row.first_token_at, row.work_end_at) == ("", None, None, None)
    assert row.generated_tokens is None


@pytest.mark.parametrize("state", [*UNFINISHED, State.COMPLETE])
def test_what_is_unfinished_or_complete_is_not_requeued(reply, state):
    Message.objects.filter(pk=reply.pk).update(state=state, content="It was so.", session_id=uuid4())
    assert not requeue(reply.pk)
    assert stored(reply).state == state


# --- deleting ---


def test_deleting_a_chat_takes_all_of_it_and_fences_what_runs(chat, reply, attempt, prompt, ask):
    write(reply, attempt, "Half")
    waiting = ask(prompt)
    delete_chat(chat)
    assert not Chat.objects.filter(pk=chat.pk).exists()
    assert not Message.objects.filter(pk__in=[prompt.pk, reply.pk, waiting.pk]).exists()
    assert stream().write(str(reply.pk), attempt, 4, b"!", 5, None) is Verdict.FENCED
    assert not work.complete(reply.pk, attempt, result())


def test_deleting_one_persons_chats_leaves_the_others(person, stranger, chat, reply):
    theirs = stranger.chat()
    delete_chats_of(person.user)
    assert list(Chat.objects.filter(user__in=[person.user, stranger.user])) == [theirs]


def vars_of(message):
    """Every column of the row."""
    return {field.attname: getattr(message, field.attname) for field in Message._meta.concrete_fields}
