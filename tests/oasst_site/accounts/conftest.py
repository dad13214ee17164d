"""People with accounts, on the tests' database and Valkey."""

from collections.abc import Callable

import pytest

from tests.chats.people import Api, Person


@pytest.fixture
def database(db: None, redis_url: str) -> None:
    """Postgres, rolled back after the test, and Valkey."""


@pytest.fixture
def person(database: None) -> Person:
    """Somebody with an account."""
    return Person.arrives()


@pytest.fixture
def stranger(database: None) -> Person:
    """Somebody else."""
    return Person.arrives()


@pytest.fixture
def nobody(database: None) -> Api:
    """REST as anybody may call it."""
    return Api()


@pytest.fixture
def bearing() -> Callable[[str], Api]:
    """REST with this token or key."""
    return lambda token: Api(Authorization=f"Bearer {token}")
