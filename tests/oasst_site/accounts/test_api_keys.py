"""API keys: made and shown once, kept as a hash, limited by scope and time, revoked at once."""

import hashlib
import logging
from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from oasst_site.accounts.models import ApiKey, User
from oasst_site.accounts.websocket import find_login


def make(person, **body):
    """A new key of the person: its answer."""
    answer = person.api.post("auth/api_keys", {"name": "laptop"} | body)
    assert answer.status == 200, answer.content
    return answer.json


def test_a_key_logs_in_for_its_owner(person, bearing):
    key = make(person)["key"]
    assert key.startswith("oasst_")
    assert bearing(key).get("auth/check").json == str(person.user.pk)


def test_a_key_is_shown_once_and_only_its_hash_is_kept(person):
    made = make(person)
    row = ApiKey.objects.get(pk=made["id"])
    assert row.digest == hashlib.sha256(made["key"].encode()).hexdigest()
    assert made["key"] not in str(vars(row))
    [listed] = person.api.get("auth/api_keys").json
    assert listed == {name: value for name, value in made.items() if name != "key"}
    assert made["key"].startswith(listed["shown"])
    assert len(listed["shown"]) < 15


def test_each_key_has_a_name_and_they_are_listed_newest_first(person):
    for name in ("first", "second"):
        make(person, name=name)
    assert [key["name"] for key in person.api.get("auth/api_keys").json] == ["second", "first"]


def test_a_revoked_key_is_refused_at_once(person, bearing):
    made = make(person)
    assert person.api.delete(f"auth/api_keys/{made['id']}").status == 200
    assert bearing(made["key"]).get("auth/check").refused(401)
    assert person.api.get("auth/api_keys").json[0]["revoked_at"] is not None


def test_a_key_of_a_passed_time_is_refused(person, bearing):
    made = make(person, expires_in_days=1)
    assert bearing(made["key"]).get("auth/check").status == 200
    ApiKey.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert bearing(made["key"]).get("auth/check").refused(401)


def test_a_disabled_users_key_is_refused(person, bearing):
    made = make(person)
    User.objects.update(is_active=False)
    assert bearing(made["key"]).get("auth/check").refused(401)


@pytest.mark.parametrize("key", ["oasst_", "oasst_nonsense", "oasst_\xff", "oasst_" + "x" * 5000])
def test_an_unknown_key_is_refused(nobody, bearing, key):
    assert bearing(key).get("auth/check").refused(401)


def test_the_last_use_is_noted_once_a_minute_at_most(person, bearing):
    made = make(person)
    assert made["last_used_at"] is None
    bearing(made["key"]).get("auth/check")
    used = ApiKey.objects.get().last_used_at
    assert used is not None
    bearing(made["key"]).get("auth/check")
    assert ApiKey.objects.get().last_used_at == used
    ApiKey.objects.update(last_used_at=used - timedelta(minutes=2))
    bearing(made["key"]).get("auth/check")
    assert ApiKey.objects.get().last_used_at >= used


# --- scopes ---


@pytest.mark.parametrize(
    ("scopes", "reads", "writes", "completes"),
    [
        (["chats:read"], True, False, False),
        (["chats:write"], False, True, False),
        (["completions"], False, False, True),
        (["chats:read", "chats:write", "completions"], True, True, True),
    ],
    ids=["read", "write", "completions", "all"],
)
def test_a_key_can_do_what_its_scopes_say(person, bearing, scopes, reads, writes, completes):
    key = make(person, scopes=scopes)["key"]
    api = bearing(key)
    assert api.get("chats").status == (200 if reads else 403)
    assert api.post("chats").status == (200 if writes else 403)
    models = Client(headers={"Authorization": f"Bearer {key}"}).get("/v1/models")
    assert models.status_code == (200 if completes else 403)
    assert completes or models.json()["error"]["type"] == "permission_error"
    login = find_login({"authorization": f"Bearer {key}"}, [])
    assert (login.user, login.expires_at) == (person.user, None) if writes else login is None


def test_a_websocket_ends_with_its_key(person):
    key = make(person, expires_in_days=3)["key"]
    login = find_login({"authorization": f"Bearer {key}"}, [])
    assert login.user == person.user
    assert login.expires_at == ApiKey.objects.get().expires_at.timestamp()


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", "auth/api_keys"),
        ("post", "auth/api_keys"),
        ("post", "auth/websocket_ticket"),
        ("delete", "account/"),
    ],
)
def test_no_key_can_touch_the_account_itself(person, bearing, method, path):
    key = make(person)["key"]
    assert getattr(bearing(key), method)(path).refused(403)
    assert User.objects.filter(pk=person.user.pk).exists()
    assert ApiKey.objects.count() == 1


# --- what is refused ---


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "name"),
        ({"name": ""}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"name": "k", "scopes": []}, "scopes"),
        ({"name": "k", "scopes": ["everything"]}, "scopes"),
        ({"name": "k", "expires_in_days": 0}, "expires_in_days"),
    ],
)
def test_a_senseless_key_is_refused(person, body, field):
    assert person.api.post("auth/api_keys", body).refused(422).field.startswith(field)
    assert not ApiKey.objects.exists()


def test_a_strangers_key_is_not_found_and_stays_good(person, stranger, bearing):
    made = make(person)
    assert stranger.api.get("auth/api_keys").json == []
    for key_id in (made["id"], str(uuid4()), "nonsense"):
        assert stranger.api.delete(f"auth/api_keys/{key_id}").refused(404)
    assert bearing(made["key"]).get("auth/check").status == 200


def test_nobody_without_a_login_makes_keys(nobody):
    assert nobody.post("auth/api_keys", {"name": "k"}).refused(403)


def test_there_is_an_end_of_keys(person, bearing, monkeypatch):
    monkeypatch.setattr("oasst_site.accounts.key_views.MOST_KEYS", 2)
    first = make(person)
    make(person)
    assert person.api.post("auth/api_keys", {"name": "k"}).refused(413)
    person.api.delete(f"auth/api_keys/{first['id']}")
    make(person)


def test_keys_go_with_the_account(person):
    make(person)
    assert person.api.delete("account/").status == 200
    assert not ApiKey.objects.exists()


def test_keys_and_tokens_are_never_logged(person, bearing, caplog):
    caplog.set_level(logging.DEBUG)
    key = make(person)["key"]
    bearing(key).get("auth/check")
    bearing(key + "x").get("auth/check")
    bearing(key).get("no/such/path")
    assert key not in caplog.text
    assert person.token not in caplog.text


# --- admin ---


def test_the_admin_revokes_keys_and_shows_no_secret(person, admin_client, bearing):
    made = make(person)
    page = admin_client.get("/admin/accounts/apikey/").content.decode()
    row = ApiKey.objects.get()
    assert row.shown in page
    assert made["key"] not in page
    assert row.digest not in admin_client.get(f"/admin/accounts/apikey/{row.pk}/change/").content.decode()
    assert admin_client.get("/admin/accounts/apikey/add/").status_code == 403
    admin_client.post("/admin/accounts/apikey/", {"action": "revoke", "_selected_action": [str(row.pk)]})
    assert bearing(made["key"]).get("auth/check").refused(401)
