"""GPU workers: the Celery tasks, the worker process, the reconciler."""
