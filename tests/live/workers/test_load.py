"""One worker process under many streams, and one person's many messages before another's first."""

import secrets

import httpx
import psutil  # type: ignore[import-untyped]

from tests.live.workers.machines import Machines, until

STREAMS = 256
MOST_MEMORY = 250 * 2**20
WAITING = 100


def test_256_paced_streams_in_one_worker_process_take_less_than_250_mb(machines: Machines, capsys):
    model = machines.new_model(max_parallel_requests=STREAMS)
    engine = machines.engine(model, tokens_per_second=2)
    replies = [machines.ask(model, tokens=400) for _ in range(STREAMS)]
    worker = machines.worker(model, engine, "-c", str(STREAMS))
    process = psutil.Process(worker.popen.pid)
    until("all are under way", lambda: engine.requests()["open"] == STREAMS, patience_s=120)
    for reply in replies[:: STREAMS // 8]:
        reply.is_under_way(20)
    memory = process.memory_info().rss
    with capsys.disabled():
        print(f"\n{STREAMS} streams: {memory / 2**20:.0f} MB, {process.num_threads()} threads")  # noqa: T201
    assert not process.children()
    assert memory < MOST_MEMORY
    assert {each.row()["attempt"] for each in replies[:: STREAMS // 8]} == {1}


def test_somebody_with_100_waiting_messages_delays_anothers_first_by_at_most_one_reply(machines: Machines):
    model = machines.new_model(max_parallel_requests=1)
    engine = machines.engine(model, tokens_per_second=20)
    many = [machines.ask(model, tokens=10) for _ in range(WAITING)]
    answer = httpx.get(
        f"{machines.web.base_url}/api/auth/callback/debug", params={"code": f"another-{secrets.token_hex(4)}"}
    )
    token = answer.raise_for_status().json()["access_token"]["access_token"]
    machines.worker(model, engine, "-c", "1")
    until("the many have begun", lambda: any(reply.row()["state"] == "in_progress" for reply in many[:3]))
    with httpx.Client(
        base_url=machines.web.base_url, headers={"Authorization": f"Bearer {token}"}, timeout=60
    ) as another:
        mine, machines.web = machines.web, another
        try:
            first = machines.ask(model, tokens=10)
            began = first.is_whole()
        finally:
            machines.web = mine
    between = [
        row
        for row in (reply.row() for reply in many)
        if row["work_begin_at"] and began["created_at"] < row["work_begin_at"] < began["work_begin_at"]
    ]
    assert len(between) <= 1
    assert sum(reply.row()["state"] == "pending" for reply in many) > WAITING // 2
