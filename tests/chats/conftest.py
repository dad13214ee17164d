"""Surroundings of the chats' tests: a model of each test's own, people, and the database, rolled back or shared."""

import os
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from channels.layers import get_channel_layer
from django.db import connections
from pytest_django import DjangoDbBlocker
from redis import Redis

from chats.models import Chat, Message
from chats.redis import async_redis, sync_redis
from chats.repository.asking import add_prompt, ask_reply
from chats.repository.work_request import WorkRequest
from inference import catalogue
from inference.model_config import ModelConfig
from inference.parameters import SamplingParameters
from oasst_site.accounts.models import User
from tests.chats.broker import broker_at, nobody_answers, nobody_listens
from tests.chats.people import Person


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests of this folder that use the database get pytest-django's, unless they ask for the shared one."""
    for item in items:
        fixtures = getattr(item, "fixturenames", ())
        if Path(__file__).parent in item.path.parents and "database" in fixtures and "transactional_db" not in fixtures:
            item.add_marker(pytest.mark.django_db)


@pytest.fixture
def database(request: pytest.FixtureRequest, redis_url: str) -> None:
    """Postgres and Valkey. What is stored is rolled back, or with `transactional_db` seen by other connections too."""
    request.getfixturevalue("transactional_db" if "transactional_db" in request.fixturenames else "db")


@pytest.fixture
def transactional_db(django_db_setup: None, redis_url: str, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The database as processes share it: every change is committed. The test's users go afterwards, with all theirs.

    In place of pytest-django's own, which truncates all tables after each test: slow, and no other test could keep
    anything.
    """
    with django_db_blocker.unblock():
        others = list(User.objects.values_list("pk", flat=True))
        yield
        User.objects.exclude(pk__in=others).delete()
        connections.close_all()


@pytest.fixture
async def live(transactional_db: None) -> AsyncIterator[None]:
    """The running loop's connections to Valkey, closed at the end of the test."""
    yield
    await get_channel_layer().flush()
    await async_redis().aclose()


@pytest.fixture(params=["refused", "hung"])
def redis_away(request: pytest.FixtureRequest, database: None, settings: Any) -> Callable[[], Any]:
    """Takes Valkey away while the block lasts: stream buffer, Channels layer and broker."""
    layers = deepcopy(settings.CHANNEL_LAYERS)

    @contextmanager
    def away() -> Iterator[None]:
        there, of_layers = settings.REDIS_URL, settings.CHANNEL_LAYERS
        with nobody_listens() if request.param == "refused" else nobody_answers() as url, broker_at(url):
            layers["default"]["CONFIG"]["hosts"][0]["address"] = url
            settings.REDIS_URL, settings.CHANNEL_LAYERS = url, layers
            sync_redis.cache_clear()
            try:
                yield
            finally:
                settings.REDIS_URL, settings.CHANNEL_LAYERS = there, of_layers
                sync_redis.cache_clear()

    return away


@pytest.fixture
def make_model(redis_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], ModelConfig]]:
    """Makes a model that only this test knows: nobody else's replies or tickets are in its queue."""
    file = tmp_path / "models.toml"
    names: list[str] = []

    def make() -> ModelConfig:
        names.append(f"model-{uuid4().hex[:12]}")
        file.write_text(
            "".join(
                f'[models.{name}]\nmodel_id = "tests/{name}"\nprompt_format = "oasst"\n'
                "max_input_length = 1024\nmax_total_length = 2048\n"
                for name in names
            ),
            encoding="utf-8",
        )
        monkeypatch.setenv(catalogue.FILE_VARIABLE, os.fspath(file))
        return catalogue.current().get(names[-1])

    yield make
    if names:
        with Redis.from_url(redis_url) as broker:
            broker.delete(*(catalogue.current().get(name).queue_name for name in names))


@pytest.fixture
def model(make_model: Callable[[], ModelConfig]) -> ModelConfig:
    """The test's own model."""
    return make_model()


@pytest.fixture
def person(database: None) -> Person:
    """Somebody with an account."""
    return Person.arrives()


@pytest.fixture
def stranger(database: None) -> Person:
    """Somebody else."""
    return Person.arrives()


@pytest.fixture
def chat(person: Person) -> Chat:
    """An empty chat of the person."""
    return person.chat()


@pytest.fixture
def prompt(chat: Chat) -> Message:
    """The chat's first prompt."""
    return add_prompt(chat=chat, parent_id=None, content="What is a llama?")


@pytest.fixture
def ask(model: ModelConfig) -> Callable[..., Message]:
    """Asks the test's model for a reply under a prompt."""

    def ask(prompt: Message, *, idempotency_key: str | None = None, **further: Any) -> Message:
        asked: dict[str, Any] = {"model_config_name": model.name, "sampling_parameters": SamplingParameters()}
        request = WorkRequest(**asked | further)
        return ask_reply(chat=prompt.chat, parent_id=prompt.pk, request=request, idempotency_key=idempotency_key)

    return ask


@pytest.fixture
def reply(prompt: Message, ask: Callable[..., Message]) -> Message:
    """The pending reply to the first prompt."""
    return ask(prompt)
