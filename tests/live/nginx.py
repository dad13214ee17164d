"""A real nginx with the sites of docker/nginx/, in front of web processes of the tests."""

import shutil
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from oasst_site.stack.ports import free_port

SITES = Path(__file__).resolve().parents[2] / "docker" / "nginx"
NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
READY_S = 60.0

needs_nginx = pytest.mark.skipif(NGINX is None, reason="there is no nginx on this machine (Debian: apt install nginx)")

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
    upstream web-processes {{ {servers} }}
{site}
}}
"""


@dataclass(frozen=True)
class Proxy:
    """Where it answers."""

    http: str
    https: str


@contextmanager
def nginx(site: str, folder: Path, web: Sequence[str], *, location: str = "/") -> Iterator[Proxy]:
    """The site (http or https) over the web processes of these URLs, at `location`; addresses and paths are the test's.

    The names that Docker's name server knows become a group of servers.
    """
    assert NGINX is not None, "the tests are skipped without it"
    http, https = free_port(), free_port()
    shared = (SITES / "inference.conf").read_text(encoding="utf-8")
    for ours, theirs in (("inference-server:8000;", "web-processes;"), ("location / {", f"location {location} {{")):
        assert ours in shared
        shared = shared.replace(ours, theirs)
    (folder / "inference.conf").write_text(shared, encoding="utf-8")
    text = (SITES / f"{site}.conf").read_text(encoding="utf-8")
    for ours, theirs in (
        ("listen 80;", f"listen 127.0.0.1:{http};"),
        ("listen 443 ", f"listen 127.0.0.1:{https} "),
        ("/etc/nginx/inference.conf", str(folder / "inference.conf")),
        ("/etc/nginx/certificates/", f"{folder}/"),
    ):
        text = text.replace(ours, theirs)
    servers = " ".join(f"server {urlsplit(url).netloc};" for url in web)
    config = folder / "nginx.conf"
    config.write_text(AROUND.format(folder=folder, site=text, servers=servers), encoding="utf-8")
    process = subprocess.Popen([NGINX, "-c", str(config), "-p", str(folder)])
    try:
        _until_it_answers(f"http://127.0.0.1:{http}", process)
        yield Proxy(http=f"http://127.0.0.1:{http}", https=f"https://127.0.0.1:{https}")
    finally:
        process.terminate()
        process.wait()


def _until_it_answers(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + READY_S
    while True:
        try:
            httpx.get(f"{url}/healthz")
        except httpx.TransportError:
            assert process.poll() is None, "nginx has ended"
            assert time.monotonic() < deadline, "nginx does not answer"
            time.sleep(0.02)
        else:
            return
