"""The site: settings, urls, asgi and the Celery application."""
