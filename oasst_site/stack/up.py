"""`manage.py up`: take the folder, start everything, tell the address, wait, stop everything."""

import argparse
import asyncio
import json
import os
import socket
import sys
import time
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from inference import catalogue
from inference.catalogue import CatalogueError, UnknownModel
from inference.long_waits import spoken_of
from inference.model_config import ModelConfig
from oasst_site.stack import frontend, given, local_engine, one_server, options, plan, surroundings
from oasst_site.stack.course import Course
from oasst_site.stack.errors import StackError
from oasst_site.stack.folder import LocalFolder
from oasst_site.stack.leftovers import Ledger
from oasst_site.stack.local_engine import LocalModel
from oasst_site.stack.options import Options
from oasst_site.stack.ports import LOOPBACK, free_port, listen
from oasst_site.stack.report import Report
from oasst_site.stack.service import Service
from oasst_site.stack.supervisor import Supervisor
from oasst_site.stack.welcome import welcome


def main(arguments: list[str]) -> int:
    """`manage.py up` with these arguments; the exit code."""
    parser = argparse.ArgumentParser(prog="manage.py up", description=options.DESCRIPTION, allow_abbrev=False)
    options.add_arguments(parser)
    return run(vars(parser.parse_args(arguments)))


def run(arguments: Mapping[str, Any]) -> int:
    """Run the stack until it is stopped (0) or cannot go on (1, after one line that says why)."""
    report = Report()
    try:
        chosen = options.read(arguments)
        folder = LocalFolder(chosen.folder)
        if chosen.only:
            return one_server.run(chosen, folder, report)
        folder.claim()
        try:
            return asyncio.run(Stack(chosen, folder, report).run())
        finally:
            surroundings.remove(folder)
            folder.release()
    except StackError as error:
        report.complain(str(error))
        return 1
    except KeyboardInterrupt:  # before the signal handlers were there
        return 0


class Stack(Course):
    """One run of the whole stack."""

    def __init__(self, chosen: Options, folder: LocalFolder, report: Report) -> None:
        super().__init__(folder, report, Ledger(folder))
        self._options = chosen
        self._listener: socket.socket | None = None

    async def _start(self, supervisor: Supervisor) -> None:
        chosen, folder = self._options, self._folder
        self._listener = listen(chosen.host, chosen.port)
        local = local_engine.local_model(chosen.local_model) if chosen.local_model else None
        if local is not None:
            chosen = await self._enter(local, supervisor)
        config = model(chosen)
        await self._check_given()

        servers: list[Service] = []
        database_url, redis_url = chosen.given("DATABASE_URL"), chosen.given("REDIS_URL")
        postgres = None if database_url else plan.postgres_server(folder)
        if postgres is not None:
            database_url = postgres.url
            servers.append(plan.database_service(postgres))
        if not redis_url:
            valkey = plan.valkey_server(folder)
            redis_url = valkey.url
            servers.append(plan.broker_service(valkey))
        own = surroundings.own(chosen, folder) | surroundings.of_workers(chosen, folder)
        own |= {"DATABASE_URL": database_url, "REDIS_URL": redis_url}
        environ = {**chosen.environ, "PYTHONUNBUFFERED": "1", **own}
        surroundings.write(folder, own)
        engine_url = chosen.given("INFERENCE_SERVER_URL")
        if not engine_url:
            port = free_port()
            engine_url = f"http://{LOOPBACK}:{port}"
            if local is not None:
                python = local_engine.engine_python(chosen)
                servers.append(local_engine.service(python, local, port, folder, environ))
            else:
                servers.append(plan.engine_service(config, port, environ))
            if local is None and config.name not in ("demo", "_lorem"):
                self._report.say(
                    f"no INFERENCE_SERVER_URL is given: filler words stand in for {config.name}; "
                    "with an engine: INFERENCE_SERVER_URL=http://HOST:8080 make run"
                )

        self._report.say(f"starting {', '.join(each.name for each in servers) or 'on the given servers'}")
        await _together(supervisor.start(servers), self._fetch_frontend(supervisor))
        if postgres is not None:
            await self._make_database(postgres)
        way_out = f"Its whole output is in {folder.log_file('prepare')}"
        key = surroundings.worker_key_file(chosen, folder)
        await supervisor.errand("prepare", plan.prepare_command(environ, key), way_out)

        applications = [
            *plan.web_services(chosen, self._listener, environ),
            worker := plan.worker_service(
                config, engine_url, redis_url, environ, seats=local_engine.SEATS if local else None
            ),
            plan.maintenance_service(redis_url, environ),
            plan.beat_service(folder, environ),
        ]
        self._report.say(f"starting {', '.join(each.name for each in applications)}")
        await supervisor.start(applications)
        await supervisor.fall_silent()
        for line in welcome(chosen, environ, self._place(), worker.missing(), time.monotonic() - self._began):
            self._report.say(line)

    async def _enter(self, local: LocalModel, supervisor: Supervisor) -> Options:
        """See that the catalogue has the local model; the options with it. Raises StackError."""
        chosen, folder = self._options, self._folder
        python = local_engine.engine_python(chosen)
        catalogue_file = Path(chosen.given(catalogue.FILE_VARIABLE) or catalogue.PACKAGED_FILE)
        if (config := local_engine.known(local, catalogue_file)) is not None:
            return replace(chosen, model=config.name)
        self._report.say(f"reading what {local.source} is")
        out = folder.path / "local-model.json"
        command = local_engine.describe_command(python, local, out, chosen.environ)
        way_out = f"Check MODEL and the network; its whole output is in {folder.log_file('model')}"
        await supervisor.errand("model", command, way_out)
        told = json.loads(out.read_text(encoding="utf-8"))
        name, path = local_engine.write_entry(local, told, catalogue_file, folder)
        os.environ[catalogue.FILE_VARIABLE] = str(path)
        return replace(chosen, model=name, environ={**chosen.environ, catalogue.FILE_VARIABLE: str(path)})

    async def _check_given(self) -> None:
        checks: dict[str, Callable[[str], object]] = {
            "DATABASE_URL": given.check_database,
            "REDIS_URL": given.check_redis,
            "INFERENCE_SERVER_URL": given.check_engine,
        }
        named = {name: value for name in checks if (value := self._options.given(name))}
        looks = asyncio.gather(*(asyncio.to_thread(checks[name], value) for name, value in named.items()))
        for outcome in await spoken_of(looks, lambda: f"an answer of {' and '.join(named)}", self._report.say):
            if outcome:
                self._report.complain(f"{outcome}; replies wait until it does")

    async def _fetch_frontend(self, supervisor: Supervisor) -> None:
        if frontend.is_installed():
            return
        self._report.say("fetching the browser page's libraries (npm)")
        await supervisor.errand("npm", frontend.install_command(), frontend.WAY_OUT)
        frontend.mark_installed()

    def _close(self) -> None:
        if self._listener is not None:
            self._listener.close()


def model(chosen: Options) -> ModelConfig:
    """The catalogue's entry of the chosen model. Raises StackError."""
    try:
        return catalogue.current().get(chosen.model)
    except UnknownModel as error:
        raise StackError(str(error), "Choose one of them: MODEL_CONFIG_NAME=demo make run") from error
    except (CatalogueError, OSError) as error:
        raise StackError(str(error), "Correct that file, or leave OASST_MODELS_FILE out") from error


async def _together(*parts: Coroutine[Any, Any, None]) -> None:
    """Run the parts at once; when one fails, end the others first. Raises what it raised."""
    tasks = [asyncio.ensure_future(part) for part in parts]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
