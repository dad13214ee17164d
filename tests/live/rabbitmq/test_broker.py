"""RabbitMQ as the broker, a real one: what holds over Redis holds over it, and it may be away too."""

import json
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime

import pytest

from tests.live.rabbitmq.server import IS_INSTALLED, RabbitServer
from tests.live.workers.machines import Machines, until
from tests.live.workers.machines import machines as running_machines
from tests.servers import open_the_way

pytestmark = pytest.mark.skipif(
    not IS_INSTALLED, reason="there is no rabbitmq-server on this machine (Debian: apt install rabbitmq-server)"
)

PACE = 10.0  # tokens per second
LONG = 300  # tokens: half a minute, unless the engine is told to hurry
ANSWERS_WITHIN_S = 3.0


@pytest.fixture(scope="module")
def rabbit(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RabbitServer]:
    with RabbitServer(tmp_path_factory.mktemp("rabbitmq")).running() as server:
        yield server


@pytest.fixture(scope="module")
def servers(rabbit: RabbitServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machines]:
    folder = tmp_path_factory.mktemp("machines")
    open_the_way(folder)
    with running_machines(folder, CELERY_BROKER_URL=rabbit.url) as machines:
        machines.maintenance()
        yield machines


@pytest.fixture
def machines(servers: Machines) -> Iterator[Machines]:
    before = servers.started
    yield servers
    servers.end_since(before)


@contextmanager
def dead(rabbit: RabbitServer) -> Iterator[None]:
    rabbit.kill()
    try:
        yield
    finally:
        rabbit.start()


@contextmanager
def hung(rabbit: RabbitServer) -> Iterator[None]:
    rabbit.send(signal.SIGSTOP)
    try:
        yield
    finally:
        rabbit.send(signal.SIGCONT)


def test_a_ticket_starts_its_reply_at_once(machines: Machines):
    """Sooner than the reconciler would send another one, which takes two of its rounds."""
    model = machines.new_model()
    machines.worker(model, machines.engine(model))
    took = []
    for _ in range(5):
        row = machines.ask(model, 5).is_whole()
        begun, asked = (datetime.fromisoformat(row[name]) for name in ("work_begin_at", "created_at"))
        took.append((begun - asked).total_seconds())
    assert min(took) < 0.5, took


def test_the_replies_of_drained_and_lost_workers_go_on_elsewhere_in_mid_sentence(machines: Machines):
    model = machines.new_model()
    engine = machines.engine(model, PACE)
    drained = machines.worker(model, engine)
    replies = [machines.ask(model, LONG) for _ in range(3)]
    for reply in replies:
        reply.is_under_way()
    killed = machines.worker(model, engine)
    drained.signal(signal.SIGTERM)
    assert drained.wait() == 0
    until("the other worker has them", lambda: all(reply.row()["attempt"] == 2 for reply in replies))
    engine.hurry()
    machines.worker(model, engine)
    killed.kill()
    for reply in replies:
        row = reply.is_whole()
        assert (row["attempt"], len(row["resumptions"])) == (3, 2)


@pytest.mark.parametrize("away", [dead, hung])
def test_while_the_broker_is_away_replies_run_on_and_new_ones_are_taken_and_made_later(
    machines: Machines, rabbit: RabbitServer, away: Callable[[RabbitServer], AbstractContextManager[None]]
):
    model = machines.new_model()
    engine = machines.engine(model, PACE)
    machines.worker(model, engine)
    running = machines.ask(model, 40)
    running.is_under_way()
    with away(rabbit):
        asked = []
        for _ in range(3):
            began = time.monotonic()
            asked.append(machines.ask(model, 5))
            assert time.monotonic() - began < ANSWERS_WITHIN_S
        until("it is told", lambda: not machines.web.get("/readyz").json()["checks"]["broker"]["ok"])
        assert 'oasst_source_up{source="broker"} 0.0' in machines.web.get("/metrics").text
        assert running.is_whole()["attempt"] == 1
    for reply in asked:
        assert reply.is_whole()["attempt"] == 1


def test_a_workers_own_queue_does_not_outlive_it_for_long(machines: Machines, rabbit: RabbitServer):
    model = machines.new_model()
    machines.worker(model, machines.engine(model))
    told = json.loads(rabbit.ctl("list_queues", "name", "arguments", "--formatter", "json"))
    sessions = [each for each in told if each["name"].startswith("session.")]
    assert sessions
    assert all("x-expires" in str(each["arguments"]) for each in sessions), sessions
