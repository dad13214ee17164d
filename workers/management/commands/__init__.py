"""`manage.py models`."""
