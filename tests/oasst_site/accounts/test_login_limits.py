"""Guessing passwords: so many tries for one name from one address, on every door."""

from uuid import uuid4

import pytest
from django.test import Client, RequestFactory

from oasst_site.accounts.backends import address_of
from oasst_site.accounts.models import User

PASSWORD = "a long enough pass phrase"


@pytest.fixture(autouse=True)
def address(settings):
    """Each test comes from an address of its own, over one proxy."""
    settings.TRUSTED_PROXIES = 1
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # hundreds of times as fast
    return str(uuid4())


@pytest.fixture
def client(address):
    return Client(headers={"X-Forwarded-For": address})


@pytest.fixture
def ada(database, settings):
    settings.RATE_LIMIT = True
    settings.RATE_LIMIT_LOGIN_TIMES = 3
    settings.RATE_LIMIT_LOGIN_SECONDS = 300
    return User.objects.create_superuser(f"ada-{uuid4().hex[:8]}", password=PASSWORD)


def by_token(client, name, password):
    return client.post("/api/auth/token", {"username": name, "password": password}, content_type="application/json")


def by_page(client, name, password):
    return client.post("/login", {"username": name, "password": password})


def by_admin(client, name, password):
    return client.post("/admin/login/", {"username": name, "password": password})


DOORS = pytest.mark.parametrize("door", [by_token, by_page, by_admin], ids=lambda door: door.__name__)


@DOORS
def test_after_so_many_wrong_passwords_even_the_right_one_waits(ada, client, door):
    for _ in range(3):
        assert door(client, ada.username, "wrong").status_code in (200, 400, 401)
    refused = door(client, ada.username, PASSWORD)
    assert refused.status_code == 429
    assert "too often: try again in" in refused.content.decode()


@DOORS
def test_a_good_password_begins_the_count_anew(ada, client, door):
    for _ in range(2):
        for _ in range(2):
            door(client, ada.username, "wrong")
        assert door(client, ada.username, PASSWORD).status_code in (200, 302)


def test_the_refusal_tells_when_to_come_back(ada, client):
    for _ in range(3):
        by_token(client, ada.username, "wrong")
    assert 290 <= int(by_token(client, ada.username, "wrong").headers["Retry-After"]) <= 300
    assert 290 <= int(by_admin(client, ada.username, "wrong").headers["Retry-After"]) <= 300


def test_another_name_is_not_held_up(ada, client):
    for _ in range(4):
        by_token(client, "somebody-else", "wrong")
    assert by_token(client, ada.username, PASSWORD).status_code == 200


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, None, "127.0.0.1"),
        (0, "6.6.6.6", "127.0.0.1"),
        (1, "6.6.6.6, 10.0.0.1", "10.0.0.1"),
        (2, "6.6.6.6, 10.0.0.1", "6.6.6.6"),
        (2, "10.0.0.1", "10.0.0.1"),
        (1, None, "127.0.0.1"),
    ],
)
def test_only_proxies_that_are_ours_are_believed(settings, proxies, forwarded, address):
    settings.TRUSTED_PROXIES = proxies
    headers = {} if forwarded is None else {"X-Forwarded-For": forwarded}
    assert address_of(RequestFactory().get("/", headers=headers)) == address
