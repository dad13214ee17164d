"""Django's PostgreSQL backend with a circuit: while the server is away, callers are told at once."""
