"""The machines of the workers' live tests: one set of servers for all, and processes of each test's own."""

from collections.abc import Iterator

import pytest

from tests.live.workers.machines import Machines
from tests.live.workers.machines import machines as running_machines
from tests.servers import open_the_way


@pytest.fixture(scope="package")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machines]:
    """PostgreSQL, Valkey and web, for all tests of this folder."""
    folder = tmp_path_factory.mktemp("machines")
    open_the_way(folder)
    with running_machines(folder) as machines:
        yield machines


@pytest.fixture
def machines(servers: Machines) -> Iterator[Machines]:
    """The servers; what the test starts ends with it."""
    before = servers.started
    yield servers
    servers.end_since(before)
