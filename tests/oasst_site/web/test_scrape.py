"""Prometheus asks by an address that is in nobody's ALLOWED_HOSTS."""

import pytest
from django.test import Client

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("redis_url")]
BY_ADDRESS = {"host": "10.1.2.3:8000"}


@pytest.fixture(autouse=True)
def hosts(settings):
    settings.ALLOWED_HOSTS = ["chat.example.org"]


def test_the_metrics_are_told_whatever_name_they_are_asked_by():
    answer = Client().get("/metrics", headers=BY_ADDRESS)
    assert answer.status_code == 200
    assert b"oasst_source_up" in answer.content


def test_only_to_the_bearer_of_the_token_all_the_same(settings):
    settings.METRICS_TOKEN = "for-prometheus"
    assert Client().get("/metrics", headers=BY_ADDRESS).status_code == 401


@pytest.mark.parametrize("path", ["/login", "/api/chats", "/metrics/"])
def test_nothing_else_is(path: str):
    assert Client().get(path, headers=BY_ADDRESS).status_code == 400
