"""docker/nginx.conf in a real nginx, in front of the running stack."""

import asyncio
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from oasst_site.stack.ports import free_port
from tests.chaos.person import Person
from tests.chaos.readers import EventStreamReader, Reader, WebsocketReader
from tests.chats.waiting import until
from tests.live.one_machine import MODEL, ROOT, OneMachine
from tests.live.test_one_reply import same_to_all

NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
pytestmark = pytest.mark.skipif(NGINX is None, reason="there is no nginx on this machine")

AROUND = """
daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
{site}
}}
"""


def answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/healthz").is_success
    except httpx.TransportError:
        return False


@pytest.fixture
def proxy(one_machine_stack: OneMachine, tmp_path: Path) -> Iterator[str]:
    """nginx with the site of docker/nginx.conf; only its addresses are the test's."""
    assert NGINX is not None, "the tests are skipped without it"
    port = free_port()
    site = (ROOT / "docker" / "nginx.conf").read_text(encoding="utf-8")
    site = site.replace("inference-server:8000", urlsplit(one_machine_stack.url).netloc)
    site = site.replace("listen 80;", f"listen 127.0.0.1:{port};")
    config = tmp_path / "nginx.conf"
    config.write_text(AROUND.format(folder=tmp_path, site=site), encoding="utf-8")
    process = subprocess.Popen([NGINX, "-c", str(config), "-p", str(tmp_path)])
    url = f"http://127.0.0.1:{port}"
    try:
        asyncio.run(until(lambda: answers(url), within_s=10))
        yield url
    finally:
        process.terminate()
        process.wait()


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
    answer = httpx.post(f"{proxy}/api/chats", content=b"{" + b" " * 1_500_000 + b"}")
    assert answer.status_code == 403, "the service itself has answered: not logged in"
