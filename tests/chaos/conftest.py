"""One stack of real processes for all tests of this folder, and somebody who uses it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.chaos.person import Person
from tests.chaos.stack import Stack, running_stack


@pytest_asyncio.fixture(loop_scope="package", scope="package")
async def stack(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stack]:
    """Everything runs and serves."""
    folder: Path = tmp_path_factory.mktemp("chaos")
    async with running_stack(folder) as stack:
        yield stack


@pytest_asyncio.fixture(loop_scope="package")
async def person(stack: Stack) -> AsyncIterator[Person]:
    """Somebody new."""
    async with stack.person() as person:
        yield person
