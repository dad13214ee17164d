"""Traces of real processes, sent to a real collector: one trace from the request to the last token."""

import json
import subprocess
import sys
from collections.abc import Iterator
from secrets import token_hex

import httpx
import pytest
from websockets.sync.client import connect

from oasst_site.stack.ports import free_port
from tests.live.one_machine import answers
from tests.live.workers.collector import Collector, Span, collecting
from tests.live.workers.machines import PROMPT, ROOT, Machines, until
from tests.live.workers.test_lost_workers import PACE, begun


@pytest.fixture
def collector(machines: Machines) -> Iterator[Collector]:
    """Processes that are started from now on send their spans here; so does a web process of this test's own."""
    web, environ = machines.web, machines.environ
    with collecting() as collector:
        # The batches go out soon, so that nobody waits for five seconds.
        machines.environ = {
            **environ, "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url, "OTEL_BSP_SCHEDULE_DELAY": "100",
        }  # fmt: skip
        port = free_port()
        machines.run("traced-web", "-m", "oasst_site.web", "-b", "127.0.0.1", "-p", str(port))
        url = f"http://127.0.0.1:{port}"
        try:
            until("the traced web answers", lambda: answers(f"{url}/healthz"))
            with httpx.Client(base_url=url, headers=web.headers, timeout=60) as machines.web:
                yield collector
        finally:
            machines.web, machines.environ = web, environ


def trace(collector: Collector, trace_id: str, *names: str) -> list[Span]:
    """The spans of this trace, once all of these names are there (as often as they are given)."""

    def look() -> list[Span] | None:
        spans = [span for span in list(collector.spans) if span.trace_id == trace_id]
        there = [span.name for span in spans]
        return spans if all(there.count(name) >= names.count(name) for name in names) else None

    return until(f"{names} of {[(each.name, each.trace_id) for each in collector.spans]}", look)


def only(spans: list[Span], name: str) -> Span:
    (found,) = [span for span in spans if span.name == name]
    return found


ASKED = "POST api/chats/<chat_id>/assistant_message"


def test_one_trace_tells_the_way_of_a_reply_over_two_workers(machines: Machines, collector: Collector):
    trace_id, caller = token_hex(16), token_hex(8)
    model = machines.new_model()
    engine = machines.engine(model, PACE)
    machines.maintenance()
    first = machines.worker(model, engine)
    machines.web.headers["traceparent"] = f"00-{trace_id}-{caller}-01"
    (reply,) = begun(machines, model, engine)
    del machines.web.headers["traceparent"]
    trace(collector, trace_id, "claim", "prompt")
    first.kill()
    machines.worker(model, engine)
    row = reply.is_whole()

    spans = trace(collector, trace_id, ASKED, "enqueue", "queue", "claim", "claim", "reply", "finish", "engine")
    asked, reply_span = only(spans, ASKED), only(spans, "reply")
    assert asked.parent_id == caller
    assert asked.service == "oasst-inference-web"
    assert asked.attributes["http.response.status_code"] == 200
    for name in ("enqueue", "queue", "reply"):
        assert only(spans, name).parent_id == asked.span_id, name
    assert only(spans, "queue").begun >= asked.begun
    assert reply_span.service == "oasst-inference-worker"
    assert reply_span.attributes["oasst.attempt"] == 2
    assert reply_span.attributes["oasst.message_id"] == reply.id
    # The first worker was killed, and its own span with it; what it had ended was sent, and is linked.
    lost_id = next(span.parent_id for span in spans if span.name == "claim" and span.parent_id != reply_span.span_id)
    assert reply_span.links == [lost_id]
    engine_span = only(spans, "engine")
    for span in (engine_span, only(spans, "finish")):
        assert span.parent_id == reply_span.span_id
    assert engine_span.parent_id in {span.parent_id for span in spans if span.name == "prompt"}
    assert engine_span.events == ["first token"]
    assert 0 < engine_span.attributes["oasst.tokens"] <= row["generated_tokens"]
    assert engine_span.attributes["oasst.first_token_ms"] >= 0
    assert asked.begun <= reply_span.begun <= engine_span.begun <= engine_span.ended <= reply_span.ended
    assert PROMPT.encode() not in b"".join(span.raw for span in spans)
    assert collector.paths == {"/v1/traces"}


def test_a_websocket_command_begins_a_trace(machines: Machines, collector: Collector):
    model = machines.new_model()
    machines.worker(model, machines.engine(model))
    chat = machines.web.post("/api/chats", json={}).raise_for_status().json()["id"]
    url = f"{str(machines.web.base_url).replace('http', 'ws', 1)}/ws/chats/{chat}".replace("//ws/", "/ws/")
    command = {
        "type": "prompt", "content": "secret words of mine", "model_config_name": model,
        "sampling_parameters": {"max_new_tokens": 5},
    }  # fmt: skip
    with connect(url, additional_headers={"Authorization": machines.web.headers["Authorization"]}) as socket:
        socket.send(json.dumps(command))
        while json.loads(socket.recv(timeout=60))["event_type"] != "message":
            pass
        socket.send(json.dumps({"type": "stop", "message_id": "none"}))
        assert json.loads(socket.recv(timeout=60))["event_type"] == "error"
    until("the command is told", lambda: [each for each in collector.spans if each.name == "websocket prompt"])
    command_span = only(collector.spans, "websocket prompt")
    spans = trace(collector, command_span.trace_id, "enqueue", "queue", "reply", "claim", "prompt", "engine", "finish")
    assert command_span.parent_id == ""
    assert {only(spans, name).parent_id for name in ("enqueue", "queue", "reply")} == {command_span.span_id}
    until("the refused one is told", lambda: [each for each in collector.spans if each.name == "websocket stop"])
    assert b"secret words" not in b"".join(span.raw for span in collector.spans)


def test_without_a_collector_nothing_of_it_is_imported(machines: Machines):
    code = (
        "import oasst_site.asgi, workers.tickets, sys; from chats.telemetry import tracing as t;"
        "assert t.span('a') is t.span('b') is t.serving('c', []) is t.asking_the_engine(None);"
        "assert t.spanned('d')(len) is len;"
        "print([each for each in sys.modules if each in ('chats.telemetry.spans', 'opentelemetry.exporter')])"
    )
    environ = {name: value for name, value in machines.environ.items() if not name.startswith("OTEL_")}
    told = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environ, capture_output=True, text=True, timeout=60, check=True
    )
    assert told.stdout.strip() == "[]"


def test_a_collector_that_is_away_costs_nobody_anything(machines: Machines):
    model = machines.new_model()
    engine = machines.engine(model)
    environ = machines.environ
    machines.environ = {**environ, "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{free_port()}"}
    try:
        worker = machines.worker(model, engine)
    finally:
        machines.environ = environ
    machines.ask(model, 20).is_whole()
    machines.end(worker)
    assert worker.popen.returncode == 0, "it had not to be killed"
