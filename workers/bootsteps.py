"""What Celery's worker starts and stops beside its own parts, by the role of the process.

Worker steps are per process: the runtime of a model worker, the reconciler of a maintenance worker. The consumer step
is per broker connection: it tells the health gate which consumer to open and close. Nothing of ours is imported here
before a worker starts, since every process that only sends tickets imports this module too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from celery import bootsteps
from celery.platforms import EX_OK
from celery.signals import worker_shutdown, worker_shutting_down

from workers import seat_signal
from workers.options import Role

if TYPE_CHECKING:
    from workers.reconciler.timer import ReconcilerThread


class ModelRuntime(bootsteps.StartStopStep):
    """Begins the runtime before the pool's threads can be given a ticket.

    It ends on signals and not in `stop`: Celery calls that before the pool's threads have finished, and they wait
    for the runtime's loop.
    """

    requires = ("celery.worker.components:Pool",)

    def __init__(self, worker: Any, model: Any = None, **options: Any) -> None:
        self.enabled = model is not None
        super().__init__(worker, model=model, **options)

    def start(self, worker: Any) -> None:
        """Begin; an engine or Redis that is away is waited for, not failed on."""
        from django.conf import settings

        from chats.garbage import everything_is_loaded
        from chats.telemetry.logs import describe_process
        from inference.engines import AUTO, make_engine
        from inference.prompts import ENGINES_OWN
        from workers import runtime

        options = worker.options
        config = options["model"]
        new = runtime.Runtime(
            config=config,
            engine_url=options["engine_url"],
            make_engine=lambda: make_engine(
                config.engine if options["engine"] == AUTO else options["engine"],
                options["engine_url"],
                model_id=config.model_id,
                chat=config.prompt_format == ENGINES_OWN,
                token_timeout_s=settings.ENGINE_TOKEN_TIMEOUT_S,
                api_key=settings.ENGINE_API_KEY or None,
            ),
            node_name=worker.hostname,
            seats=worker.concurrency,
            identity=worker.identity,
            end_process=_end_process,
        )
        describe_process(process="worker", worker=worker.hostname, session_id=str(new.session_id))
        _share_backend(worker.app)
        worker_shutting_down.connect(_drain, weak=False)
        worker_shutdown.connect(_end, weak=False)
        runtime.begin(new)
        everything_is_loaded()


def _share_backend(app: Any) -> None:
    """One backend for results, of which there are none: Celery makes one in every thread that runs its first task, and
    looks through the metadata of all installed packages for it, some 10 ms each time.
    """
    from chats.tickets import TASK
    from workers.compliance import TASK as CHECK

    for name in (TASK, CHECK):
        app.tasks[name].backend = app.backend


class Reconciler(bootsteps.StartStopStep):
    """Runs the reconciler's thread in a maintenance worker."""

    requires = ("celery.worker.components:Pool",)

    def __init__(self, worker: Any, **options: Any) -> None:
        self.enabled = worker.role is Role.MAINTENANCE
        self._thread: ReconcilerThread | None = None
        super().__init__(worker, **options)

    def start(self, worker: Any) -> None:
        """Start to look after what was left behind."""
        from chats.telemetry.logs import describe_process
        from workers.reconciler.timer import ReconcilerThread

        describe_process(process="maintenance", worker=worker.hostname)
        self._thread = ReconcilerThread()
        self._thread.start()

    def stop(self, worker: Any) -> None:
        """Give the lock up, so that another maintenance worker goes on at once."""
        if self._thread is not None:
            self._thread.stop()

    terminate = stop


class GateStep(bootsteps.StartStopStep):
    """Tells the health gate which consumer this broker connection has."""

    requires = ("celery.worker.consumer.tasks:Tasks",)

    def __init__(self, consumer: Any, model: Any = None, **options: Any) -> None:
        self.enabled = model is not None
        super().__init__(consumer, model=model, **options)

    def start(self, consumer: Any) -> None:
        """A broker connection is there."""
        from workers import runtime

        seat_signal.set_hub(consumer.hub)
        runtime.current().gate.attach(consumer)

    def stop(self, consumer: Any) -> None:
        """The broker connection is lost, or the worker ends."""
        from workers import runtime

        runtime.current().gate.detach(consumer)


WORKER_STEPS = (ModelRuntime, Reconciler)
CONSUMER_STEPS = (GateStep,)


def _drain(sig: str = "", how: str = "", **_: object) -> None:
    from workers import runtime

    if (current := runtime.running()) is not None:
        current.drain(f"{how} shutdown on {sig}".strip())


def _end_process() -> None:
    """Let Celery's consumer end the process as on SIGTERM; for any thread."""
    from celery.worker import state

    state.should_stop = EX_OK
    seat_signal.wake()


def _end(sender: Any = None, **_: object) -> None:
    from workers import runtime

    current = runtime.running()
    if current is None:
        return
    if current.draining and not current.in_flight:
        # Celery calls it a failure when the broker is away at the end; everything was given back, so it is none.
        sender.exitcode = EX_OK
    current.end()
