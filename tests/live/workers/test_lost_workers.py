"""A worker that is killed, frozen or cut off: its replies go on elsewhere, from where they were."""

import signal
import time

from tests.live.workers.machines import Engine, Machines, Reply, until

PACE = 10.0  # tokens per second
LONG = 300  # tokens: half a minute, unless the engine is told to hurry


def begun(machines: Machines, model: str, engine: Engine, count: int = 1) -> list[Reply]:
    """Replies that are all under way, slowly; whatever begins after them comes at once."""
    replies = [machines.ask(model, LONG) for _ in range(count)]
    for reply in replies:
        reply.is_under_way()
    engine.hurry()
    return replies


def test_the_replies_of_a_killed_worker_go_on_within_six_seconds_whoever_reconciles(machines: Machines):
    model = machines.new_model()
    engine = machines.engine(model, PACE)
    reconciler, other = machines.maintenance(), machines.maintenance()
    killed = machines.worker(model, engine)
    replies = begun(machines, model, engine, 2)
    survivor = machines.worker(model, engine)
    reconciler.kill()
    until("the other one reconciles", lambda: "is the reconciler now" in other.told())
    killed.kill()
    began = time.monotonic()
    shown = {reply.id: reply.shown() for reply in replies}
    until("all go on", lambda: all(reply.shown() > shown[reply.id] for reply in replies), patience_s=10)
    assert time.monotonic() - began <= 6
    for reply in replies:
        row = reply.is_whole()
        assert row["worker_name"].startswith(survivor.name)
        (resumption,) = row["resumptions"]
        assert (resumption["attempt"], resumption["offset"]) == (2, shown[reply.id])


def test_a_worker_that_was_frozen_for_six_seconds_writes_nothing_more(machines: Machines):
    model = machines.new_model()
    engine = machines.engine(model, PACE)
    machines.maintenance()
    zombie = machines.worker(model, engine)
    (reply,) = begun(machines, model, engine)
    machines.worker(model, engine)
    zombie.signal(signal.SIGSTOP)
    frozen = time.monotonic()
    whole = reply.is_whole()
    until("six seconds are over", lambda: time.monotonic() - frozen > 6)
    zombie.signal(signal.SIGCONT)
    until("it has let go", lambda: "taken over by somebody else" in zombie.told())
    assert reply.is_whole() == whole
    # Forgotten as dead, it comes back by itself.
    until("it is back", lambda: machines.session(zombie.name))


def test_a_flush_of_everything_loses_no_reply_neither_running_nor_waiting(machines: Machines):
    model = machines.new_model(max_parallel_requests=1)
    engine = machines.engine(model, PACE)
    machines.maintenance()
    machines.worker(model, engine)
    running = machines.ask(model, 30)
    running.is_under_way()
    waiting = machines.ask(model, 5)
    machines.redis.flushall()
    assert running.is_whole()["attempt"] == 1
    assert waiting.is_whole()["attempt"] == 1


def test_replies_wait_for_an_engine_that_died_and_another_model_in_its_place_serves_nothing(machines: Machines):
    model, other = machines.new_model(), machines.new_model()
    engine = machines.engine(model, PACE)
    worker = machines.worker(model, engine)
    (reply,) = begun(machines, model, engine)
    engine.process.kill()
    until("the queue is closed", lambda: (told := machines.session(worker.name)) and not told.open)
    until("the reply waits", lambda: reply.row()["state"] == "pending")
    imposter = machines.engine(other, port=engine.port)
    until("it is told", lambda: (told := machines.session(worker.name)) and f"tests/{other}" in told.closed_because)
    assert f"serves 'tests/{other}'" in worker.told()
    assert reply.row()["state"] == "pending"
    imposter.process.kill()
    machines.engine(model, port=engine.port)
    row = reply.is_whole()
    assert (row["attempt"], len(row["resumptions"])) == (2, 1)
