"""A connection to Postgres beside Django's pool, that notices a machine which vanished without a word."""

import psycopg
from django.db import connection

TIMEOUT_S = 2
_PLAIN = frozenset({"host", "port", "user", "password", "dbname", "service", "passfile", "options", "hostaddr"})


def direct_connection(name: str) -> psycopg.Connection:
    """An autocommitting connection with the settings' parameters; `name` shows in pg_stat_activity.

    Raises psycopg.Error within about TIMEOUT_S.
    """
    parameters = {
        key: value
        for key, value in connection.get_connection_params().items()
        if key in _PLAIN or key.startswith("ssl")
    }
    return psycopg.connect(
        **parameters,
        autocommit=True,
        connect_timeout=TIMEOUT_S,
        application_name=name,
        # A machine that is gone must not be waited for for hours.
        keepalives=1,
        keepalives_idle=5,
        keepalives_interval=2,
        keepalives_count=3,
        tcp_user_timeout=10_000,
    )
