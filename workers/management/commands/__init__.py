"""`manage.py models`, `create_worker` and `rotate_worker_key`."""
