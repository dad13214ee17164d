"""Is the process alive (/healthz), and can it serve (/readyz)? `manage.py doctor` asks more, and says what to do."""
