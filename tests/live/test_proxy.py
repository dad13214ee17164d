"""The sites of docker/nginx/ in a real nginx, in front of the running stack."""

import asyncio
import shutil
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.chaos.person import Person
from tests.chaos.readers import EventStreamReader, Reader, WebsocketReader
from tests.live.nginx import Proxy, needs_nginx, nginx
from tests.live.one_machine import MODEL, OneMachine
from tests.live.test_one_reply import same_to_all

pytestmark = needs_nginx
OPENSSL = shutil.which("openssl")


@pytest.fixture
def proxy(one_machine_stack: OneMachine, tmp_path: Path) -> Iterator[str]:
    with nginx("http", tmp_path, [one_machine_stack.url]) as proxy:
        yield proxy.http


@pytest.fixture
def with_tls(one_machine_stack: OneMachine, tmp_path: Path) -> Iterator[Proxy]:
    if OPENSSL is None:
        pytest.skip("there is no openssl on this machine to make a certificate with")
    subprocess.run(
        [OPENSSL, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1",
         "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1",
         "-keyout", str(tmp_path / "privkey.pem"), "-out", str(tmp_path / "fullchain.pem")],
        check=True, capture_output=True,
    )  # fmt: skip
    with nginx("https", tmp_path, [one_machine_stack.url]) as proxy:
        yield proxy


async def test_streams_pass_the_proxy_as_they_are_made(proxy: str):
    async with Person.arrives(proxy, MODEL) as person:
        asked = await person.asks(200)
        readers: list[Reader] = [
            kind(person, asked.chat_id, asked.message_id) for kind in (EventStreamReader, WebsocketReader)
        ]
        await asyncio.gather(*(reader.ended(30) for reader in readers))
        stored = await person.message(asked.chat_id, asked.message_id)
    assert same_to_all(readers, stored["content"])
    for reader in readers:
        assert len(reader.record.heard_at) > 10, "nothing was held back"


def test_a_request_passes_with_its_host_and_a_large_body(proxy: str):
    assert httpx.get(f"{proxy}/login").status_code == 200
    answer = httpx.post(f"{proxy}/api/chats", content=b"{" + b" " * 8_000_000 + b"}")
    assert answer.status_code == 403, "the service itself has answered: not logged in"


def test_the_metrics_are_for_the_inside(proxy: str, one_machine_stack: OneMachine):
    assert httpx.get(f"{proxy}/metrics").status_code == 404
    assert httpx.get(f"{one_machine_stack.url}/metrics").status_code == 200


def test_with_tls_the_plain_site_only_leads_to_the_other(with_tls: Proxy, tmp_path: Path):
    answer = httpx.get(f"{with_tls.http}/login?next=/")
    assert (answer.status_code, answer.headers["Location"]) == (301, "https://127.0.0.1/login?next=/")
    trusting = ssl.create_default_context(cafile=str(tmp_path / "fullchain.pem"))
    answer = httpx.get(f"{with_tls.https}/login", verify=trusting)
    assert answer.status_code == 200
    assert "Log in" in answer.text
