"""The settings for checks that need no server: `make check` runs where no PostgreSQL does."""

from oasst_site.settings import *  # noqa: F403

DATABASES = {"default": {"ENGINE": "django.db.backends.dummy"}}
