"""Worker processes and the keys that they present."""

import io
import json
import subprocess
import sys
from pathlib import Path

from tests.live.workers.machines import ROOT, Machines, Process, until


def manage(machines: Machines, *arguments: str) -> str:
    """What a command of manage.py prints."""
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT, env=dict(machines.environ), check=True, timeout=120, stdout=subprocess.PIPE, text=True,
    ).stdout.strip()  # fmt: skip


def start(machines: Machines, model: str, url: str, **environ: str) -> Process:
    """A worker with an environment of its own."""
    mine = Machines(
        machines.folder, dict(machines.environ) | environ, machines.postgres, machines.valkey, machines.redis
    )
    process = mine._celery(f"{model}-key", "--model", model, "--engine-url", url)
    machines._processes.append(process)
    return process


def test_a_worker_with_an_unknown_key_says_so_and_exits_with_2(machines: Machines):
    model = machines.new_model()
    process = start(machines, model, "http://127.0.0.1:1", API_KEY="nonsense")
    assert process.wait() == 2
    assert "Error: the key is unknown here. Make one with `manage.py create_worker NAME`" in process.told()
    process = start(machines, model, "http://127.0.0.1:1", API_KEY="")
    assert process.wait() == 2
    assert "Error: no key: a worker needs one here" in process.told()


def test_a_worker_whose_key_is_revoked_drains_and_its_reply_goes_on_elsewhere(machines: Machines, tmp_path: Path):
    model = machines.new_model()
    engine = machines.engine(model, 10)
    name = f"gpu-{model}"
    key = tmp_path / "key"
    key.write_text(manage(machines, "create_worker", name), encoding="utf-8")
    reply = machines.ask(model, 300)
    process = start(machines, model, engine.url, API_KEY="", API_KEY_FILE=str(key))
    reply.is_under_way()
    session = machines.session(f"{model}-key")
    assert session is not None
    assert session.worker_id is not None

    manage(machines, "rotate_worker_key", name)
    machines.worker(model, engine)
    manage(machines, "rotate_worker_key", name, "--revoke-old")
    assert process.wait() == 0
    assert f"its key of worker '{name}' was revoked" in process.told()
    until("the other worker has it", lambda: reply.row()["attempt"] == 2)
    engine.hurry()
    reply.is_whole()

    again = start(machines, model, engine.url, API_KEY="", API_KEY_FILE=str(key))
    assert again.wait() == 2
    assert "was revoked at" in again.told()

    events = manage(machines, "dumpdata", "workers.workerevent")
    mine = [each["fields"] for each in json.load(io.StringIO(events))]
    mine = [each for each in mine if each["session_id"] == str(session.session_id)]
    assert {each["worker"] for each in mine} == {session.worker_id}
    assert [each["event_type"] for each in mine] == ["connect", "disconnect"]
    assert mine[-1]["reason"].startswith("its key of worker")


def test_debug_keys_let_a_worker_in_while_debug_is_on(machines: Machines):
    model = machines.new_model()
    environ = {"API_KEY": "0000", "DEBUG": "true", "DEBUG_API_KEYS": '["0000"]'}
    start(machines, model, machines.engine(model).url, **environ)
    assert machines.ask(model, 5).is_whole()["worker_name"].startswith(f"{model}-key@")
    refused = start(machines, model, "http://127.0.0.1:1", API_KEY="0000", DEBUG_API_KEYS="0000")
    assert refused.wait() == 2
