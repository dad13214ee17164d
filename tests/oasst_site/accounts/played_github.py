"""A GitHub played by the test: its token and profile endpoints, over HTTP."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs


class PlayedGitHub(ThreadingHTTPServer):
    """Gives a token for a code, and a profile for a token."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.profile: dict[str, Any] = {
            "id": 4711,
            "login": "octocat",
            "name": "Mona Lisa",
            "email": "mona@example.org",
        }
        self.asked: dict[str, list[str]] = {}

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: PlayedGitHub

    def do_POST(self) -> None:
        """/login/oauth/access_token"""
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.server.asked = parse_qs(body)
        is_good = self.server.asked.get("code") == ["good"]
        self._answer(
            {"access_token": "gho_x", "token_type": "bearer"} if is_good else {"error": "bad_verification_code"}
        )

    def do_GET(self) -> None:
        """/user"""
        self._answer(self.server.profile)

    def _answer(self, body: dict[str, Any]) -> None:
        data = json.dumps(body).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *args: Any) -> None:
        """Silent."""


@contextmanager
def played_github() -> Iterator[PlayedGitHub]:
    """Runs while the block lasts."""
    with PlayedGitHub() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
