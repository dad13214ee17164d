"""A real Prometheus with docker/observability/'s configuration asks the running stack."""

import asyncio
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from oasst_site.stack.ports import free_port
from tests.chaos.person import Person
from tests.chaos.readers import EventStreamReader
from tests.chats.waiting import until
from tests.deploy.promql import FOLDER, expressions
from tests.live.one_machine import MODEL, OneMachine

PROMETHEUS = shutil.which("prometheus")
pytestmark = pytest.mark.skipif(
    PROMETHEUS is None, reason="there is no prometheus on this machine (Debian: apt install prometheus)"
)
MAY_BE_EMPTY = ("oasst_gpu_", "oasst_errors", "tgi_")
"""There is no GPU here, nothing fails, and the demo engine tells no metrics."""


@dataclass(frozen=True)
class Prometheus:
    """What it is asked over its API."""

    url: str

    def get(self, path: str, **query: str) -> Any:
        answer = httpx.get(f"{self.url}/api/v1/{path}", params=query)
        assert answer.is_success, answer.text
        return answer.json()["data"]

    def is_up(self) -> bool:
        try:
            ready = httpx.get(f"{self.url}/-/ready").is_success
        except httpx.TransportError:
            return False
        return ready and [each["health"] for each in self.get("targets")["activeTargets"]] == ["up"]


@pytest.fixture
def prometheus(one_machine_stack: OneMachine, tmp_path: Path) -> Iterator[Prometheus]:
    """Only the addresses, the token's place and the interval are the test's."""
    config = (FOLDER / "prometheus" / "prometheus.yaml").read_text(encoding="utf-8")
    (tmp_path / "token").write_text("nobody asks for it", encoding="ascii")
    shutil.copy(FOLDER / "prometheus" / "alerts.yaml", tmp_path)
    config = config.replace("/run/secrets/metrics_token", str(tmp_path / "token")).replace(": 10s", ": 1s")
    first, second = re.split(r"(?=  # Not there in the profile demo)", config)
    target = urlsplit(one_machine_stack.url).netloc
    first = re.sub(
        r"    dns_sd_configs:.*", f"    static_configs: [{{targets: ['{target}']}}]\n", first, flags=re.DOTALL
    )
    assert "dns_sd_configs" in second
    (tmp_path / "prometheus.yaml").write_text(first, encoding="utf-8")
    port = free_port()
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(
            [
                str(PROMETHEUS),
                f"--config.file={tmp_path / 'prometheus.yaml'}",
                f"--storage.tsdb.path={tmp_path / 'data'}",
                f"--web.listen-address=127.0.0.1:{port}",
            ],
            stdout=log,
            stderr=log,
        )
    asked = Prometheus(f"http://127.0.0.1:{port}")
    try:
        asyncio.run(until(asked.is_up, within_s=60))
        yield asked
    finally:
        process.terminate()
        process.wait()


async def test_every_panel_and_alert_finds_its_numbers(one_machine_stack: OneMachine, prometheus: Prometheus):
    async with (
        Person.arrives(one_machine_stack.url, MODEL) as person,
        Person.arrives(one_machine_stack.url, "chatty") as waiting,
    ):
        await waiting.asks(10)  # nobody serves that model
        asked = await person.asks(100)
        await EventStreamReader(person, asked.chat_id, asked.message_id).ended(30)
        await person.asks(2000)  # is under way while Prometheus looks
        await _finds_everything(prometheus)


async def _finds_everything(prometheus: Prometheus) -> None:
    for query in (f'oasst_replies_ended{{model="{MODEL}", state="complete"}}', 'oasst_queue_depth{model="chatty"}'):
        await until(lambda query=query: prometheus.get("query", query=query)["result"], within_s=60)  # type: ignore[misc]
    for where, expression in expressions():
        found = prometheus.get("query", query=expression)["result"]
        if not where.startswith("alert ") and not any(name in expression for name in MAY_BE_EMPTY):
            assert found, f"{where}: {expression} finds nothing"
    rules = [rule for group in prometheus.get("rules")["groups"] for rule in group["rules"]]
    assert rules
    assert {rule["health"] for rule in rules} <= {"ok", "unknown"}, rules
    assert not [rule["name"] for rule in rules if rule["state"] == "firing"]
