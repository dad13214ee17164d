"""The embedded servers, as every other test has them."""

import pytest
import redis
from django.contrib.auth import get_user_model
from django.db import connection


@pytest.mark.django_db
def test_tests_talk_to_a_real_postgres() -> None:
    get_user_model().objects.create(username="ada")
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        assert cursor.fetchone()[0].startswith("18.")
    assert get_user_model().objects.count() == 1


def test_tests_talk_to_a_real_valkey(empty_redis: redis.Redis) -> None:
    empty_redis.set("x", "1")
    assert empty_redis.get("x") == b"1"
    assert empty_redis.config_get("maxmemory-policy")["maxmemory-policy"] == "noeviction"
