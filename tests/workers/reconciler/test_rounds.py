"""The reconciler's rounds on real servers: what was left behind goes on, and nothing else is touched."""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
import redis
from django.conf import settings
from django.utils import timezone
from redis.backoff import NoBackoff
from redis.retry import Retry

from chats.milestones import SHORTEST_QUEUE
from chats.models import Message, Milestones, State
from chats.redis import sync_redis
from chats.repository import work
from chats.repository.ending import requeue
from inference.sessions import DETAILS_KEY, LIVE_KEY, SessionInfo, SyncSessionRegistry
from inference.stream import OK, SyncStreamBuffer
from tests.chats.masses import copies
from workers.models import WorkerEvent
from workers.reconciler import acts, looks
from workers.reconciler.liveness import Liveness
from workers.reconciler.orphans import Held, Orphans
from workers.reconciler.round import Rounds
from workers.reconciler_age import reconciler_age_s


@pytest.fixture
def held(ask, model) -> Held:
    """A reply in progress, without a ticket."""
    ask()
    claimed = work.claim(compat_hash=model.compat_hash, session_id=uuid4(), worker_name="w@host")
    assert claimed is not None
    sync_redis().delete(model.queue_name)
    (row,) = looks.running_messages()
    assert row.message_id == claimed.message_id
    return row


class PlayedWorker:
    """A session's entry in the registry, written as a worker would."""

    def __init__(self, compat_hash: str, session_id: UUID | None = None) -> None:
        self._info = SessionInfo(
            session_id=session_id or uuid4(),
            worker_name="w@host",
            model_config_name="m",
            compat_hash=compat_hash,
            max_parallel_requests=4,
            started_at="2026-01-01T00:00:00+00:00",
            open=True,
        )
        self.session_id = self._info.session_id

    def beat(self, *replies: UUID, is_open: bool = True) -> None:
        names = [str(reply) for reply in replies]
        self._info = replace(self._info, beat=self._info.beat + 1, replies=names, open=is_open)
        SyncSessionRegistry(sync_redis()).beat(self._info)


@pytest.fixture
def rounds(no_sessions) -> Iterator[Rounds]:
    """Rounds whose clocks run out soon."""
    rounds = Rounds(sync_redis(), liveness=Liveness(dead_after_s=0.3), orphans=Orphans(after_s=0.3))
    yield rounds
    rounds.close()


def repeat(rounds: Rounds, until: Callable[[], bool], meanwhile: Callable[[], None] = lambda: None) -> None:
    """Rounds until something is so."""
    deadline = time.monotonic() + 60
    while not until():
        assert time.monotonic() < deadline
        meanwhile()
        rounds.queues_round(rounds.sessions_round())
        time.sleep(0.02)


def state_of(held: Held) -> str:
    return Message.objects.get(pk=held.message_id).state


def test_a_dead_sessions_messages_go_back_with_a_ticket_each_and_its_end_is_stored(rounds, held, model, tickets):
    worker = PlayedWorker(model.compat_hash, held.session_id)
    worker.beat(held.message_id)
    repeat(rounds, lambda: state_of(held) == State.PENDING)
    assert tickets() == 1
    assert Message.objects.get(pk=held.message_id).failures == 1
    assert SyncSessionRegistry(sync_redis()).live() == {}
    (event,) = WorkerEvent.objects.all()
    assert (event.session_id, event.event_type, event.worker_name) == (worker.session_id, "disconnect", "w@host")


def test_a_session_that_beats_keeps_its_messages(rounds, held, model):
    worker = PlayedWorker(model.compat_hash, held.session_id)
    began = time.monotonic()
    repeat(rounds, lambda: time.monotonic() - began > 1, lambda: worker.beat(held.message_id))
    assert state_of(held) == State.IN_PROGRESS


def test_messages_of_a_session_that_is_nowhere_go_back(rounds, held, tickets):
    repeat(rounds, lambda: state_of(held) == State.PENDING)
    assert tickets() == 1


def test_a_flush_throws_nothing_back(rounds, held, model):
    worker = PlayedWorker(model.compat_hash, held.session_id)
    worker.beat(held.message_id)
    rounds.sessions_round()
    sync_redis().delete(LIVE_KEY, DETAILS_KEY)
    rounds.sessions_round()
    began = time.monotonic()
    repeat(rounds, lambda: time.monotonic() - began > 1, lambda: worker.beat(held.message_id))
    assert state_of(held) == State.IN_PROGRESS


def test_a_redis_that_takes_no_beats_proves_nothing_against_a_worker(rounds, held, model):
    worker = PlayedWorker(model.compat_hash, held.session_id)
    worker.beat(held.message_id)
    rounds.sessions_round()
    sync_redis().config_set("maxmemory", 1)
    try:
        began = time.monotonic()
        while time.monotonic() - began < 0.5:
            with pytest.raises(redis.exceptions.OutOfMemoryError):
                worker.beat(held.message_id)
            with pytest.raises(redis.exceptions.OutOfMemoryError):
                rounds.sessions_round()
    finally:
        sync_redis().config_set("maxmemory", 0)
    rounds.sessions_round()
    began = time.monotonic()
    repeat(rounds, lambda: time.monotonic() - began > 0.5, lambda: worker.beat(held.message_id))
    assert state_of(held) == State.IN_PROGRESS


def test_a_claim_that_its_own_worker_never_heard_of_goes_back_and_is_no_failure(rounds, held, model, tickets):
    worker = PlayedWorker(model.compat_hash, held.session_id)
    repeat(rounds, lambda: state_of(held) == State.PENDING, worker.beat)
    assert tickets() == 1
    assert Message.objects.get(pk=held.message_id).failures == 0


def test_a_message_whose_attempts_are_spent_is_aborted_with_its_text(rounds, held):
    Message.objects.filter(pk=held.message_id).update(failures=settings.MAX_ATTEMPTS - 1)
    stream = SyncStreamBuffer(sync_redis())
    stream.open(str(held.message_id), held.attempt, True)
    assert stream.write(str(held.message_id), held.attempt, 0, b"Shown so far", 3, None) is OK
    repeat(rounds, lambda: state_of(held) == State.ABORTED_BY_WORKER)
    message = Message.objects.get(pk=held.message_id)
    assert message.content == "Shown so far"
    assert message.error == f"The worker was lost (given up after {settings.MAX_ATTEMPTS} attempts)"


def test_an_act_on_what_has_changed_meanwhile_changes_nothing(held, tickets):
    seen_before = held._replace(attempt=held.attempt - 1)
    acts.give_on([seen_before], reason="late", failed=True)
    acts.time_out([seen_before])
    assert state_of(held) == State.IN_PROGRESS
    assert tickets() == 0


def test_a_message_that_waited_too_long_times_out(rounds, ask):
    waiting, fresh = ask(), ask()
    long_ago = timezone.now() - timedelta(seconds=settings.ASSISTANT_MESSAGE_TIMEOUT + 1)
    Message.objects.filter(pk=waiting.pk).update(created_at=long_ago, queue_at=long_ago)
    rounds.queues_round([])
    waiting.refresh_from_db()
    fresh.refresh_from_db()
    assert (waiting.state, fresh.state) == (State.TIMEOUT, State.PENDING)
    assert waiting.error == f"No worker took the message within {settings.ASSISTANT_MESSAGE_TIMEOUT} s."
    assert waiting.work_end_at


@pytest.mark.parametrize(("patiences_ago", "state"), [(1.5, State.PENDING), (2.5, State.TIMEOUT)])
def test_a_reply_that_was_begun_and_given_back_has_twice_as_long(rounds, ask, patiences_ago, state):
    message, now = ask(), timezone.now()
    patience = timedelta(seconds=settings.ASSISTANT_MESSAGE_TIMEOUT)
    begun_at = now - patience * patiences_ago
    Message.objects.filter(pk=message.pk).update(queue_at=begun_at, work_begin_at=begun_at)
    rounds.queues_round([])
    message.refresh_from_db()
    assert message.state == state


def test_an_old_message_that_was_put_back_by_an_operator_does_not_time_out_at_once(rounds, ask):
    message = ask()
    long_ago = timezone.now() - timedelta(days=7)
    Message.objects.filter(pk=message.pk).update(created_at=long_ago, queue_at=long_ago, state=State.CANCELLED)
    assert requeue(message.pk)
    rounds.queues_round([])
    message.refresh_from_db()
    assert message.state == State.PENDING


def test_flushed_tickets_are_sent_again_where_a_seat_is_free(rounds, ask, model, tickets):
    for _ in range(3):
        ask()
    sync_redis().delete(model.queue_name)
    worker = PlayedWorker(model.compat_hash)
    repeat(rounds, lambda: tickets() == 3, worker.beat)
    began = time.monotonic()
    repeat(rounds, lambda: time.monotonic() - began > 0.5, worker.beat)
    assert tickets() == 3


def test_no_ticket_is_sent_where_nobody_could_serve(rounds, ask, model, tickets):
    ask()
    sync_redis().delete(model.queue_name)
    worker = PlayedWorker(model.compat_hash)
    began = time.monotonic()
    repeat(rounds, lambda: time.monotonic() - began > 0.5, lambda: worker.beat(is_open=False))
    assert tickets() == 0


def test_a_long_queue_gets_its_milestones(rounds, ask, model):
    copies(ask(), SHORTEST_QUEUE - 1)
    rounds.queues_round([])
    assert Milestones.objects.get(compat_hash=model.compat_hash).message_id
    Message.objects.filter(compat_hash=model.compat_hash).update(state=State.CANCELLED)
    repeat(rounds, lambda: not Milestones.objects.filter(compat_hash=model.compat_hash).exists())


def test_the_age_of_the_last_round_is_told(rounds, transactional_db):
    rounds.queues_round([])
    age = reconciler_age_s(sync_redis())
    assert age is not None
    assert 0 <= age < 60


def test_an_outage_of_redis_is_raised_and_counts_for_nobody(transactional_db):
    with redis.Redis(port=1, retry=Retry(NoBackoff(), 0)) as nowhere:
        rounds = Rounds(nowhere)
        with pytest.raises(redis.ConnectionError):
            rounds.sessions_round()
