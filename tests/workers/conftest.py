"""Surroundings of the workers' tests: a model of each test's own, and replies that wait for it."""

import os
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from channels.layers import get_channel_layer

from chats.models import Message
from chats.redis import async_redis, sync_redis
from chats.repository.asking import add_prompt, ask_reply, start_chat
from chats.repository.work_request import WorkRequest
from inference import catalogue
from inference.model_config import ModelConfig
from inference.parameters import SamplingParameters
from inference.sessions import DETAILS_KEY, LIVE_KEY
from oasst_site.accounts.models import User


@pytest.fixture
def model(redis_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModelConfig]:
    """A model that only this test knows: nobody else's replies or tickets are in its queue."""
    name = f"model-{uuid4().hex[:12]}"
    file = tmp_path / "models.toml"
    file.write_text(
        f'[models.{name}]\nmodel_id = "tests/{name}"\nprompt_format = "oasst"\n'
        "max_input_length = 1024\nmax_total_length = 2048\n",
        encoding="utf-8",
    )
    monkeypatch.setenv(catalogue.FILE_VARIABLE, os.fspath(file))
    yield catalogue.current().get(name)
    sync_redis().delete(catalogue.current().get(name).queue_name)


@pytest.fixture
def no_sessions(redis_url: str) -> Iterator[None]:
    """The registry of sessions is empty, before and afterwards."""
    sync_redis().delete(LIVE_KEY, DETAILS_KEY)
    yield
    sync_redis().delete(LIVE_KEY, DETAILS_KEY)


@pytest.fixture
def ask(transactional_db: None, model: ModelConfig) -> Callable[[], Message]:
    """Asks for a reply; the database is shared with other connections."""
    user = User.objects.create(username=f"person-{uuid4().hex[:12]}")

    def ask() -> Message:
        chat = start_chat(user=user)
        prompt = add_prompt(chat=chat, parent_id=None, content="What is a llama?")
        request = WorkRequest(model_config_name=model.name, sampling_parameters=SamplingParameters())
        return ask_reply(chat=chat, parent_id=prompt.pk, request=request)

    return ask


@pytest.fixture
def tickets(model: ModelConfig) -> Callable[[], int]:
    """How many tickets wait in the model's queue."""
    return lambda: int(sync_redis().llen(model.queue_name))


@pytest.fixture
async def layer() -> AsyncIterator[None]:
    """The running loop's connections to Valkey, closed at the end of the test."""
    yield
    await get_channel_layer().flush()
    await async_redis().aclose()
