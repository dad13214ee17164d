"""What operators and people order while replies run: end, drain, cancel, look."""

import json
import signal
import subprocess
import sys
import time

from tests.live.workers.machines import ROOT, Machines, Process, until

PACE = 10.0  # tokens per second
ORDER = """
from django.contrib.auth import get_user_model
from django.test import Client
client = Client()
client.force_login(get_user_model().objects.create_superuser({name!r}, password="a long password"))
answer = client.post("/admin/workers/live/drain/", {{"of": {of!r}}}, headers={{"host": "localhost"}})
assert answer.status_code == 302, answer.content
"""
LONG = 300  # tokens: half a minute, unless the engine is told to hurry


def node(machines: Machines, worker: Process) -> str:
    """The worker's Celery node name."""
    session = machines.session(worker.name)
    assert session is not None
    return session.worker_name


def test_drained_workers_end_in_order_and_their_replies_go_on_elsewhere_in_mid_sentence(machines: Machines):
    model = machines.new_model()
    engine = machines.engine(model, PACE)
    replies = [machines.ask(model, LONG) for _ in range(3)]
    first = machines.worker(model, engine)
    for reply in replies:
        reply.is_under_way()
    second = machines.worker(model, engine)

    began = time.monotonic()
    first.signal(signal.SIGTERM)
    assert first.wait() == 0
    assert time.monotonic() - began < 5
    assert machines.session(first.name) is None
    until("the other worker has them", lambda: all(reply.row()["attempt"] == 2 for reply in replies))

    machines.worker(model, engine)
    engine.hurry()
    machines.celery("control", "drain", "-t", "10", "-d", node(machines, second))
    began = time.monotonic()
    assert second.wait() == 0
    assert time.monotonic() - began < 5
    assert machines.session(second.name) is None
    for reply in replies:
        row = reply.is_whole()
        assert (row["attempt"], [each["attempt"] for each in row["resumptions"]]) == (3, [2, 3])


def test_a_cancel_closes_the_engines_connection_within_200_ms_and_keeps_the_text(machines: Machines):
    model = machines.new_model()
    engine = machines.engine(model, PACE)
    machines.worker(model, engine)
    took_s = []
    for _ in range(3):  # a machine that is busy with something else may take its time once
        reply = machines.ask(model, LONG)
        reply.is_under_way(20)
        began = time.time()
        machines.web.post(f"{reply.path}/cancel").raise_for_status()
        until("the engine has noticed", lambda: not engine.requests()["open"])
        request = engine.requests()["latest"][0]
        assert request["state"] == "cancelled"
        took_s.append(request["ended_at"] - began)
        row = reply.final()
        assert row["state"] == "cancelled"
        assert len(row["content"].encode()) >= 20
    assert min(took_s) < 0.2, took_s


def test_the_command_line_shows_what_runs_and_cancels_what_runs_or_waits(machines: Machines):
    model = machines.new_model()
    engine = machines.engine(model, PACE)
    worker, maintenance = machines.worker(model, engine), machines.maintenance()
    reply, waiting = machines.ask(model, LONG), machines.ask(machines.new_model())
    reply.is_under_way()
    name = node(machines, worker)
    maintenance_name = name.replace(worker.name, maintenance.name)
    both = ("-t", "10", "-d", f"{name},{maintenance_name}")

    told = json.loads(machines.celery("inspect", "session", "-j", *both))
    assert (told[name]["model"], told[name]["open"], told[name]["in_flight"]) == (model, True, 1)
    assert told[name]["hardware"]["cpu_count_logical"]
    assert told[maintenance_name] == {"role": "maintenance"}

    (running,) = json.loads(machines.celery("inspect", "in_flight", "-j", *both))[name]
    assert (running["message_id"], running["attempt"]) == (reply.id, 1)
    assert running["tokens"] > 0

    for each in (reply, waiting):
        assert f"message {each.id} is cancelled" in machines.celery("control", "cancel", *both, each.id)
        assert each.final()["state"] == "cancelled"
    assert "is no message id" in machines.celery("control", "cancel", *both, "nonsense")


def test_the_admins_live_page_drains_a_session(machines: Machines):
    model = machines.new_model()
    worker = machines.worker(model, machines.engine(model))
    order = ORDER.format(name=f"operator-{model}", of=node(machines, worker))
    subprocess.run(
        [sys.executable, "manage.py", "shell", "-v", "0", "-c", order], cwd=ROOT, env=dict(machines.environ),
        check=True, timeout=120,
    )  # fmt: skip
    assert worker.wait() == 0
    assert "control drain" in worker.told()
