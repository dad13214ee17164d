"""Probes and Prometheus ask by an address that is in nobody's ALLOWED_HOSTS."""

import pytest
from django.test import Client

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("redis_url")]
BY_ADDRESS = {"host": "10.1.2.3:8000"}


@pytest.fixture(autouse=True)
def hosts(settings):
    settings.ALLOWED_HOSTS = ["chat.example.org"]


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
def test_a_probe_is_answered_whatever_name_it_asks_by(path: str):
    answer = Client().get(path, headers=BY_ADDRESS)
    assert answer.status_code in (200, 503)
    assert answer.content


@pytest.mark.parametrize("path", ["/login", "/api/chats", "/metrics/"])
def test_nothing_else_is(path: str):
    assert Client().get(path, headers=BY_ADDRESS).status_code == 400
