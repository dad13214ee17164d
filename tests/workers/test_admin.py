"""Workers in the Django admin."""

import re
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from chats.models import Pause
from chats.redis import sync_redis
from inference.model_config import ModelConfig
from inference.sessions import SessionInfo, SyncSessionRegistry
from oasst_site.accounts.models import User
from workers.admin.plot import plot
from workers.events import note_connect
from workers.identity import identify
from workers.metrics.history import note_sample, samples
from workers.models import CheckState, ComplianceCheck, Worker, WorkerKey
from workers.reconciler_age import note_round

LIVE = "admin:workers_live"


@pytest.fixture
def operator(db: None) -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("operator", password="for this test"))
    return client


@pytest.fixture
def session(empty_redis, model: ModelConfig, db: None) -> SessionInfo:
    info = SessionInfo(
        session_id=uuid4(),
        worker_name="gpu-1@host",
        worker_id=Worker.objects.create(name="gpu-1").pk,
        model_config_name=model.name,
        compat_hash=model.compat_hash,
        max_parallel_requests=4,
        started_at="2026-01-01T00:00:00+00:00",
        open=True,
        replies=["a"],
        metrics={
            "cpu_usage": 12.0,
            "mem_usage": 34.0,
            "tokens_per_s": 56.5,
            "gpus": [{"gpu_usage": 78, "mem_usage": 90}],
        },
        hardware={
            "cpu_count_logical": 16,
            "mem_total": 64 * 2**30,
            "gpus": [{"name": "NVIDIA H200", "total_memory": 141 * 2**30}],
        },
    )
    SyncSessionRegistry(sync_redis()).beat(info)
    note_connect(info)
    return info


def test_a_new_worker_gets_a_key_that_is_shown_once(operator: Client):
    form = {"name": "gpu-7", "enabled": "on", "keys-TOTAL_FORMS": 0, "keys-INITIAL_FORMS": 0}
    page = operator.post(reverse("admin:workers_worker_add"), form, follow=True)
    (key,) = re.findall(r"oasst_worker_[\w-]{40,}", page.content.decode())
    identity = identify(key)
    assert identity is not None
    assert identity.name == "gpu-7"
    for address in (
        reverse("admin:workers_worker_change", args=[identity.worker_id]),
        reverse("admin:workers_workerkey_changelist"),
    ):
        text = operator.get(address).content.decode()
        assert key not in text
        assert key[:19] in text


def test_keys_are_made_up_to_two_and_revoked_and_workers_disabled_and_enabled(operator: Client, db: None):
    worker = Worker.objects.create(name="gpu-1")

    def order(page: str, action: str, pk: int) -> str:
        form = {"action": action, "_selected_action": [pk]}
        return operator.post(reverse(f"admin:workers_{page}_changelist"), form, follow=True).content.decode()

    for _ in range(2):
        assert "shown this once" in order("worker", "issue_key", worker.pk)
    assert "has 2 good keys already" in order("worker", "issue_key", worker.pk)
    key = WorkerKey.objects.first()
    assert key is not None
    assert "Revoked 1 keys" in order("workerkey", "revoke", key.pk)
    assert WorkerKey.objects.good().count() == 1
    order("worker", "disable", worker.pk)
    assert not Worker.objects.get().enabled
    order("worker", "enable", worker.pk)
    assert Worker.objects.get().enabled


def test_the_list_tells_the_score_and_none_where_there_is_none(operator: Client, db: None):
    asked, other, idle = (Worker.objects.create(name=name) for name in ("asked", "other", "idle"))
    for state in (CheckState.PASSED, CheckState.PASSED, CheckState.PASSED, CheckState.FAILED):
        ComplianceCheck.objects.create(worker=asked, compare_worker=other, session_id=uuid4(), state=state)
    page = operator.get(reverse("admin:workers_worker_changelist")).content.decode()
    told = re.findall(r'field-score">([^<]*)<', page)
    assert sorted(told) == ["25%", "25%", "–"]
    assert idle.name in page
    assert "25%" not in operator.get(reverse("admin:workers_compliancecheck_changelist")).content.decode()


def test_the_live_page_shows_sessions_queues_and_plots(operator: Client, session: SessionInfo):
    note_round(sync_redis())
    for waiting in (1, 9, 4):
        note_sample(sync_redis(), waiting=waiting, tokens_per_s=waiting * 10)
    for name in (f"{LIVE}_changelist", f"{LIVE}_now"):
        page = " ".join(operator.get(reverse(name)).content.decode().split())
        assert "gpu-1@host" in page
        assert "<td>gpu-1</td>" in page
        assert "<td>1 of 4</td>" in page
        assert "NVIDIA H200 141.0 GiB: 78 % busy, 90 % full" in page
        assert "<td>12 % of 16</td><td>34 % of 64.0 GiB</td>" in page
        assert session.model_config_name in page
        assert "Replies that wait: 4 now, at most 9 in the last hour" in page
        assert "Tokens per second: 40 now, at most 90 in the last hour" in page
        assert " style=" not in page.split("<div id=")[-1].split("<form")[0]


def test_queues_and_the_service_are_paused_and_go_on(operator: Client, session: SessionInfo):
    for of in (session.compat_hash, ""):
        operator.post(reverse(f"{LIVE}_pause"), {"of": of})
        assert Pause.objects.get().pk == of
        page = operator.get(reverse(f"{LIVE}_now")).content.decode()
        assert "paused" in page or "in maintenance" in page
        operator.post(reverse(f"{LIVE}_resume"), {"of": of})
        assert not Pause.objects.exists()


def test_orders_are_posts_of_those_who_may_change(operator: Client, session: SessionInfo):
    assert operator.get(reverse(f"{LIVE}_drain")).status_code == 403
    client = Client()
    client.force_login(User.objects.create_user("staff", password="for this test", is_staff=True))
    for order in ("drain", "pause", "resume"):
        assert client.post(reverse(f"{LIVE}_{order}"), {"of": session.compat_hash}).status_code == 403
    assert client.get(reverse(f"{LIVE}_changelist")).status_code == 403
    assert client.get(reverse(f"{LIVE}_now")).status_code == 403
    assert Client().get(reverse(f"{LIVE}_now")).status_code == 302
    assert not Pause.objects.exists()


def test_events_are_only_to_look_at(operator: Client, session: SessionInfo):
    page = operator.get(reverse("admin:workers_workerevent_changelist")).content.decode()
    assert "gpu-1@host" in page
    assert operator.get(reverse("admin:workers_workerevent_add")).status_code == 403


def test_the_hour_is_kept_and_no_more(empty_redis):
    for number in range(365):
        note_sample(sync_redis(), waiting=number, tokens_per_s=0.0)
    kept = samples(sync_redis())
    assert [kept[0].waiting, kept[-1].waiting, len(kept)] == [5, 364, 360]


def test_a_plot_joins_no_points_with_a_gap_between_them():
    import time

    now = time.time()
    drawn = plot("Depth & co", [(now - 200, 1), (now - 190, 2), (now - 20, 3), (now - 10, 4)])
    assert drawn.count("M") == 2
    assert drawn.count("L") == 2
    assert "Depth &amp; co: 4 now, at most 4" in drawn
    assert "0 now, at most 0" in plot("Empty", [])
