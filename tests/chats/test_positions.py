"""Places in the queue and how long the wait will be."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chats.database import in_database
from chats.milestones import note_milestones
from chats.models import Message, Pause, State
from chats.positions import DEFAULT_REPLY_TIME, RECENT_REPLIES, estimate_s, look_at_rows, mean_reply_s
from chats.redis import async_redis
from chats.repository.asking import add_prompt
from chats.repository.ending import cancel, delete_chat
from chats.streaming.waiting import WaitEstimates
from inference.sessions import SessionInfo, SessionRegistry
from tests.chats.played_worker import claim


def look(*replies):
    """The looks at these replies, by id."""
    return {row.message_id: row for row in look_at_rows([str(reply.pk) for reply in replies])}


def test_places_count_from_zero_in_the_order_of_the_claims(prompt, ask, model):
    replies = [ask(prompt) for _ in range(4)]
    looks = look(*replies)
    by_place = sorted(replies, key=lambda reply: looks[str(reply.pk)].position)
    assert [looks[str(reply.pk)].position for reply in by_place] == [0, 1, 2, 3]
    assert {row.queue_size for row in looks.values()} == {4}
    assert [claim(model).message_id for _ in replies] == [reply.pk for reply in by_place]


def test_places_move_up_when_somebody_is_served_or_leaves(prompt, ask, model):
    replies = [ask(prompt) for _ in range(3)]
    claim(model)
    assert look(replies[2])[str(replies[2].pk)].position == 1
    cancel(replies[1].pk)
    row = look(replies[2])[str(replies[2].pk)]
    assert (row.position, row.queue_size) == (0, 1)


def test_other_peoples_replies_count_and_other_models_do_not(prompt, ask, model, stranger, make_model):
    elsewhere = make_model()
    ask(prompt, model_config_name=elsewhere.name)
    theirs = ask(add_prompt(chat=stranger.chat(), parent_id=None, content="Hello"))
    mine = ask(prompt)
    looks = look(theirs, mine)
    assert {row.queue_size for row in looks.values()} == {2}
    assert sorted(row.position for row in looks.values()) == [0, 1]


def test_what_does_not_wait_has_no_place(reply, model):
    claim(model)
    row = look(reply)[str(reply.pk)]
    assert (row.state, row.position, row.queue_size) == (State.IN_PROGRESS, None, 0)


def test_a_look_at_nothing_finds_nothing(database):
    assert look() == {}


def test_what_was_deleted_is_missing(chat, reply):
    delete_chat(chat)
    assert look(reply) == {}


def test_a_paused_queue_is_told(reply, model):
    assert not look(reply)[str(reply.pk)].paused
    Pause.objects.create(compat_hash=model.compat_hash)
    assert look(reply)[str(reply.pk)].paused


@pytest.mark.parametrize("count", [1, 30])
def test_one_look_is_one_query_however_many_wait(prompt, ask, count, django_assert_num_queries):
    replies = [ask(prompt) for _ in range(count)]
    with django_assert_num_queries(1):
        assert len(look(*replies)) == count


def test_each_queue_has_places_of_its_own(prompt, ask, make_model):
    models = [make_model() for _ in range(2)]
    replies = [ask(prompt, model_config_name=model.name) for _ in range(2) for model in models]
    assert [(row.position, row.queue_size) for row in (look(*replies)[str(each.pk)] for each in replies)] == [
        (0, 2), (0, 2), (1, 2), (1, 2),
    ]  # fmt: skip


def test_those_that_are_due_at_the_same_moment_stand_in_the_order_of_their_ids(prompt, ask, model):
    replies = [ask(prompt) for _ in range(4)]
    Message.objects.filter(pk__in=[each.pk for each in replies]).update(queue_at=timezone.now())
    assert [look(each)[str(each.pk)].position for each in replies] == [0, 1, 2, 3]
    assert [row.position for row in (look(*replies)[str(each.pk)] for each in replies)] == [0, 1, 2, 3]
    assert [claim(model).message_id for _ in replies] == [each.pk for each in replies]


@given(data=st.data())
@settings(max_examples=60, suppress_health_check=list(HealthCheck))
def test_a_place_is_the_number_of_those_that_are_claimed_before(prompt, ask, model, data):
    """Any queue, without milestones or with some, that were noted before some claims; any of its rows asked for, in any
    order, some twice.
    """
    Message.objects.filter(compat_hash=model.compat_hash).delete()
    replies = [ask(prompt) for _ in range(data.draw(st.integers(1, 8), "waiting"))]
    now = timezone.now()
    for reply in replies:
        reply.queue_at = now + timedelta(seconds=data.draw(st.integers(0, 3), "due"))
    Message.objects.bulk_update(replies, ["queue_at"])
    shortest = data.draw(st.integers(1, 9), "shortest queue with milestones")
    note_milestones(shortest=shortest, strides_per_root=data.draw(st.sampled_from([0.1, 0.5, 1.0, 2.0]), "strides"))
    for _ in range(data.draw(st.integers(0, len(replies) - 1), "claimed")):
        claim(model)
    waiting = list(Message.objects.waiting(model.compat_hash))
    asked = data.draw(st.lists(st.sampled_from(waiting), min_size=1), "asked")
    told = {each: (row.position, row.queue_size) for each, row in look(*asked).items()}
    order = [str(claim(model).message_id) for _ in waiting]
    assert told == {str(each.pk): (order.index(str(each.pk)), len(waiting)) for each in asked}


# --- how long ---


@pytest.mark.parametrize(
    ("position", "seats", "reply_s", "expected"),
    [
        (0, 0, 10.0, None),
        (5, -1, 10.0, None),
        (0, 1, 10.0, 10.0),
        (3, 1, 10.0, 40.0),
        (3, 4, 10.0, 10.0),
        (0, 16, 8.0, 0.5),
    ],
)
def test_a_seat_becomes_free_every_reply_time_over_seats(position, seats, reply_s, expected):
    assert estimate_s(position=position, seats=seats, reply_s=reply_s) == expected


def finish(prompt, ask, *seconds):
    """Complete replies of the test's model that took so long, the last of them the latest."""
    now = timezone.now()
    for number, took in enumerate(seconds):
        Message.objects.filter(pk=ask(prompt).pk).update(
            state=State.COMPLETE,
            content="Done.",
            work_begin_at=now + timedelta(seconds=number - took),
            work_end_at=now + timedelta(seconds=number),
        )


def test_a_model_without_any_reply_is_taken_to_need_ten_seconds(model, database):
    assert mean_reply_s(model.compat_hash) == DEFAULT_REPLY_TIME.total_seconds() == 10


def test_the_mean_is_of_the_latest_complete_replies(prompt, ask, model):
    finish(prompt, ask, 100.0, *[4.0, 6.0] * (RECENT_REPLIES // 2))
    assert mean_reply_s(model.compat_hash) == pytest.approx(5.0)


def test_what_was_cut_short_says_nothing_about_the_time(prompt, reply, ask, model):
    claim(model)
    cancel(reply.pk)
    finish(prompt, ask, 3.0)
    assert mean_reply_s(model.compat_hash) == pytest.approx(3.0)


async def test_estimates_count_open_sessions_of_the_model_only(live, prompt, ask, model, make_model):
    await in_database(finish, prompt, ask, 8.0)
    other = make_model()
    registry = SessionRegistry(async_redis())
    sessions = [
        session(model, seats=4),
        session(model, seats=2),
        session(model, seats=16, is_open=False),
        session(other, seats=64),
    ]
    for each in sessions:
        await registry.register(each)
    try:
        estimates = await WaitEstimates().of({model.compat_hash, other.compat_hash})
    finally:
        for each in sessions:
            await registry.leave(each.session_id)
    mine = estimates[model.compat_hash]
    assert (mine.workers, mine.seats, mine.reply_s) == (2, 6, pytest.approx(8.0))
    assert mine.until(5) == pytest.approx(8.0)
    assert (estimates[other.compat_hash].seats, estimates[other.compat_hash].reply_s) == (64, 10.0)


async def test_with_no_worker_there_is_no_estimate(live, model, person):
    estimate = (await WaitEstimates().of({model.compat_hash}))[model.compat_hash]
    assert (estimate.workers, estimate.seats, estimate.until(0)) == (0, 0, None)


def session(model, *, seats, is_open=True):
    return SessionInfo(
        session_id=uuid4(),
        worker_name=f"w-{uuid4().hex[:6]}@host",
        model_config_name=model.name,
        compat_hash=model.compat_hash,
        max_parallel_requests=seats,
        started_at=timezone.now().isoformat(),
        open=is_open,
    )
