"""An untrusted worker is checked against another one, by real processes."""

import subprocess
import sys
import time

import psycopg
from psycopg.rows import dict_row

from oasst_site.stack.ports import free_port
from tests.live.one_machine import answers
from tests.live.workers.machines import ROOT, Engine, Machines, until


def key(machines: Machines, name: str, *options: str) -> str:
    return subprocess.run(
        [sys.executable, "manage.py", "create_worker", name, *options],
        cwd=ROOT, env=dict(machines.environ), check=True, timeout=120, stdout=subprocess.PIPE, text=True,
    ).stdout.strip()  # fmt: skip


def cheating_engine(machines: Machines, model: str) -> Engine:
    """It says that it serves the model and gives other texts."""
    port = free_port()
    arguments = ("--model", "demo", "--model-id", f"tests/{model}", "--port", str(port))
    lengths = ("--max-input-tokens", "8192", "--max-total-tokens", "16384")
    process = machines.run("cheat", "-m", "inference.demo_tgi", *arguments, *lengths, "--tokens-per-second", "0")
    until("the cheat answers", lambda: answers(f"http://127.0.0.1:{port}/health"))
    return Engine(f"http://127.0.0.1:{port}", port, process)


def with_environ(machines: Machines, **environ: str) -> Machines:
    """The same servers for processes with another environment."""
    other = Machines(
        machines.folder, dict(machines.environ) | environ, machines.postgres, machines.valkey, machines.redis
    )
    other.web, other._processes = machines.web, machines._processes
    return other


def test_a_worker_with_another_model_behind_it_fails_and_is_disabled_and_an_honest_one_passes(machines: Machines):
    model = machines.new_model()
    engine = machines.engine(model)
    names = {kind: f"{kind}-{model}" for kind in ("trusted", "honest", "cheat")}
    trusted = with_environ(machines, API_KEY=key(machines, names["trusted"], "--trusted")).worker(model, engine)
    replies = [machines.ask(model, 30) for _ in range(3)]
    for reply in replies:
        reply.is_whole()
    trusted.kill()  # the replies that follow are none of its

    with_environ(machines, API_KEY=key(machines, names["honest"])).worker(model, engine)
    cheat_engine = cheating_engine(machines, model)
    cheat = with_environ(machines, API_KEY=key(machines, names["cheat"])).worker(model, cheat_engine)
    with_environ(
        machines, COMPLIANCE_CHECK_INTERVAL="1", COMPLIANCE_CHECK_TIMEOUT="20", COMPLIANCE_FAIL_ACTION="disable"
    ).maintenance()

    def checks(kind: str) -> list[dict]:
        with psycopg.connect(machines.postgres.url, row_factory=dict_row) as connection:
            return connection.execute(
                "SELECT c.*, w.enabled FROM workers_compliancecheck c JOIN workers_worker w ON w.id = c.worker_id"
                " WHERE w.name = %s AND c.state IN ('passed', 'failed') ORDER BY c.created_at",
                (names[kind],),
            ).fetchall()

    until("the honest one passes twice", lambda: len(checks("honest")) > 1)
    until("the cheat fails", lambda: checks("cheat"))
    assert {check["state"] for check in checks("honest")} == {"passed"}
    assert [(check["state"], check["error"]) for check in checks("cheat")][:1] == [("failed", "another text")]
    assert checks("cheat")[0]["similarity"] < 1
    until("the cheat is disabled", lambda: not checks("cheat")[0]["enabled"])
    assert checks("trusted") == []
    assert cheat.wait() == 0
    assert f"worker '{names['cheat']}' was disabled" in cheat.told()
    began = time.monotonic()
    for reply in replies:  # users see nothing of it
        assert reply.is_whole()["attempt"] == 1
    assert time.monotonic() - began < 10
    chats = machines.web.get("/api/chats", params={"limit": 100}).json()["chats"]
    assert len({chat["id"] for chat in chats}) == len(chats)
