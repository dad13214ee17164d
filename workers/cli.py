"""What the Celery command line must know before Django is ready: our options, bootsteps and remote commands.

`celery -A oasst_site` reads only what its -A module has imported, and asks for the options of `worker` and the names
of remote commands before any app is set up: nothing in here, nor in what it imports, touches a model at import time.
"""

from celery import Celery
from celery.signals import beat_init, celeryd_after_setup, celeryd_init, setup_logging

from workers import bootsteps, control, key_check, logs, options


def install(app: Celery) -> None:
    """Give this application's `worker` command its options and steps, `inspect` and `control` their commands."""
    app.user_options["worker"].update(options.worker_options())
    app.steps["worker"].update(bootsteps.WORKER_STEPS)
    app.steps["consumer"].update(bootsteps.CONSUMER_STEPS)
    celeryd_init.connect(options.settle_role, weak=False)
    celeryd_init.connect(key_check.show_key, weak=False)
    setup_logging.connect(logs.keep_ours, weak=False)
    celeryd_after_setup.connect(logs.quieten, weak=False)
    beat_init.connect(_describe_beat, weak=False)
    control.register()


def _describe_beat(**_: object) -> None:
    from chats.telemetry.logs import describe_process

    describe_process(process="beat")
