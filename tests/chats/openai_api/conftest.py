"""The official `openai` package, sync and async, as a client of a running stack."""

from collections.abc import AsyncIterator, Iterator

import pytest
from openai import AsyncOpenAI, OpenAI

from tests.live.one_machine import OneMachine


@pytest.fixture
def stack(one_machine_stack: OneMachine) -> OneMachine:
    """The running stack."""
    return one_machine_stack


@pytest.fixture
def token(stack: OneMachine) -> str:
    """The access token of somebody new."""
    return stack.somebody()


@pytest.fixture
def client(stack: OneMachine, token: str) -> Iterator[OpenAI]:
    """The synchronous client."""
    with OpenAI(base_url=f"{stack.url}/v1", api_key=token, max_retries=0, timeout=90) as client:
        yield client


@pytest.fixture
async def async_client(stack: OneMachine, token: str) -> AsyncIterator[AsyncOpenAI]:
    """The asynchronous client."""
    async with AsyncOpenAI(base_url=f"{stack.url}/v1", api_key=token, max_retries=0, timeout=90) as client:
        yield client
