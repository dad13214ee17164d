"""The course of a run: start, wait for a stop signal or a failure, stop everything that was started."""

import asyncio
import signal
import time

from inference.long_waits import spoken_of
from oasst_site.stack import options
from oasst_site.stack.folder import LocalFolder
from oasst_site.stack.leftovers import Ledger
from oasst_site.stack.postgres import PostgresServer
from oasst_site.stack.report import Report
from oasst_site.stack.service import Rank
from oasst_site.stack.supervisor import Supervisor

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Course:
    """One run over one folder. What is started is a subclass's: `_start`."""

    def __init__(self, folder: LocalFolder, report: Report, ledger: Ledger) -> None:
        self._folder = folder
        self._report = report
        self._ledger = ledger
        self._began = time.monotonic()
        self._stops = 0
        self._stop = asyncio.Event()

    async def run(self) -> int:
        """Raises StackError when it cannot start; all processes are gone then, and also after a return."""
        supervisor = Supervisor(report=self._report, folder=self._folder, ledger=self._ledger)
        self._catch_signals(supervisor)
        starting = asyncio.create_task(self._sweep_and_start(supervisor))
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
            self._close()
            await supervisor.stop()
            self._report.say(f"stopped after {time.monotonic() - self._began:.0f} s; data is kept in {self._place()}")

    async def _start(self, supervisor: Supervisor) -> None:
        """Start everything and tell that it runs. Raises StackError."""
        raise NotImplementedError

    def _close(self) -> None:
        """Called before the processes are stopped."""

    async def _make_database(self, postgres: PostgresServer) -> None:
        """Of a server that is ready. Raises StackError."""
        making = asyncio.to_thread(postgres.make_database)
        await spoken_of(making, lambda: "postgres to make the database", self._report.say)

    async def _sweep_and_start(self, supervisor: Supervisor) -> None:
        sweeping = asyncio.to_thread(self._ledger.sweep)
        if left := await spoken_of(sweeping, lambda: "the end of what a killed stack has left", self._report.say):
            self._report.say(f"ended what a killed stack had left running: {', '.join(left)}")
        await self._start(supervisor)

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
