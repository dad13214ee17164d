"""The login form: the debug user's one click, passwords, and where one is led afterwards."""

from typing import Any

import pytest
from django.test import Client

from oasst_site.accounts.models import User

pytestmark = pytest.mark.django_db


def test_one_click_makes_the_debug_user_and_leads_to_the_chat() -> None:
    client = Client()
    assert b'value="guest"' in client.get("/login").content
    answer = client.post("/login", {"username": "guest"})
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert client.get("/").status_code == 200
    assert User.objects.get().provider == "debug"


def test_a_debug_name_opens_nobody_elses_account() -> None:
    User.objects.create_superuser("admin", password="a long enough password")
    client = Client()
    client.post("/login", {"username": "admin"})
    assert client.get("/admin/").status_code == 302


def test_without_debug_login_a_name_is_not_enough(settings: Any) -> None:
    settings.ALLOW_DEBUG_AUTH = False
    User.objects.create_user("ada", password="a long enough password")
    client = Client()
    assert b"guest" not in client.get("/login").content
    refused = client.post("/login", {"username": "ada"})
    assert refused.status_code == 400
    assert b"No active account has this name and password." in refused.content
    answer = client.post("/login", {"username": "ada", "password": "a long enough password"})
    assert answer.status_code == 302


@pytest.mark.parametrize("name", ["", " ", "x" * 101, "a\nb"])
def test_a_debug_name_that_cannot_be_is_told(name: str) -> None:
    answer = Client().post("/login", {"username": name})
    assert answer.status_code == 400
    assert b"cannot log in" in answer.content


@pytest.mark.parametrize(
    ("wanted", "led"),
    [
        ("/c/some-chat", "/c/some-chat"),
        ("https://elsewhere.example/", "/"),
        ("//elsewhere.example/", "/"),
        ("javascript:alert(1)", "/"),
        ("", "/"),
    ],
)
def test_one_is_led_only_to_places_of_this_site(wanted: str, led: str) -> None:
    assert Client().post("/login", {"username": "guest", "next": wanted})["Location"] == led


def test_who_is_logged_in_needs_no_form() -> None:
    client = Client()
    client.post("/login", {"username": "guest"})
    assert client.get("/login?next=/c/x")["Location"] == "/c/x"


def test_logging_out_ends_the_session_and_needs_a_post() -> None:
    client = Client()
    client.post("/login", {"username": "guest"})
    assert client.get("/logout").status_code == 405
    assert client.post("/logout")["Location"] == "/login"
    assert client.get("/").status_code == 302


def test_a_form_from_another_site_is_refused() -> None:
    client = Client(enforce_csrf_checks=True)
    assert client.post("/login", {"username": "guest"}).status_code == 403


def test_a_disabled_account_stays_out() -> None:
    client = Client()
    client.post("/login", {"username": "guest"})
    client.post("/logout")
    User.objects.update(is_active=False)
    answer = client.post("/login", {"username": "guest"})
    assert answer.status_code == 400
    assert b"disabled" in answer.content
