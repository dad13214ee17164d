"""The profile `demo` of docker/compose.yaml, played without Docker: each service's own command, in a folder that holds
what its image copies, with the environment that Compose gives it out of a fresh docker/.env. Only addresses, and paths
that a container has to itself, are the test's.
"""

import json
import re
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

from oasst_site.stack.ports import LOOPBACK, free_port
from oasst_site.stack.postgres import FAST_AND_FORGETFUL, PostgresServer
from oasst_site.stack.valkey import ValkeyServer
from tests.deploy.compose_file import DOCKER, ROOT, filled_in, services
from tests.deploy.dockerfile import assembled, stages
from tests.live.nginx import needs_nginx, nginx
from tests.live.workers.machines import until
from tests.servers import open_the_way, running

pytestmark = needs_nginx

BIN = Path(sys.executable).parent
ENDS_WITHIN_S = 60.0


@dataclass
class Played:
    """What runs, by service."""

    folder: Path
    given: dict[str, str]
    addresses: dict[str, str]
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    url: str = ""

    def image(self, target: str) -> Path:
        """The image's /app; the server's with its static files."""
        app = self.folder / target
        if not app.exists():
            app.mkdir()
            assembled(target, app)
            if target == "server":
                shutil.copytree(ROOT / "chats" / "page" / "node_modules", app / "chats" / "page" / "node_modules")
                (run,) = (line for line in stages()[target].lines if "collectstatic" in line)
                self.shell(run.removeprefix("RUN "), app, {})
        return app

    def shell(self, line: str, app: Path, environ: dict[str, str]) -> str:
        """What a line says in an image. Fails when it does."""
        said = subprocess.run(
            ["sh", "-c", self.here(line)],
            cwd=app,
            env=self.environ(environ),
            capture_output=True,
            text=True,
            check=False,
        )
        assert said.returncode == 0, said.stdout + said.stderr
        return said.stdout

    def environ(self, more: dict[str, str]) -> dict[str, str]:
        """A container's environment, with this machine's programs."""
        return {"PATH": f"{BIN}:/usr/bin:/bin", "HOME": str(self.folder)} | more

    def here(self, text: str, service: str = "") -> str:
        """The text with this test's addresses and paths in the place of a container's."""
        for theirs, ours in self.addresses.items():
            text = text.replace(theirs, ours)
        return text.replace("/tmp/", f"{self.folder}/{service}-")

    def service(self, name: str) -> dict[str, Any]:
        return dict(filled_in(services("demo")[name], self.given))

    def environ_of(self, name: str) -> dict[str, str]:
        """docker/.env, then what the file sets."""
        service = self.service(name)
        given = self.given if service.get("env_file") else {}
        return {key: self.here(value, name) for key, value in (given | service.get("environment", {})).items()}

    def command_of(self, name: str) -> list[str]:
        service = self.service(name)
        if "command" not in service:
            (line,) = (each for each in stages()[service["build"]["target"]].lines if each.startswith("CMD "))
            return [self.here(word, name) for word in json.loads(line.removeprefix("CMD "))]
        return [self.here(word, name) for word in service["command"]]

    def start(self, name: str) -> None:
        """Start the service's one process."""
        with (self.folder / f"{name}.log").open("wb") as log:
            self.processes[name] = subprocess.Popen(
                self.command_of(name),
                cwd=self.image(self.service(name)["build"]["target"]),
                env=self.environ(self.environ_of(name)),
                stdout=log,
                stderr=log,
            )

    def is_healthy(self, name: str) -> bool:
        """What the service's health check says, the compose file's or the image's."""
        service = self.service(name)
        check = service.get("healthcheck", {}).get("test")
        if check is None:
            (line,) = (each for each in stages()[service["build"]["target"]].lines if each.startswith("HEALTHCHECK"))
            check = ["CMD", *json.loads(line.partition(" CMD ")[2])]
        line = check[1] if check[0] == "CMD-SHELL" else shlex.join(check[1:])
        assert self.processes[name].poll() is None, (self.folder / f"{name}.log").read_text(errors="replace")
        return (
            subprocess.run(["sh", "-c", self.here(line, name)], env=self.environ({}), capture_output=True).returncode
            == 0
        )


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    folder = tmp_path_factory.mktemp("compose")
    open_the_way(folder)
    subprocess.run([sys.executable, str(DOCKER / "make_env.py"), str(folder / ".env")], check=True, capture_output=True)
    lines = (folder / ".env").read_text(encoding="utf-8")
    given = dict(re.findall(r"^([A-Z0-9_]+)=(.*)$", lines, re.MULTILINE)) | {"ALLOW_DEBUG_AUTH": "true"}
    web, engine = free_port(), free_port()
    postgres = PostgresServer(
        data=folder / "postgres", port=free_port(), password=given["POSTGRES_PASSWORD"], settings=FAST_AND_FORGETFUL
    )
    valkey = ValkeyServer(data=folder / "valkey", port=free_port(), password=given["REDIS_PASSWORD"])
    played = Played(
        folder,
        given,
        {
            "inference-db:5432": f"{LOOPBACK}:{postgres.port}",
            "inference-redis:6379": f"{LOOPBACK}:{valkey.port}",
            "inference-demo-engine:8080": f"{LOOPBACK}:{engine}",
            "0.0.0.0": LOOPBACK,
            "8000": str(web),
            "8080": str(engine),
        },
    )
    with ExitStack() as stack:
        stack.enter_context(running(postgres, folder / "postgres.log"))
        stack.enter_context(running(valkey, folder / "valkey.log"))
        postgres.make_database()
        migrate = played.command_of("inference-migrate")
        played.shell(migrate[-1], played.image("server"), played.environ_of("inference-migrate"))
        try:
            for name in ("server", "maintenance", "beat", "demo-engine", "demo-worker"):
                played.start(f"inference-{name}")
            for name in ("server", "maintenance", "demo-engine", "demo-worker"):
                until(f"{name} is healthy", partial(played.is_healthy, f"inference-{name}"))
            proxy = stack.enter_context(nginx("http", folder, [f"http://{LOOPBACK}:{web}"]))
            played.url = proxy.http
            yield played
        finally:
            for process in played.processes.values():
                process.send_signal(signal.SIGTERM)
            for process in played.processes.values():
                process.wait(ENDS_WITHIN_S)


def test_the_text_client_gets_an_answer_out_of_the_documents(played: Played):
    app = played.image("text-client")
    entry = next(line for line in stages()["text-client"].lines if line.startswith("ENTRYPOINT "))
    command = [*json.loads(entry.removeprefix("ENTRYPOINT ")), "--url", played.url, "--model", "demo"]
    said = subprocess.run(
        command, cwd=app, env=played.environ({}), input="How do I add a GPU worker?\n", capture_output=True, text=True,
        timeout=120, check=False,
    )  # fmt: skip
    assert said.returncode == 0, said.stderr
    assert "text-generation" in said.stdout


def test_the_page_comes_with_its_collected_files(played: Played):
    page = httpx.get(f"{played.url}/login")
    assert page.status_code == 200
    found = re.findall(r'(?:href|src)="(/static/[^"]+\.[0-9a-f]{12}\.(?:css|js))"', page.text)
    assert found
    assert httpx.get(f"{played.url}{found[0]}").status_code == 200


def test_everything_is_there_and_prometheus_is_let_in_by_its_token_alone(played: Played):
    assert until("all is ready", lambda: httpx.get(f"{played.url}/readyz").is_success)
    direct = f"http://{LOOPBACK}:{played.addresses['8000']}/metrics"
    assert httpx.get(direct).status_code == 401
    token = {"Authorization": f"Bearer {played.given['METRICS_TOKEN']}"}
    assert httpx.get(direct, headers=token).status_code == 200
    beat = played.processes["inference-beat"]
    assert beat.poll() is None, (played.folder / "inference-beat.log").read_text(errors="replace")


def test_each_process_ends_within_its_grace(played: Played):
    """The last one: it ends them."""
    for name in ("inference-demo-worker", "inference-maintenance", "inference-server"):
        played.processes[name].send_signal(signal.SIGTERM)
        grace_s = float(played.service(name)["stop_grace_period"].removesuffix("s"))
        assert played.processes[name].wait(grace_s) is not None
    assert played.processes["inference-demo-worker"].returncode == 0
