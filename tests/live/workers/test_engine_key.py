"""An engine that asks for a key gets ENGINE_API_KEY from its worker, in every request."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from tests.live.workers.machines import Machines, until
from tests.live.workers.test_keys import start

KEY = "what-the-engine-asks-for"


@contextmanager
def guarded_engine(model_id: str) -> Iterator[str]:
    """A server with OpenAI's HTTP API that answers nobody without the key; its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer({"object": "list", "data": [{"id": model_id}]} if self.path == "/v1/models" else None)

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self._answer(None if self.path != "/v1/completions" else [_chunk("Hello "), _chunk("there.", "stop")])

        def _answer(self, body: object) -> None:
            known = self.headers["Authorization"] == f"Bearer {KEY}"
            self.send_response(401 if not known else 404 if body is None else 200)
            self.send_header("Content-Type", "text/event-stream" if isinstance(body, list) else "application/json")
            self.end_headers()
            if isinstance(body, list):
                said = "".join(f"data: {json.dumps(each)}\n\n" for each in body) + "data: [DONE]\n\n"
            else:
                said = json.dumps(body)
            self.wfile.write(said.encode() if known else b"{}")

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def _chunk(text: str, reason: str | None = None) -> dict[str, object]:
    return {"id": "c", "object": "text_completion", "choices": [{"index": 0, "text": text, "finish_reason": reason}]}


def test_the_engine_gets_its_key_and_the_worker_keeps_its_own(machines: Machines):
    model = machines.new_model()
    with guarded_engine(f"tests/{model}") as url:
        reply = machines.ask(model)
        without = start(machines, model, url)
        until("it waits for the engine", lambda: "The queue stays closed" in without.told())
        machines.end(without)
        start(machines, model, url, ENGINE_API_KEY=KEY)
        assert reply.final()["content"] == "Hello there."
