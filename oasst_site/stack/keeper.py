"""Keeps one service running: first start, readiness, restarts with backoff, stop."""

import asyncio
from collections.abc import Callable

from oasst_site.stack.backoff import Backoff
from oasst_site.stack.errors import StackError
from oasst_site.stack.folder import LocalFolder
from oasst_site.stack.leftovers import Ledger
from oasst_site.stack.process import Process, last_words, reason
from oasst_site.stack.report import Report
from oasst_site.stack.service import Service
from oasst_site.stack.trace_fold import TraceFold

POLL_S = 0.1


class Keeper:
    """One service. `ready` is set once it first does its work; `failed` is called when it dies before that."""

    def __init__(
        self,
        service: Service,
        *,
        report: Report,
        folder: LocalFolder,
        ledger: Ledger,
        failed: Callable[[StackError], None],
    ) -> None:
        self.service = service
        self.ready = asyncio.Event()
        self._report = report
        self._folder = folder
        self._ledger = ledger
        self._failed = failed
        self._stopping = asyncio.Event()
        self._spawning = asyncio.Lock()
        self._process: Process | None = None
        self._fold = TraceFold()
        self._task = asyncio.create_task(self._keep())

    async def stop(self) -> None:
        """End the process as the service wants it, and start it no more. Never raises."""
        self._stopping.set()
        async with self._spawning:
            process = self._process
        if process is not None:
            await process.stop(self.service.stop_signal, self.service.grace_s)
        await self._task

    @property
    def ended(self) -> bool:
        """Nothing of it runs or will run."""
        return self._task.done()

    def kill(self) -> None:
        """Somebody is in a hurry: do not wait for the process to end in order, and start it no more."""
        self._stopping.set()
        if self._process is not None:
            self._process.kill()

    async def _keep(self) -> None:
        try:
            await self._first_start()
            await self._restarts()
        except StackError as error:
            self._failed(error)
        except OSError as error:  # the program is gone, no memory, no more processes
            self._failed(StackError(f"{self.service.name} cannot be run ({error})", "Run `make run` again"))

    async def _first_start(self) -> None:
        process = await self._start()
        if process is None:
            return
        end = asyncio.create_task(process.ended())
        try:
            await self._until_ready(process, end)
        finally:
            end.cancel()

    async def _until_ready(self, process: Process, end: asyncio.Task[int]) -> None:
        while not self._stopping.is_set():
            if end.done():
                raise self._died(process, end.result())
            if await asyncio.to_thread(self.service.is_ready):
                self.ready.set()
                return
            if process.ran_s > self.service.ready_within_s:
                raise self._not_ready(process)
            await asyncio.wait({end}, timeout=POLL_S)

    async def _restarts(self) -> None:
        backoff = Backoff()
        while self._process is not None:
            process = self._process
            code = await process.ended()
            self._ledger.remove(process.pid)
            if self._stopping.is_set():
                return
            wait_s = backoff.after(process.ran_s)
            self._report.complain(f"{self.service.name} died ({reason(code)}); it is started again in {wait_s:g} s")
            try:
                await asyncio.wait_for(self._stopping.wait(), wait_s)
                return
            except TimeoutError:
                await self._start_again()

    async def _start_again(self) -> None:
        """Start it although it cannot be prepared just now: the process then dies and the backoff goes on."""
        try:
            await self._start()
        except (StackError, OSError) as error:
            self._report.complain(f"{self.service.name}: {error}")

    async def _start(self) -> Process | None:
        """A new process; None when the stack stops."""
        await asyncio.to_thread(self.service.prepare)
        async with self._spawning:
            if self._stopping.is_set():
                return None
            log = self._folder.log_file(self.service.name)
            self._process = await Process.start(self.service.command, self._on_line, log)
            self._ledger.add(self.service.name, self._process.pid, self.service.stop_signal, self.service.rank)
            return self._process

    def _on_line(self, line: str) -> None:
        if self.service.quiet or not line.strip():
            return
        for each in [line] if self.ready.is_set() else self._fold.feed(line):
            self._report.line(self.service.name, each)

    def _died(self, process: Process, code: int) -> StackError:
        self._ledger.remove(process.pid)
        return StackError(
            f"{self.service.name} ended at its start ({reason(code)}): {last_words(process.lines)}",
            f"Its whole output is in {self._folder.log_file(self.service.name)}",
        )

    def _not_ready(self, process: Process) -> StackError:
        what = self.service.missing() or last_words(process.lines)
        return StackError(
            f"{self.service.name} is not ready after {self.service.ready_within_s:g} s: {what}",
            f"Its whole output is in {self._folder.log_file(self.service.name)}",
        )
