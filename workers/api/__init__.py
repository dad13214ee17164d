"""What REST tells about workers: live sessions, and how a reply came about."""
