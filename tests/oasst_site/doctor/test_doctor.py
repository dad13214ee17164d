"""`manage.py doctor`: each thing is broken for real, and named with the way to mend it."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from uuid import uuid4

import pytest
import redis
from django.contrib.auth import get_user_model
from django.db import connection

from chats.redis import sync_redis
from inference.sessions import DETAILS_KEY, LIVE_KEY, SessionInfo, SyncSessionRegistry
from oasst_site.doctor import machine, servers, service
from oasst_site.doctor.finding import fine
from oasst_site.doctor.looking import examine
from oasst_site.stack.ports import free_port
from oasst_site.stack.valkey import ValkeyServer
from tests.servers import running
from tests.tries import once_more
from workers.reconciler_age import KEPT_S, KEY, note_round

ROOT = Path(__file__).resolve().parents[3]


def doctor(*arguments: str, **environ: str) -> tuple[int, dict, str]:
    """What a process of its own says, as a program reads it."""
    ended = subprocess.run(
        [sys.executable, "manage.py", "doctor", "--json", *arguments],
        cwd=ROOT, env=os.environ | environ, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    return ended.returncode, json.loads(ended.stdout), ended.stderr


def levels(look, about=None):
    """What a look finds: (level, what it says with how to mend it)."""
    return [(each.level, f"{each.says} -> {each.mend}") for each in look() if about in (None, each.about)]


def test_all_is_well_where_all_is_well(db, empty_redis):
    note_round(sync_redis())
    for look in (
        servers.database,
        servers.the_broker,
        servers.channel_layer,
        service.reconciler,
        service.the_catalogue,
    ):
        assert {level for level, _ in levels(look)} <= {"ok", "warning"}, look


def test_settings_that_cannot_be_read_are_the_one_thing_that_is_said():
    code, told, _ = doctor(SECRET_KEY="", DEBUG="false")
    assert code == 1
    (bad,) = [each for each in told["findings"] if each["level"] == "error"]
    assert bad["about"] == "start"
    assert bad["says"].startswith("SECRET_KEY is empty")
    assert told["findings"][-1]["level"] == "skipped"


def test_servers_that_are_away_are_each_named_and_no_password_is(tmp_path):
    gone = free_port()
    took: list[float] = []
    while once_more(took, below=45):
        began = time.monotonic()
        code, told, errors = doctor(
            DATABASE_URL=f"postgres://me:hunter2hunter2@127.0.0.1:{gone}/x",
            REDIS_URL=f"redis://:hunter2hunter2@127.0.0.1:{gone}",
        )
        took.append(time.monotonic() - began)
    assert min(took) < 45, took
    assert code == 1
    bad = {each["about"] for each in told["findings"] if each["level"] == "error"}
    assert {"database", "redis", "broker", "channel layer", "workers", "reconciler"} <= bad
    assert all(each["mend"] for each in told["findings"] if each["level"] == "error")
    assert "hunter2" not in json.dumps(told) + errors


def test_servers_that_take_a_connection_and_never_answer_do_not_hold_it_up():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"127.0.0.1:{silent.getsockname()[1]}"
        _, told, _ = doctor(DATABASE_URL=f"postgres://me@{address}/x", REDIS_URL=f"redis://{address}")
    bad = {each["about"] for each in told["findings"] if each["level"] == "error"}
    assert {"database", "redis", "broker", "channel layer"} <= bad


def test_a_look_that_hangs_is_told_and_left():
    forever = threading.Event()

    def hangs():
        yield fine("slow", "so far so good")
        forever.wait()

    said: list[str] = []
    looks = {"slow": hangs, "quick": lambda: iter([fine("quick", "done")])}
    found = list(examine(looks, said.append, within_s=0.2))
    assert said == ["waiting for slow, 0.2 s at most"]
    forever.set()
    assert [[each.level for each in findings] for findings in found] == [["ok", "error"], ["ok"]]
    assert "it hangs" in found[0][1].says


@pytest.mark.django_db(transaction=True)
def test_migrations_that_are_missing_and_migrations_of_a_newer_version_are_told(redis_url):
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE django_migrations SET name = 'x_of_tomorrow' WHERE app = 'chats' AND name = '0001_initial'"
        )
        try:
            found = levels(servers.database, "migrations")
        finally:
            cursor.execute("UPDATE django_migrations SET name = '0001_initial' WHERE name = 'x_of_tomorrow'")
    assert [level for level, _ in found] == ["error", "warning"]
    assert "chats.0001_initial -> python manage.py migrate" in found[0][1]
    assert "chats.x_of_tomorrow" in found[1][1]


@pytest.mark.django_db(transaction=True)
def test_a_superuser_with_a_known_password_is_told(redis_url, settings):
    settings.DEBUG = False
    admin = get_user_model().objects.create_superuser("admin", password="admin")
    try:
        assert levels(servers.database, "accounts") == [
            ("error", "the superuser admin has the password admin -> python manage.py changepassword admin")
        ]
        admin.set_password("another one that is long")
        admin.save()
        assert levels(servers.database, "accounts") == []
    finally:
        admin.delete()


def test_a_redis_that_forgets_is_told(tmp_path, settings):
    tmp_path.chmod(0o711)
    server = ValkeyServer(data=tmp_path / "valkey", port=free_port(), password="of-this-test", keep=False)
    settings.REDIS_URL = server.url
    with running(server, tmp_path / "log") as process:
        with redis.Redis.from_url(server.url) as client:
            client.config_set("maxmemory-policy", "allkeys-lru")
        told = "\n".join(text for _, text in levels(servers.redis_server))
        assert "maxmemory-policy is allkeys-lru" in told
        assert "appendonly is off" in told
        assert "of-this-test" not in told
        process.send_signal(signal.SIGSTOP)
        try:
            ((found,),) = examine({"redis": servers.redis_server}, print, within_s=5)
            assert found.level == "error"
        finally:
            process.send_signal(signal.SIGCONT)


def seconds(beginning: str, told: str) -> float:
    found = re.match(rf"{beginning} ([\d.]+) s ", told)
    assert found, told
    return float(found[1])


def test_clocks_that_differ_are_told(db, monkeypatch):
    there = time.time
    monkeypatch.setattr(time, "time", lambda: there() - 60)
    began = time.monotonic()
    (told,) = levels(servers.database, "clocks")
    assert told[0] == "warning"
    assert 60 <= seconds("Postgres is", told[1]) < 61 + time.monotonic() - began
    assert "ahead of this machine" in told[1]


def test_a_reconciler_that_is_late_or_was_never_there_is_told(empty_redis):
    assert levels(service.reconciler)[0][0] == "error"
    began = time.monotonic()
    empty_redis.set(KEY, b"1", ex=KEPT_S - 60)
    ((level, told),) = levels(service.reconciler)
    assert level == "error"
    assert 60 <= seconds("its last round was", told) <= 61 + time.monotonic() - began


def test_workers_are_counted_and_what_keeps_one_closed_is_told(empty_redis):
    assert "every reply waits" in levels(service.workers)[0][1]
    for is_open, because in ((True, ""), (False, "the engine at http://gpu is not healthy")):
        info = SessionInfo(
            session_id=uuid4(), worker_name=f"w-{is_open}@h", model_config_name="demo", compat_hash="another-2-1-f",
            max_parallel_requests=1, started_at="", open=is_open, closed_because=because,
        )  # fmt: skip
        SyncSessionRegistry(empty_redis).beat(info)
    told = "\n".join(text for _, text in levels(service.workers))
    empty_redis.delete(LIVE_KEY, DETAILS_KEY)
    assert "w-False@h takes no work: the engine at http://gpu is not healthy" in told
    assert "1 of demo" in told
    assert "serves another-2-1-f, which this catalogue does not have" in told


def test_an_engine_is_held_against_the_catalogue(monkeypatch, tmp_path):
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    monkeypatch.setenv("INFERENCE_SERVER_URL", url)
    monkeypatch.setenv("MODEL_CONFIG_NAME", "Qwen2.5-7B")
    assert "does not answer" in levels(service.the_engine)[0][1]
    process = subprocess.Popen(
        [sys.executable, "-m", "inference.demo_tgi", "--port", str(port), "--model", "demo"],
        cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        deadline = time.monotonic() + 60
        while "does not answer" in (told := levels(service.the_engine)[0][1]):
            assert time.monotonic() < deadline, told
        assert "the catalogue's Qwen2.5-7B is 'Qwen/Qwen2.5-7B-Instruct'" in told
        monkeypatch.setenv("MODEL_CONFIG_NAME", "demo")
        assert levels(service.the_engine)[0][0] == "ok"
    finally:
        process.terminate()
        process.wait()


def test_a_catalogue_with_a_mistake_and_a_model_that_is_not_in_it_are_told(monkeypatch, tmp_path):
    monkeypatch.setenv("MODEL_CONFIG_NAME", "no-such-model")
    assert "unknown model 'no-such-model'" in levels(service.the_catalogue)[1][1]
    (file := tmp_path / "models.toml").write_text("[models.x]\nmodel_id = 3\n")
    monkeypatch.setenv("OASST_MODELS_FILE", str(file))
    ((level, told),) = levels(service.the_catalogue)
    assert level == "error"
    assert str(file) in told


def test_static_files_that_were_not_collected_are_told(settings, tmp_path):
    settings.STATIC_ROOT = tmp_path
    assert "collectstatic" in levels(service.static_files)[0][1]
    (tmp_path / "staticfiles.json").write_text(json.dumps({"paths": {"vendor/marked/x.js": "y"}}))
    assert "libraries are missing: dompurify" in levels(service.static_files)[0][1]


def test_packages_of_other_versions_and_missing_ones_are_told(tmp_path):
    (file := tmp_path / "base.txt").write_text("django==1.0\nno-such-package-of-ours==1.2\ncelery==5.6.3\n")
    found = levels(lambda: machine.packages((file,)))
    assert [level for level, _ in found] == ["error", "warning"]
    assert "no-such-package-of-ours" in found[0][1]
    assert "(pinned: 1.0)" in found[1][1]


def test_a_file_with_secrets_that_others_may_read_is_told(tmp_path, monkeypatch):
    (key := tmp_path / "key").write_text("k")
    key.chmod(0o644)
    monkeypatch.setenv("LOCAL_DIR", str(tmp_path))
    monkeypatch.setenv("API_KEY_FILE", str(key))
    ((level, told),) = levels(machine.secret_files)
    assert (level, told.endswith(f"chmod 600 {key}")) == ("warning", True)
    key.chmod(0o600)
    assert [level for level, _ in levels(machine.secret_files)] == ["ok"]
    key.unlink()
    assert "is no file" in levels(machine.secret_files)[0][1]


def test_a_proxy_that_cannot_be_reached_is_told():
    assert "cannot be reached" in levels(lambda: service.outside(f"http://127.0.0.1:{free_port()}"))[0][1]
