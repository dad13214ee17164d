"""The site: settings, urls, asgi and the Celery application."""

from oasst_site import last_words
from oasst_site.celery import app as celery_app

__all__ = ["celery_app"]

last_words.install()
