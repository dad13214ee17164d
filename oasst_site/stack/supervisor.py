"""Runs the stack's processes: starts them rank by rank, keeps them running, stops them in the opposite order."""

import asyncio
from collections.abc import Sequence
from typing import Any

from inference.long_waits import spoken_of
from oasst_site.stack.command import Command
from oasst_site.stack.errors import StackError
from oasst_site.stack.folder import LocalFolder
from oasst_site.stack.keeper import Keeper
from oasst_site.stack.leftovers import Ledger
from oasst_site.stack.process import Process, last_words, reason
from oasst_site.stack.report import Report
from oasst_site.stack.service import Rank, Service
from oasst_site.stack.trace_fold import TraceFold

ERRAND_GRACE_S = 5.0
SILENCE_S = 0.3
LOOKS_FOR_SILENCE = 10


class Supervisor:
    """All services of one stack. Make it inside a running event loop."""

    def __init__(self, *, report: Report, folder: LocalFolder, ledger: Ledger) -> None:
        self._failure = asyncio.Event()
        self._reason: StackError | None = None
        self._report = report
        self._folder = folder
        self._ledger = ledger
        self._keepers: list[Keeper] = []

    async def start(self, services: Sequence[Service]) -> None:
        """Start the services all at once and wait until each is ready. Raises StackError when one is not to be had."""
        fresh = [
            Keeper(each, report=self._report, folder=self._folder, ledger=self._ledger, failed=self._failed)
            for each in services
        ]
        self._keepers += fresh
        await spoken_of(self._all_ready(fresh), lambda: _unready(fresh), self._report.say)

    async def fall_silent(self) -> None:
        """Wait until the processes have said what they say at a start, so that our own words are the last ones.

        One that goes on talking is not waited for longer than a moment.
        """
        for _ in range(LOOKS_FOR_SILENCE):
            if (rest_s := SILENCE_S - self._report.silent_s) <= 0:
                return
            await asyncio.sleep(rest_s)

    async def unless_failed(self, task: asyncio.Task[Any]) -> None:
        """Wait for the task, or for a service that dies at its first start. Raises StackError then."""
        failed = asyncio.create_task(self._failure.wait())
        try:
            await asyncio.wait({task, failed}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            failed.cancel()
            if not task.done():
                task.cancel()
        if self._reason is not None:
            raise self._reason

    async def errand(self, name: str, command: Command, way_out: str) -> None:
        """Run a command to its end, its lines shown. Raises StackError when it fails; cancelling ends it."""
        fold = TraceFold()

        def on_line(line: str) -> None:
            for each in fold.feed(line):
                if each.strip():
                    self._report.line(name, each)

        starting = asyncio.ensure_future(Process.start(command, on_line, self._folder.log_file(name)))
        try:
            process = await asyncio.shield(starting)
            self._ledger.add(name, process.pid, Service.stop_signal, Rank.APPLICATION)
            code = await spoken_of(process.ended(), lambda: name, self._report.say)
        except OSError as error:
            raise StackError(f"{name} cannot be run ({error})", way_out) from error
        except asyncio.CancelledError:
            await (await starting).stop(Service.stop_signal, ERRAND_GRACE_S)
            raise
        self._ledger.remove(process.pid)
        if code != 0:
            raise StackError(f"{name} failed ({reason(code)}): {last_words(process.lines)}", way_out)

    async def stop(self) -> None:
        """End every service, the last started first. Never raises."""
        for rank in sorted(Rank, reverse=True):
            await self._stop_all([each for each in self._keepers if each.service.rank == rank])

    def kill(self, least: Rank) -> None:
        """Do not wait any longer for services of this rank or above."""
        for keeper in self._keepers:
            if keeper.service.rank >= least:
                keeper.kill()

    def _failed(self, error: StackError) -> None:
        self._reason = self._reason or error
        self._failure.set()

    async def _stop_all(self, keepers: Sequence[Keeper]) -> None:
        stopping = asyncio.gather(*(each.stop() for each in keepers))
        await spoken_of(stopping, lambda: _unended(keepers), self._report.say)

    async def _all_ready(self, fresh: Sequence[Keeper]) -> None:
        for ready in [asyncio.create_task(keeper.ready.wait()) for keeper in fresh]:
            await self.unless_failed(ready)


def _unready(keepers: Sequence[Keeper]) -> str:
    """Those that are not ready, with what they miss as far as they know it."""
    waiting = [(each.service.name, each.service.missing()) for each in keepers if not each.ready.is_set()]
    starting = ", ".join(name for name, missing in waiting if not missing)
    knowing = [f"{name}: {missing}" for name, missing in waiting if missing]
    return "; ".join([*([f"{starting} to start"] if starting else []), *knowing])


def _unended(keepers: Sequence[Keeper]) -> str:
    names = ", ".join(each.service.name for each in keepers if not each.ended)
    return f"{names} to end" if names else ""
