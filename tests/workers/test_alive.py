"""The file that shows probes whether a worker process is stuck."""

import time
from pathlib import Path

import pytest

from workers.alive import show_alive
from workers.reconciler.timer import ReconcilerThread


def test_without_a_setting_nothing_is_touched(settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    settings.ALIVE_FILE = ""
    monkeypatch.chdir(tmp_path)
    show_alive()
    assert not list(tmp_path.iterdir())


def test_a_place_that_cannot_be_written_is_told_once_and_harms_nothing(settings, tmp_path: Path, caplog):
    settings.ALIVE_FILE = str(tmp_path / "no such folder" / "alive")
    show_alive()
    show_alive()
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "no such folder" in caplog.text


def test_a_maintenance_worker_is_alive_while_postgres_and_redis_are_away(
    settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    alive = tmp_path / "alive"
    settings.ALIVE_FILE = str(alive)
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    thread = ReconcilerThread()
    thread.start()
    try:
        deadline = time.monotonic() + 60
        first = 0.0
        while (now := alive.stat().st_mtime if alive.exists() else 0.0) == first or not first:
            first = first or now
            assert time.monotonic() < deadline
            time.sleep(0.01)
    finally:
        thread.stop()
