"""Compliance checks: who is asked what, the verdict, the score."""

import time
from collections.abc import Callable
from uuid import UUID, uuid4

import pytest
from django.conf import settings
from django.utils import timezone

from chats.models import Message, State
from chats.redis import sync_redis
from chats.repository import work
from chats.repository.work import Result
from inference.model_config import ModelConfig
from inference.queues import session_queue
from inference.sessions import SessionInfo
from workers.compliance import verdict
from workers.compliance.choosing import choose, compliance_round
from workers.compliance.score import scores
from workers.compliance.serving import work_again
from workers.compliance.similarity import similarity
from workers.events import note_connect
from workers.models import CheckState, ComplianceCheck, Worker


class PlayedWorker:
    """A Worker with one session, without a process."""

    def __init__(self, name: str, model: ModelConfig, *, trusted: bool = False) -> None:
        self.row = Worker.objects.create(name=name, trusted=trusted)
        self.session = SessionInfo(
            session_id=uuid4(),
            worker_name=f"{name}@host",
            model_config_name=model.name,
            compat_hash=model.compat_hash,
            max_parallel_requests=4,
            started_at=timezone.now().isoformat(),
            worker_id=self.row.pk,
            open=True,
        )
        note_connect(self.session)

    @property
    def session_id(self) -> UUID:
        return self.session.session_id

    def tickets(self) -> int:
        return int(sync_redis().llen(session_queue(self.session_id)))


Play = Callable[..., PlayedWorker]


@pytest.fixture
def play(transactional_db: None, model: ModelConfig) -> Play:
    return lambda name, **options: PlayedWorker(name, model, **options)


@pytest.fixture
def done(ask: Callable[[], Message], model: ModelConfig) -> Callable[[PlayedWorker], Message]:
    """A reply that the worker has made."""

    def done(worker: PlayedWorker) -> Message:
        ask()
        claimed = work.claim(
            compat_hash=model.compat_hash, session_id=worker.session_id, worker_name=worker.session.worker_name
        )
        assert claimed is not None
        assert work.complete(
            claimed.message_id,
            claimed.attempt,
            Result("Llamas spit.", epoch=1, generated_tokens=3, finish_reason="eos_token"),
        )
        return Message.objects.get(pk=claimed.message_id)

    return done


def test_an_untrusted_worker_is_given_a_reply_of_another_worker_through_its_own_queue(play: Play, done):
    asked, other, trusted = play("asked"), play("other"), play("trusted", trusted=True)
    done(asked)
    message = done(other)
    compliance_round([each.session for each in (asked, other, trusted)])
    by_worker = {check.worker.name: check for check in ComplianceCheck.objects.all()}
    assert set(by_worker) == {"asked", "other"}
    check = by_worker["asked"]
    assert (check.message, check.compare_worker, check.session_id) == (message, other.row, asked.session_id)
    assert [each.tickets() for each in (asked, other, trusted)] == [1, 1, 0]
    compliance_round([asked.session, other.session])  # the interval is not over
    assert ComplianceCheck.objects.count() == 2

    again = work_again(check.pk, message)
    assert again.parameters.seed == message.work_parameters["seed"]
    assert [each.content for each in again.thread] == ["What is a llama?"]


def test_resumed_cancelled_and_own_replies_and_those_of_nobody_known_are_never_given(play: Play, done):
    asked, other = play("asked"), play("other")
    done(asked)
    for change in (
        {"resumptions": [{"at": "now", "attempt": 2, "offset": 3}]},
        {"attempt": 2},
        {"state": State.CANCELLED},
        {"session_id": uuid4()},
        {"compat_hash": "another-1-2-f"},
    ):
        Message.objects.filter(pk=done(other).pk).update(**change)
    assert choose(asked.row, asked.session.compat_hash) is None
    message = done(other)
    assert choose(asked.row, asked.session.compat_hash) == message


def test_a_worker_without_a_free_seat_or_disabled_is_not_asked_and_no_interval_asks_nobody(play: Play, done, settings):
    asked, other = play("asked"), play("other", trusted=True)
    done(other)
    settings.COMPLIANCE_CHECK_INTERVAL = 0
    compliance_round([asked.session])
    settings.COMPLIANCE_CHECK_INTERVAL = 60
    Worker.objects.filter(pk=asked.row.pk).update(enabled=False)
    compliance_round([asked.session])
    assert not ComplianceCheck.objects.exists()


@pytest.fixture
def check(play: Play, done) -> ComplianceCheck:
    asked, other = play("asked"), play("other", trusted=True)
    done(other)
    compliance_round([asked.session])
    check = ComplianceCheck.objects.get()
    assert verdict.begin(check.pk, uuid4()) is None
    assert verdict.begin(check.pk, asked.session_id) is not None
    assert verdict.begin(check.pk, asked.session_id) is None
    return check


def test_the_same_text_passes(check: ComplianceCheck):
    verdict.answer(check.pk, "Llamas spit.")
    compliance_round([])
    check.refresh_from_db()
    assert (check.state, check.similarity, check.error, check.answer) == (CheckState.PASSED, 1.0, "", None)
    assert check.started_at is not None
    assert check.ended_at is not None
    assert check.started_at <= check.ended_at
    assert scores() == {check.worker_id: 0.0, check.compare_worker_id: 0.0}


@pytest.mark.parametrize("action", ["note", "disable"])
def test_another_text_fails_and_disables_the_worker_where_that_is_wanted(check: ComplianceCheck, settings, action: str):
    settings.COMPLIANCE_FAIL_ACTION = action
    verdict.answer(check.pk, "Llamas sing.")
    compliance_round([])
    check.refresh_from_db()
    assert (check.state, check.similarity, check.error) == (CheckState.FAILED, 0.5, "another text")
    assert check.worker.enabled == (action == "note")
    assert check.compare_worker.enabled
    assert scores() == {check.worker_id: 1.0, check.compare_worker_id: 1.0}


def test_an_answer_to_a_message_that_is_gone_has_no_verdict(check: ComplianceCheck):
    assert check.message is not None
    check.message.chat.delete()
    verdict.answer(check.pk, "Llamas spit.")
    verdict.judge_answers()
    check.refresh_from_db()
    assert (check.state, check.answer) == (CheckState.DROPPED, None)


def test_no_answer_in_time_fails_and_a_session_that_ended_is_dropped(check: ComplianceCheck, settings):
    settings.COMPLIANCE_CHECK_TIMEOUT = 0.001
    time.sleep(0.002)
    verdict.end_overdue({check.session_id})
    check.refresh_from_db()
    assert (check.state, check.error) == (CheckState.FAILED, "no answer within 0.001 s")
    ComplianceCheck.objects.update(state=CheckState.RUNNING)
    verdict.end_overdue(set())
    check.refresh_from_db()
    assert check.state == CheckState.DROPPED
    verdict.answer(check.pk, "too late")
    verdict.judge_answers()
    check.refresh_from_db()
    assert check.state == CheckState.DROPPED
    assert scores() == {}


def test_the_score_is_the_failed_part_of_all_checks_that_a_worker_took_part_in(play: Play, done):
    one, two, three = play("one"), play("two"), play("three")
    message = done(two)
    for worker, other, state in (
        (one, two, CheckState.PASSED),
        (one, two, CheckState.FAILED),
        (two, one, CheckState.PASSED),
        (one, two, CheckState.DROPPED),
        (two, one, CheckState.PASSED),
    ):
        ComplianceCheck.objects.create(
            worker=worker.row, compare_worker=other.row, session_id=worker.session_id, message=message, state=state
        )
    assert scores() == {one.row.pk: 0.25, two.row.pk: 0.25}
    assert three.row.pk not in scores()


def test_only_the_same_text_is_similar_to_1():
    assert similarity("a b c", "a b c") == 1.0
    assert similarity("a b c", "a  b c") == 0.9999
    assert similarity("a b", "c d") == 0.0
    assert 0 < similarity("a b c d", "a b x d") < 1


def test_the_limits_are_settings():
    assert settings.COMPLIANCE_CHECK_INTERVAL == 60
    assert settings.COMPLIANCE_CHECK_TIMEOUT == 60
