"""Servers of one's own, given by URL instead of the embedded ones: checked before anything is started on them."""

import http.client
import socket
from collections.abc import Callable
from contextlib import closing
from typing import Any
from urllib.parse import SplitResult, urlsplit

import dj_database_url
import psycopg
import redis

from oasst_site.stack.errors import StackError
from oasst_site.stack.readiness import client

OLDEST_POSTGRES = 14
CONNECT_S = 5
WAY_OUT_OF_DATABASE = "Check it, start that server, or leave DATABASE_URL out to use the embedded PostgreSQL"
WAY_OUT_OF_REDIS = "Check it, start that server, or leave REDIS_URL out to use the embedded Valkey"
WAY_OUT_OF_ENGINE = "Check it, or leave INFERENCE_SERVER_URL out to use the demo engine"


def check_database(url: str) -> None:
    """Raises StackError unless a new enough PostgreSQL answers at DATABASE_URL."""
    try:
        parsed: dict[str, Any] = dict(dj_database_url.parse(url))
    except Exception as error:  # ValueError and the package's own, by version
        raise StackError(f"DATABASE_URL {masked(url)} cannot be read ({error})", _like_postgres()) from error
    if "postgresql" not in parsed.get("ENGINE", ""):
        raise StackError(f"DATABASE_URL {masked(url)} is no PostgreSQL; queues and locks need one", _like_postgres())
    names = {"NAME": "dbname", "HOST": "host", "PORT": "port", "USER": "user", "PASSWORD": "password"}
    arguments = {name: parsed[key] for key, name in names.items() if parsed.get(key)} | parsed.get("OPTIONS", {})
    try:
        with psycopg.connect(**arguments | {"connect_timeout": CONNECT_S}) as connection:
            major = connection.info.server_version // 10_000
    except (psycopg.Error, OSError, ValueError) as error:
        said = " ".join(str(error).split()).removeprefix("connection failed: ").partition(" Is the server running")[0]
        raise StackError(f"DATABASE_URL {masked(url)} cannot be reached ({said})", WAY_OUT_OF_DATABASE) from error
    if major < OLDEST_POSTGRES:
        raise StackError(
            f"DATABASE_URL {masked(url)} is PostgreSQL {major}; it must be {OLDEST_POSTGRES} or newer",
            WAY_OUT_OF_DATABASE,
        )


def check_redis(url: str) -> None:
    """Raises StackError unless a Redis or Valkey answers at REDIS_URL."""
    if urlsplit_or_none(url) is None or not url.startswith(("redis://", "rediss://")):
        raise StackError(
            f"REDIS_URL {masked(url)} is no address of a Redis", "It must be like redis://:PASSWORD@HOST:6379/0"
        )
    try:
        with closing(client(url)) as connection:
            connection.ping()
    except (redis.RedisError, ValueError, OSError) as error:
        raise StackError(f"REDIS_URL {masked(url)} cannot be reached ({error})", WAY_OUT_OF_REDIS) from error


def check_engine(url: str) -> str:
    """Why the engine at INFERENCE_SERVER_URL does not answer yet, or nothing: it may still be loading its weights.

    Raises StackError when it never will: no URL of HTTP, no such host.
    """
    parts = urlsplit_or_none(url)
    if parts is None or parts.scheme not in ("http", "https") or not parts.hostname:
        raise StackError(
            f"INFERENCE_SERVER_URL {masked(url)} is no address of an engine", "It must be like http://HOST:8080"
        )
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise StackError(
            f"INFERENCE_SERVER_URL {masked(url)}: there is no host {parts.hostname!r} ({error.strerror or error})",
            WAY_OUT_OF_ENGINE,
        ) from error
    connect: Callable[..., http.client.HTTPConnection] = (
        http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    )
    with closing(connect(parts.hostname, port, timeout=CONNECT_S)) as connection:
        try:
            connection.request("GET", f"{parts.path.rstrip('/')}/health")
            connection.getresponse()
        except (OSError, http.client.HTTPException) as error:
            return f"the engine at {masked(url)} does not answer yet ({error})"
    return ""


def masked(url: str) -> str:
    """The URL in quotes, without its password."""
    parts = urlsplit_or_none(url)
    if parts is not None and parts.password:
        url = url.replace(f":{parts.password}@", ":***@", 1)
    return repr(url)


def urlsplit_or_none(url: str) -> SplitResult | None:
    """The URL's parts; None when it is none, or its port is no port."""
    try:
        parts = urlsplit(url.strip())
        parts.port  # noqa: B018  # raises for a bad one
    except ValueError:
        return None
    return parts


def _like_postgres() -> str:
    return "It must be like postgres://USER:PASSWORD@HOST:5432/NAME; leave it out to use the embedded PostgreSQL"
