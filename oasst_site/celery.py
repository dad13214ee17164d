"""The Celery application: `celery -A oasst_site worker --model NAME`."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "oasst_site.settings")

from celery import Celery

from oasst_site import broker
from oasst_site.program import IS_CELERY
from oasst_site.start import refuse_bad_settings
from oasst_site.tidying import SCHEDULE

if IS_CELERY:  # every other program looks for itself
    refuse_bad_settings()
    # Celery has Django's checks run at each start, which import every view, and looks at none of their findings.
    os.environ.setdefault("CELERY_SKIP_CHECKS", "true")

broker.install()
app = Celery("oasst_site")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

app.conf.imports = ("oasst_site.tidying",)
app.conf.beat_schedule = SCHEDULE

if IS_CELERY:  # it knows only what the -A module itself has imported; who only sends tickets does without
    from workers import cli

    cli.install(app)
