"""Workers of several models on one host, and many replies in one worker."""

import signal
from datetime import datetime

from tests.live.workers.machines import Machines, until


def test_two_workers_of_two_models_each_serve_their_own_queue(machines: Machines):
    one, other = machines.new_model(), machines.new_model()
    engines = {model: machines.engine(model, 0) for model in (one, other)}
    nodes = {model: machines.worker(model, engines[model]).name for model in (one, other)}
    replies = [(model, machines.ask(model, 20)) for model in (one, other) * 5]
    for model, reply in replies:
        assert reply.is_whole()["worker_name"].startswith(f"{nodes[model]}@")
    assert [engine.requests()["started"] for engine in engines.values()] == [5, 5]


def test_sixty_four_replies_run_at_once(machines: Machines):
    tokens, pace = 16, 1.0  # slow: what is asked is whether they run at once, not how fast the machine is
    alone_s = (tokens - 1) / pace
    model = machines.new_model()
    engine = machines.engine(model, pace)
    worker = machines.worker(model, engine, "-c", "64")
    machines.ask(model, 1).is_whole()
    worker.signal(signal.SIGSTOP)  # while they are asked, so that they begin together
    replies = [machines.ask(model, tokens) for _ in range(64)]
    worker.signal(signal.SIGCONT)
    until("all are under way", lambda: engine.requests()["open"] == 64)
    rows = [reply.is_whole() for reply in replies]
    assert {row["attempt"] for row in rows} == {1}
    begun = min(datetime.fromisoformat(row["work_begin_at"]) for row in rows)
    ended = max(datetime.fromisoformat(row["work_end_at"]) for row in rows)
    assert (ended - begun).total_seconds() < 1.5 * alone_s
