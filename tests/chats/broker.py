"""The broker as an operator sees it: the tickets that wait in a model's queue; and brokers that do not work."""

import base64
import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager

from celery import Celery, current_app
from django.conf import settings

from chats.redis import sync_redis
from chats.tickets import TASK
from inference.model_config import ModelConfig


def tickets(model: ModelConfig) -> list[str]:
    """The message ids on the tickets of this model's queue, in the order in which they will be taken."""
    found = []
    for raw in reversed(sync_redis().lrange(model.queue_name, 0, -1)):
        message = json.loads(raw)
        assert message["headers"]["task"] == TASK
        arguments, _, _ = json.loads(base64.b64decode(message["body"]))
        found.append(arguments[0])
    return found


@contextmanager
def broker_at(url: str) -> Iterator[None]:
    """Tickets go to the broker at this address, with the project's own settings."""
    ours = current_app._get_current_object()  # type: ignore[attr-defined]
    other = Celery("other", set_as_current=False)
    names = [name for name in dir(settings) if name.startswith("CELERY_")]
    config = {name: getattr(settings, name) for name in names} | {"CELERY_BROKER_URL": url}
    other.config_from_object(config, namespace="CELERY")
    other.set_current()
    other.set_default()  # for the other threads
    try:
        yield
    finally:
        ours.set_current()
        ours.set_default()
        other.close()


@contextmanager
def nobody_listens() -> Iterator[str]:
    """The address of a Redis server that is down: connections are refused."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"redis://127.0.0.1:{taken.getsockname()[1]}/0"


@contextmanager
def nobody_answers() -> Iterator[str]:
    """The address of a Redis server that hangs: it takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        yield f"redis://127.0.0.1:{silent.getsockname()[1]}/0"
