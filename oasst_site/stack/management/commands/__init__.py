"""`manage.py up` and its helpers."""
