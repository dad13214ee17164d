"""Tidying up: what is old enough goes, nothing else; sent by beat, done by the maintenance worker."""

import pickle
from datetime import timedelta
from uuid import uuid4

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone

from chats.models import Chat
from chats.redis import sync_redis
from oasst_site.celery import app
from oasst_site.tidying import SCHEDULE, tidy_left_behind, tidy_old
from tests.chats.people import Person
from workers.models import ComplianceCheck, Worker, WorkerEvent

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def redis(redis_url):
    """Deleting a chat tells its readers."""


def chat_of_age(days, **fields):
    chat = Person.arrives().chat()
    long_ago = timezone.now() - timedelta(days=days)
    Chat.objects.filter(pk=chat.pk).update(modified_at=long_ago, created_at=long_ago, **fields)
    return chat


def test_old_hidden_chats_go_and_others_stay(settings):
    settings.RETENTION_HIDDEN_CHATS_DAYS = 30
    chat_of_age(31, hidden=True)
    kept = [chat_of_age(29, hidden=True), chat_of_age(400)]
    tidy_old()
    assert set(Chat.objects.all()) == set(kept)


def test_without_a_setting_hidden_chats_stay(settings):
    settings.RETENTION_HIDDEN_CHATS_DAYS = 0
    kept = chat_of_age(4000, hidden=True)
    tidy_old()
    assert list(Chat.objects.all()) == [kept]


def test_old_worker_events_and_decided_checks_go(settings):
    settings.RETENTION_WORKER_EVENTS_DAYS = settings.RETENTION_COMPLIANCE_CHECKS_DAYS = 30
    long_ago = timezone.now() - timedelta(days=31)
    worker, other = (Worker.objects.create(name=name) for name in ("one", "other"))
    for old in (True, False):
        event = WorkerEvent.objects.create(session_id=uuid4(), worker_name="w", event_type="connect")
        for state in ("passed", "waiting"):
            check = ComplianceCheck.objects.create(
                worker=worker, compare_worker=other, session_id=uuid4(), model_config_name="m", state=state
            )
            if old:
                ComplianceCheck.objects.filter(pk=check.pk).update(created_at=long_ago)
        if old:
            WorkerEvent.objects.filter(pk=event.pk).update(created_at=long_ago)
    tidy_old()
    assert WorkerEvent.objects.count() == 1
    assert sorted(ComplianceCheck.objects.values_list("state", flat=True)) == ["passed", "waiting", "waiting"]


def test_expired_sessions_go():
    now = timezone.now()
    Session.objects.create(session_key="old", session_data="", expire_date=now - timedelta(days=1))
    Session.objects.create(session_key="new", session_data="", expire_date=now + timedelta(days=1))
    tidy_old()
    assert list(Session.objects.values_list("session_key", flat=True)) == ["new"]


def test_transient_chats_that_were_left_behind_go():
    chat_of_age(1, is_transient=True)
    kept = [chat_of_age(0, is_transient=True), chat_of_age(1)]
    tidy_left_behind()
    assert set(Chat.objects.all()) == set(kept)


def test_what_beat_sends_comes_to_the_maintenance_queue():
    client = sync_redis()
    before = client.llen("maintenance")
    for entry in SCHEDULE.values():
        app.send_task(entry["task"], **entry["options"])
    assert client.llen("maintenance") == before + len(SCHEDULE)
    client.delete("maintenance")


def test_beat_can_keep_the_schedule_in_its_file():
    assert pickle.loads(pickle.dumps(SCHEDULE))["old"]["options"]["queue"].routing_key == "maintenance"


def test_beat_sends_each_task_to_the_maintenance_queue_and_lets_it_expire():
    assert app.conf.beat_schedule == SCHEDULE
    for entry in SCHEDULE.values():
        assert entry["task"] in app.tasks
        assert entry["options"]["queue"].name == "maintenance"
        assert entry["options"]["expires"] > 0
