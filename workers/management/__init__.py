"""Commands of `manage.py` that are the workers' own."""
