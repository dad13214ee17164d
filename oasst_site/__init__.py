"""The site: settings, urls, asgi and the Celery application."""

from chats.garbage import look_seldom

look_seldom()  # before the imports, which make more objects than anything after them

from inference.cancellation import mend_wait_for  # noqa: E402
from oasst_site import last_words  # noqa: E402
from oasst_site.celery import app as celery_app  # noqa: E402

__all__ = ["celery_app"]

mend_wait_for()
last_words.install()
