"""The Celery application: `celery -A oasst_site worker --model NAME`."""

import os
import sys

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "oasst_site.settings")

from celery import Celery

from oasst_site import broker
from oasst_site.start import refuse_bad_settings
from oasst_site.tidying import SCHEDULE

if "celery.bin.celery" in sys.modules:  # Celery's command line; every other program looks for itself
    refuse_bad_settings()

broker.install()
app = Celery("oasst_site")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

app.conf.imports = ("oasst_site.tidying",)
app.conf.beat_schedule = SCHEDULE

# The command line knows only what the -A module itself has imported.
from workers import cli  # noqa: E402

cli.install(app)
