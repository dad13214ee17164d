"""The logs of real processes: JSON, and a message's whole story under its id, from the request to the last attempt."""

import json
from secrets import token_hex
from typing import Any

import pytest

from tests.live.workers.machines import Machines, until
from tests.live.workers.test_lost_workers import PACE, begun


def lines(machines: Machines) -> list[dict[str, Any]]:
    """What all programs of ours have logged so far, by time; the engine and Celery's banner write no JSON."""
    found = []
    for log in machines.folder.glob("*.log"):
        for line in log.read_text(errors="replace").splitlines():
            if line.startswith("{"):
                found.append(json.loads(line))
    return sorted(found, key=lambda line: line["timestamp"])


def test_one_grep_of_a_messages_id_tells_its_story_over_two_workers(machines: Machines):
    model, request_id = machines.new_model(), f"req-{token_hex(8)}"
    engine = machines.engine(model, PACE)
    machines.maintenance()
    lost = machines.worker(model, engine)
    machines.web.headers["X-Request-ID"] = request_id
    try:
        (reply,) = begun(machines, model, engine)
    finally:
        del machines.web.headers["X-Request-ID"]
    lost.kill()
    machines.worker(model, engine)
    reply.is_whole()

    def story() -> list[dict[str, Any]] | None:
        told = [line for line in lines(machines) if reply.id in json.dumps(line)]
        return told if any("complete after" in line["event"] for line in told) else None

    told = until("its end is told", story)
    for part in ("reply asked", "taken up, attempt 1", "goes back to its queue", "taken up, attempt 2"):
        assert any(part in line["event"] for line in told), (part, told)
    assert {line["process"] for line in told} == {"web", "worker", "maintenance"}
    asked = next(line for line in told if line["event"] == "reply asked")
    attempts = [line for line in told if line.get("process") == "worker"]
    assert {line["message_id"] for line in attempts} == {reply.id}
    assert {line["request_id"] for line in attempts} == {request_id} == {asked["request_id"]}
    assert {line["attempt"] for line in attempts} == {1, 2}
    assert len({line["session_id"] for line in attempts}) == 2
    assert {line["model"] for line in attempts} == {model}
    assert all(line["worker"].startswith(model) and line["chat_id"] for line in attempts)


def test_every_request_has_its_line_and_its_id(machines: Machines):
    mark = token_hex(8)
    me = machines.web.get("/api/auth/check").raise_for_status().json()
    answer = machines.web.get("/api/chats/search", params={"q": mark}, headers={"X-Request-ID": f"asked-{mark}"})
    assert answer.headers["X-Request-ID"] == f"asked-{mark}"
    assert machines.web.get("/api/chats", headers={"X-Request-ID": "no {sane} id"}).headers["X-Request-ID"] != (
        "no {sane} id"
    )
    machines.web.get(f"/api/shares/secret-{mark}")
    machines.web.post("/api/chats/import", content=f"{{{mark}".encode(), headers={"X-Request-ID": f"wrong-{mark}"})

    def line_of(request_id: str) -> dict[str, Any]:
        return until(
            f"the line of {request_id}",
            lambda: next((line for line in lines(machines) if line.get("request_id") == request_id), None),
        )

    line = line_of(f"asked-{mark}")
    assert (line["event"], line["method"], line["path"]) == ("request", "GET", "/api/chats/search")
    assert (line["status"], line["user_id"]) == (200, me)
    assert 0 < line["duration_ms"] < 10_000
    line = line_of(f"wrong-{mark}")
    assert (line["status"], line["path"]) == (400, "/api/chats/import")
    everything = json.dumps(lines(machines))
    assert f"secret-{mark}" not in everything
    assert f"q={mark}" not in everything
    assert '"path": "/api/shares/***"' in everything


@pytest.mark.parametrize("bad", ["LOG_FORMAT", "LOG_LEVEL"])
def test_a_form_that_there_is_not_is_refused(machines: Machines, bad: str):
    process = machines.run_with({bad: "loud"}, "refused", "manage.py", "check")
    assert process.wait() != 0
    assert bad in process.told().splitlines()[-1]
