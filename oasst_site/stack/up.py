"""The course of `manage.py up`: take the folder, start everything, tell the address, wait, stop everything."""

import argparse
import asyncio
import json
import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from inference import catalogue
from inference.catalogue import CatalogueError, UnknownModel
from inference.model_config import ModelConfig
from oasst_site.stack import frontend, given, local_engine, options, plan, surroundings
from oasst_site.stack.errors import StackError
from oasst_site.stack.folder import LocalFolder
from oasst_site.stack.leftovers import Ledger
from oasst_site.stack.local_engine import LocalModel
from oasst_site.stack.options import Options
from oasst_site.stack.ports import LOOPBACK, free_port, listen
from oasst_site.stack.report import Report
from oasst_site.stack.service import Rank, Service
from oasst_site.stack.supervisor import Supervisor
from oasst_site.stack.welcome import welcome

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


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


class Stack:
    """One run of the stack."""

    def __init__(self, chosen: Options, folder: LocalFolder, report: Report) -> None:
        self._options = chosen
        self._folder = folder
        self._report = report
        self._ledger = Ledger(folder)
        self._began = time.monotonic()
        self._stops = 0
        self._stop = asyncio.Event()
        self._listener: socket.socket | None = None

    async def run(self) -> int:
        """Raises StackError when it cannot start; all processes are gone then, and also after a return."""
        supervisor = Supervisor(report=self._report, folder=self._folder, ledger=self._ledger)
        self._catch_signals(supervisor)
        starting = asyncio.create_task(self._start(supervisor))
        stopping = asyncio.create_task(self._stop.wait())
        try:
            await asyncio.wait({starting, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if not stopping.done():
                starting.result()
                await stopping
            return 0
        finally:
            stopping.cancel()
            starting.cancel()
            await asyncio.gather(starting, stopping, return_exceptions=True)
            if self._listener is not None:
                self._listener.close()
            await supervisor.stop()
            self._report.say(f"stopped after {time.monotonic() - self._began:.0f} s; data is kept in {self._place()}")

    async def _start(self, supervisor: Supervisor) -> None:
        chosen, folder = self._options, self._folder
        left = await asyncio.to_thread(self._ledger.sweep)
        if left:
            self._report.say(f"ended what a killed stack had left running: {', '.join(left)}")
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
        environ = surroundings.environment(chosen, folder, database_url, redis_url)
        surroundings.write(chosen, folder, database_url, redis_url)
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
            await asyncio.to_thread(postgres.make_database)
        way_out = f"Its whole output is in {folder.log_file('prepare')}"
        key = surroundings.worker_key_file(chosen, folder)
        await supervisor.errand("prepare", plan.prepare_command(environ, key), way_out)

        applications = [
            *plan.web_services(chosen, self._listener, environ),
            worker := plan.worker_service(
                config, engine_url, redis_url, environ, seats=local_engine.SEATS if local else None
            ),
            plan.maintenance_service(redis_url, environ),
        ]
        self._report.say(f"starting {', '.join(each.name for each in applications)}")
        await supervisor.start(applications)
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
        named = [(check, value) for name, check in checks.items() if (value := self._options.given(name))]
        for outcome in await asyncio.gather(*(asyncio.to_thread(check, value) for check, value in named)):
            if outcome:
                self._report.complain(f"{outcome}; replies wait until it does")

    async def _fetch_frontend(self, supervisor: Supervisor) -> None:
        if frontend.is_installed():
            return
        self._report.say("fetching the browser page's libraries (npm)")
        await supervisor.errand("npm", frontend.install_command(), frontend.WAY_OUT)
        frontend.mark_installed()

    def _catch_signals(self, supervisor: Supervisor) -> None:
        loop = asyncio.get_running_loop()

        def on_signal() -> None:
            self._stops += 1
            self._stop.set()
            if self._stops == 1:
                self._report.say("stopping (once more: at once)")
            else:
                supervisor.kill(Rank.BROKER)  # the database alone is always let finish

        for number in STOP_SIGNALS:
            if number != signal.SIGHUP or signal.getsignal(number) is not signal.SIG_IGN:  # nohup
                loop.add_signal_handler(number, on_signal)

    def _place(self) -> str:
        path = self._folder.path
        return str(path.relative_to(options.ROOT)) if path.is_relative_to(options.ROOT) else str(path)


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
