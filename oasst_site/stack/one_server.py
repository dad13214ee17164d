"""`manage.py up postgres` and `manage.py up valkey`: one embedded server alone, for whoever runs the rest by hand.

While it runs, `.local/env` tells its address to commands typed by hand. It keeps its port, so that the others find it
again when it is stopped and started.
"""

import asyncio
from contextlib import suppress

from oasst_site.stack import plan, surroundings
from oasst_site.stack.course import Course
from oasst_site.stack.folder import LocalFolder
from oasst_site.stack.leftovers import Ledger
from oasst_site.stack.options import Options
from oasst_site.stack.ports import free_port, is_free
from oasst_site.stack.report import Report
from oasst_site.stack.supervisor import Supervisor

VARIABLE = {"postgres": "DATABASE_URL", "valkey": "REDIS_URL"}


def run(chosen: Options, folder: LocalFolder, report: Report) -> int:
    """Run it until it is stopped. The exit code. Raises StackError."""
    folder.claim(chosen.only)
    try:
        return asyncio.run(OneServer(chosen, folder, report).run())
    finally:
        _withdraw(folder, VARIABLE[chosen.only])
        folder.release()


class OneServer(Course):
    """One run of one server."""

    def __init__(self, chosen: Options, folder: LocalFolder, report: Report) -> None:
        super().__init__(folder, report, Ledger(folder, chosen.only))
        self._options = chosen

    async def _start(self, supervisor: Supervisor) -> None:
        folder, name = self._folder, self._options.only
        port = _kept_port(folder, name)
        self._report.say(f"starting {name}")
        if name == "postgres":
            postgres = plan.postgres_server(folder, port)
            await supervisor.start([plan.database_service(postgres, quiet=False)])
            await self._make_database(postgres)
            url = postgres.url
        else:
            valkey = plan.valkey_server(folder, port)
            await supervisor.start([plan.broker_service(valkey, quiet=False)])
            url = valkey.url
        _tell(self._options, folder, VARIABLE[name], url)
        place = f"{self._place()}/{surroundings.FILE}"
        await supervisor.fall_silent()
        self._report.say(f"{name} runs; its address is {VARIABLE[name]} in {place}:  set -a; . {place}; set +a")
        self._report.say("Ctrl-C stops it.")


def _tell(chosen: Options, folder: LocalFolder, variable: str, url: str) -> None:
    """Add the address to `.local/env`."""
    with folder.in_turn():
        surroundings.write(folder, surroundings.read(folder) | surroundings.own(chosen, folder) | {variable: url})


def _withdraw(folder: LocalFolder, variable: str) -> None:
    """Take the address out of `.local/env`; the last one takes the file away."""
    with folder.in_turn():
        left = {name: value for name, value in surroundings.read(folder).items() if name != variable}
        if left.keys() & set(VARIABLE.values()):
            surroundings.write(folder, left)
        else:
            surroundings.remove(folder)


def _kept_port(folder: LocalFolder, name: str) -> int:
    """The port that this server had last time, if nobody else has it now."""
    path = folder.path / f"port-{name}"
    with suppress(OSError, ValueError):
        if is_free(port := int(path.read_text(encoding="ascii"))):
            return port
    port = free_port()
    folder.write(path, f"{port}\n")
    return port
