"""The commands of docs/operations.md: a dump of the running service, restored into servers that hold nothing."""

import os
import re
import secrets
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import httpx
import redis

from oasst_site.stack.ports import free_port
from oasst_site.stack.postgres import FAST_AND_FORGETFUL, PostgresServer, installation
from oasst_site.stack.valkey import ValkeyServer
from tests.live.workers.machines import ROOT, Machines
from tests.servers import open_the_way, running

PAGE = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
PACE = 10.0  # tokens per second
LONG = 300  # tokens: half a minute, unless the engine is told to hurry


def by_the_page(program: str, folder: Path, environ: Mapping[str, str]) -> None:
    """Run the page's one line with this program, with the programs of the embedded PostgreSQL."""
    (line,) = re.findall(rf"^{program} .+$", PAGE, re.MULTILINE)
    path = os.pathsep.join([str(installation() / "bin"), str(Path(sys.executable).parent), os.environ["PATH"]])
    words = shlex.split(line.replace("$DATABASE_URL", environ["DATABASE_URL"]))
    subprocess.run(words, cwd=folder, env=dict(environ) | {"PATH": path}, check=True, timeout=120)


@contextmanager
def restored(source: Machines, folder: Path) -> Iterator[Machines]:
    """New servers with what folder/oasst.dump holds, and a web process: with the secrets and models of the old ones."""
    (folder / "new").mkdir(mode=0o711)
    open_the_way(folder)
    postgres = PostgresServer(
        data=folder / "new" / "postgres", port=free_port(), password=secrets.token_hex(8), settings=FAST_AND_FORGETFUL
    )
    valkey = ValkeyServer(data=folder / "new" / "valkey", port=free_port(), password=secrets.token_hex(8))
    environ = dict(source.environ) | {"DATABASE_URL": postgres.url, "REDIS_URL": valkey.url}
    with running(postgres, folder / "postgres.log"), running(valkey, folder / "valkey.log"):
        postgres.make_database()
        by_the_page("pg_restore", folder, environ)
        subprocess.run([sys.executable, "manage.py", "migrate", "-v", "0"], cwd=ROOT, env=environ, check=True)
        with redis.Redis.from_url(valkey.url) as client:
            fresh = Machines(folder, environ, postgres, valkey, client)
            try:
                with httpx.Client(base_url=fresh.start_web(), headers=source.web.headers, timeout=60) as fresh.web:
                    yield fresh
            finally:
                fresh.end_since(0)


def test_a_dump_of_the_running_service_brings_back_the_chats_and_what_was_pending_goes_on(
    machines: Machines, tmp_path: Path
):
    model, waiting_model = machines.new_model(), machines.new_model()
    engine = machines.engine(model, PACE)
    machines.worker(model, engine)
    finished = machines.ask(model, 5)
    whole = finished.is_whole()
    under_way = machines.ask(model, LONG)
    under_way.is_under_way()
    waiting = machines.ask(waiting_model, 20)
    by_the_page("pg_dump", tmp_path, machines.environ)
    assert under_way.row()["state"] == "in_progress"

    with restored(machines, tmp_path) as fresh:
        finished, under_way, waiting = (replace(each, machines=fresh) for each in (finished, under_way, waiting))
        assert finished.row() == whole, "the same login reads the same reply"
        assert (under_way.row()["state"], waiting.row()["state"]) == ("in_progress", "pending")
        engine.hurry()
        fresh.maintenance()
        fresh.worker(model, engine)
        fresh.worker(waiting_model, fresh.engine(waiting_model))
        assert waiting.is_whole()["attempt"] == 1
        assert under_way.is_whole()["attempt"] == 2
