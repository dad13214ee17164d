"""/healthz and /readyz of a real web process, with dependencies that are well, away and frozen."""

import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import psutil  # type: ignore[import-untyped]
import pytest

from tests.live.workers.machines import Machines, until
from tests.tries import once_more

ANSWER_S = 3.0
ALIVE_S = 1.0


def ready(machines: Machines) -> tuple[int, dict[str, Any]]:
    """What /readyz says; it must say it in time."""
    began = time.monotonic()
    answer = machines.web.get("/readyz")
    assert time.monotonic() - began < ANSWER_S
    return answer.status_code, answer.json()


@contextmanager
def frozen(pid: int) -> Iterator[None]:
    """The server and its children do nothing for a while."""
    server = psutil.Process(pid)
    stopped = [server, *server.children(recursive=True)]
    for process in stopped:
        process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        for process in stopped:
            process.send_signal(signal.SIGCONT)


def valkey(machines: Machines) -> int:
    return int(machines.redis.info("server")["process_id"])


def postgres(machines: Machines) -> int:
    return int((machines.postgres.data / "postmaster.pid").read_text().splitlines()[0])


def test_each_dependency_is_told_with_its_state_and_its_age(machines: Machines):
    machines.maintenance()
    until("all is well", lambda: not ready(machines)[1]["degraded"])
    status, report = ready(machines)
    assert status == 200
    assert report["ready"] is True
    checks = report["checks"]
    assert list(checks) == ["database", "channel_layer", "broker", "reconciler"]
    for check in checks.values():
        assert check["ok"] is True
        assert check["state_s"] >= 0
        assert 0 <= check["looked_s"] <= ANSWER_S
    assert checks["reconciler"]["age_s"] < 10
    assert [name for name, check in checks.items() if check["matters"]] == ["database", "channel_layer"]


@pytest.mark.parametrize(("server", "name"), [(valkey, "channel_layer"), (postgres, "database")])
def test_a_dependency_that_hangs_is_told_in_time_and_healed_by_itself(machines: Machines, server, name: str):
    until("all that matters is well", lambda: ready(machines)[0] == 200)
    with frozen(server(machines)):
        until("it is missed", lambda: ready(machines)[0] == 503)
        status, report = ready(machines)
        assert (status, report["ready"], report["checks"][name]["ok"]) == (503, False, False)
        assert report["checks"][name]["error"]
        other = "database" if name == "channel_layer" else "channel_layer"
        assert report["checks"][other]["ok"] is True
        took_s: list[float] = []
        while once_more(took_s, below=ALIVE_S):
            began = time.monotonic()
            assert machines.web.get("/healthz").json() == {"status": "ok"}
            took_s.append(time.monotonic() - began)
        assert min(took_s) < ALIVE_S, took_s
    until("it is well again", lambda: ready(machines)[0] == 200)


def test_any_number_of_probes_look_once(machines: Machines):
    web = psutil.Process(machines.web_process.popen.pid)
    until("all that matters is well", lambda: ready(machines)[0] == 200)
    with frozen(postgres(machines)), ThreadPoolExecutor(40) as pool:
        until("it is missed", lambda: ready(machines)[0] == 503)
        threads = web.num_threads()
        answers = list(pool.map(lambda _: ready(machines), range(120)))
        assert web.num_threads() - threads <= 4
    assert {status for status, _ in answers} == {503}
    until("it is well again", lambda: ready(machines)[0] == 200)


def test_without_a_reconciler_the_site_is_there_and_says_so(machines: Machines):
    machines.redis.delete("reconciler")
    until("it is missed", lambda: "start `celery" in ready(machines)[1]["checks"]["reconciler"].get("error", ""))
    status, report = ready(machines)
    assert (status, report["ready"], report["degraded"]) == (200, True, True)


def test_a_probe_may_name_any_host_and_leaves_no_line(machines: Machines):
    before = machines.web_process.told()
    for path in ("/healthz", "/readyz"):
        answer = machines.web.get(path, headers={"Host": "10.1.2.3:8000"})
        assert answer.status_code in (200, 503)
        assert answer.headers["Cache-Control"] == "no-store"
    assert '"event":"request"' not in machines.web_process.told()[len(before) :]
