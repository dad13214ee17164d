"""/metrics over real rows and sessions."""

from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from chats.models import Chat, Message, Role, State
from chats.redis import sync_redis
from inference.sessions import DETAILS_KEY, LIVE_KEY, SessionInfo, SyncSessionRegistry
from oasst_site.accounts.models import User
from oasst_site.stack.ports import free_port
from workers.metrics.errors import kind_of
from workers.reconciler_age import note_round

Scrape = Callable[..., dict[tuple[str, tuple[str, ...]], float]]


@pytest.fixture
def scrape(db: None, empty_redis) -> Scrape:
    def scrape() -> dict[tuple[str, tuple[str, ...]], float]:
        answer = Client().get("/metrics")
        assert answer.status_code == 200
        assert answer.headers["Content-Type"].startswith("text/plain; version=")
        return {
            (sample.name, tuple(sample.labels.values())): sample.value
            for family in text_string_to_metric_families(answer.content.decode())
            for sample in family.samples
        }

    return scrape


@pytest.fixture
def reply(db: None) -> Callable[..., Message]:
    user = User.objects.create(username=f"person-{uuid4().hex[:8]}")

    def reply(state: State, **fields) -> Message:
        chat = Chat.objects.create(user=user)
        prompt = Message.objects.create(chat=chat, role=Role.PROMPTER, state=State.MANUAL, content="?")
        now = timezone.now()
        made = Message.objects.create(
            chat=chat, parent=prompt, role=Role.ASSISTANT, state=state, model_config_name="m", compat_hash="m-2-1-f",
            content="!", queue_at=now, session_id=uuid4(), **fields,
        )  # fmt: skip
        Message.objects.filter(pk=made.pk).update(created_at=now - timedelta(seconds=10))
        return made

    return reply


def test_queues_waits_first_tokens_and_errors_are_told_as_postgres_has_them(scrape: Scrape, reply):
    now = timezone.now()
    for _ in range(3):
        reply(State.PENDING)
    reply(State.IN_PROGRESS, work_begin_at=now)
    for wait in (2, 4):
        begun = now - timedelta(seconds=10 - wait)
        reply(State.COMPLETE, work_begin_at=begun, first_token_at=begun + timedelta(seconds=wait / 2), work_end_at=now)
    reply(State.ABORTED_BY_WORKER, error="The model's engine fell silent (4 times in a row)", work_end_at=now)
    reply(State.TIMEOUT, error="No worker took the message within 3600 s.", work_end_at=now)
    reply(State.COMPLETE, work_end_at=now - timedelta(hours=1))
    told = scrape()
    assert told["oasst_queue_depth", ("m",)] == 3
    assert told["oasst_replies_in_progress", ("m",)] == 1
    assert told["oasst_queue_oldest_wait_seconds", ("m",)] == pytest.approx(10, abs=5)
    assert told["oasst_queue_wait_seconds", ("m", "0.5")] == pytest.approx(3, abs=0.5)
    assert told["oasst_first_token_seconds", ("m", "0.95")] == pytest.approx(1.95, abs=0.1)
    assert told["oasst_replies_ended", ("m", "complete")] == 2
    assert told["oasst_errors", ("engine_silent", "m")] == 1
    assert told["oasst_errors", ("not_taken", "m")] == 1
    assert told["oasst_source_up", ("postgres",)] == 1


def test_sessions_and_the_reconciler_are_told_as_redis_has_them(scrape: Scrape):
    assert not any(name == "oasst_reconciler_age_seconds" for name, _ in scrape())
    note_round(sync_redis())
    for is_open in (True, False):
        SyncSessionRegistry(sync_redis()).beat(
            SessionInfo(
                session_id=uuid4(),
                worker_name="w@h",
                model_config_name="m",
                compat_hash="m-2-1-f",
                max_parallel_requests=8,
                started_at="",
                open=is_open,
                replies=["a"],
                metrics={"tokens_per_s": 12.5, "gpus": [{"gpu_usage": 97.0, "mem_usage": 81.5}]},
            )
        )
    told = scrape()
    sync_redis().delete(LIVE_KEY, DETAILS_KEY)
    assert told["oasst_worker_sessions", ("m", "true")] == 1
    assert told["oasst_worker_sessions", ("m", "false")] == 1
    assert told["oasst_worker_seats", ("m",)] == 8
    assert told["oasst_worker_in_flight", ("m",)] == 2
    assert told["oasst_tokens_per_second", ("m",)] == 25
    assert told["oasst_gpu_usage_percent", ("0", "m", "w@h")] == 97
    assert told["oasst_gpu_memory_usage_percent", ("0", "m", "w@h")] == 81.5
    assert told["oasst_reconciler_age_seconds", ()] < 60


def test_a_broker_of_its_own_that_is_away_is_told_and_the_rest_as_well(scrape: Scrape, settings):
    assert scrape()["oasst_source_up", ("broker",)] == 1
    settings.CELERY_BROKER_URL = f"amqp://guest:guest@127.0.0.1:{free_port()}//"
    told = scrape()
    assert told["oasst_source_up", ("broker",)] == 0
    assert told["oasst_source_up", ("redis",)] == told["oasst_source_up", ("postgres",)] == 1


def test_with_a_token_only_its_bearer_reads(scrape: Scrape, settings):
    settings.METRICS_TOKEN = "for-prometheus"
    assert Client().get("/metrics").status_code == 401
    assert Client().get("/metrics", headers={"Authorization": "Bearer another"}).status_code == 401
    assert Client().get("/metrics", headers={"Authorization": "Bearer for-prometheus"}).status_code == 200


def test_an_error_of_no_known_kind_is_counted_as_other():
    assert kind_of("Something new") == "other"
    assert kind_of("The worker was lost (given up after 5 attempts)") == "worker_lost"
