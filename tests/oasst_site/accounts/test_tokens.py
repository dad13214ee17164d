"""Tokens: Open-Assistant's refresh without rotation; our own endpoint with rotation, revocation and passwords."""

from datetime import timedelta

import pytest
from rest_framework_simplejwt.token_blacklist.models import OutstandingToken
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken
from rest_framework_simplejwt.utils import aware_utcnow

from oasst_site.accounts import authentication
from oasst_site.accounts.models import User
from oasst_site.accounts.tokens import revoke_tokens, token_pair
from tests.chats.at_once import at_once
from tests.chats.people import Api
from tests.chats.shapes import FreshTokenRead, TokenPairRead

PASSWORD = "a long enough pass phrase"


@pytest.fixture
def ada(database):
    return User.objects.create_user("ada", password=PASSWORD)


def refresh_of(user):
    """A new refresh token of the user."""
    return token_pair(user)["refresh_token"]["access_token"]


def test_an_access_token_that_was_good_a_moment_ago_is_refused_once_it_has_expired(person, monkeypatch):
    assert person.api.get("auth/check").status == 200
    later = aware_utcnow() + AccessToken.lifetime + timedelta(seconds=1)
    monkeypatch.setattr(authentication, "aware_utcnow", lambda: later)
    assert "expired" in person.api.get("auth/check").refused(401).detail


def test_a_user_who_is_disabled_is_refused_at_once(person):
    assert person.api.get("auth/check").status == 200
    User.objects.filter(pk=person.user.pk).update(is_active=False)
    assert person.api.get("auth/check").refused(401).detail == "The user of this token is gone or disabled."


# --- Open-Assistant's ---


def test_open_assistants_refresh_token_stays_good(person, nobody, bearing):
    token = refresh_of(person.user)
    for _ in range(2):
        fresh = nobody.get("auth/refresh", Refresh=token).read(FreshTokenRead)
        assert bearing(fresh.access_token).get("auth/check").json == str(person.user.pk)


@pytest.mark.parametrize("token", ["nonsense", "a.b.c"])
def test_a_forged_refresh_token_is_refused(nobody, token):
    assert nobody.get("auth/refresh", Refresh=token).refused(401)
    assert nobody.post("auth/token/refresh", {"refresh_token": token}).refused(401)


def test_an_access_token_refreshes_nothing(person, nobody):
    assert nobody.get("auth/refresh", Refresh=person.token).refused(401)
    assert nobody.post("auth/token/refresh", {"refresh_token": person.token}).refused(401)


def test_a_refresh_token_is_no_access_token(person, bearing):
    assert bearing(refresh_of(person.user)).get("auth/check").refused(401)


# --- ours ---


def test_name_and_password_give_a_pair(ada, nobody, bearing):
    pair = nobody.post("auth/token", {"username": "ada", "password": PASSWORD}).read(TokenPairRead)
    assert bearing(pair.access_token.access_token).get("auth/check").json == str(ada.pk)


@pytest.mark.parametrize("body", [{"username": "ada", "password": "wrong"}, {"username": "eve", "password": PASSWORD}])
def test_a_wrong_name_or_password_is_refused_in_the_same_words(ada, nobody, body):
    assert nobody.post("auth/token", body).refused(401).detail == "No active account has this name and password."


def test_a_disabled_user_gets_no_token(ada, nobody):
    token = refresh_of(ada)
    User.objects.update(is_active=False)
    assert nobody.post("auth/token", {"username": "ada", "password": PASSWORD}).refused(401)
    assert nobody.post("auth/token/refresh", {"refresh_token": token}).refused(401)
    assert nobody.get("auth/refresh", Refresh=token).refused(401)


def test_a_rotated_refresh_token_is_good_no_more(person, nobody, bearing):
    old = refresh_of(person.user)
    pair = nobody.post("auth/token/refresh", {"refresh_token": old}).read(TokenPairRead)
    assert bearing(pair.access_token.access_token).get("auth/check").json == str(person.user.pk)
    assert nobody.post("auth/token/refresh", {"refresh_token": old}).refused(401)
    assert nobody.get("auth/refresh", Refresh=old).refused(401)
    again = {"refresh_token": pair.refresh_token.access_token}
    assert nobody.post("auth/token/refresh", again).read(TokenPairRead)


@pytest.mark.django_db(transaction=True)
def test_of_two_uses_of_a_refresh_token_at_once_one_gets_the_pair(redis_url):
    user = User.objects.create(username="both")
    body = {"refresh_token": refresh_of(user)}
    answers = at_once(*[lambda: Api().post("auth/token/refresh", body).status] * 4)
    assert sorted(answers) == [200, 401, 401, 401]


def test_a_revoked_refresh_token_is_refused_everywhere(person, nobody):
    token = refresh_of(person.user)
    assert nobody.post("auth/token/revoke", {"refresh_token": token}).status == 200
    assert nobody.post("auth/token/refresh", {"refresh_token": token}).refused(401)
    assert nobody.get("auth/refresh", Refresh=token).refused(401)


def test_all_refresh_tokens_of_a_user_are_revoked_and_nobody_elses(person, stranger, nobody):
    mine, theirs = [refresh_of(person.user) for _ in range(2)], refresh_of(stranger.user)
    assert revoke_tokens(person.user) == 3  # the person's own login too
    assert revoke_tokens(person.user) == 0
    for token in mine:
        assert nobody.get("auth/refresh", Refresh=token).refused(401)
    assert nobody.get("auth/refresh", Refresh=theirs).read(FreshTokenRead)


def test_nothing_of_the_tokens_stays_when_the_account_goes(person, nobody):
    token = refresh_of(person.user)
    jti = RefreshToken(token)["jti"]
    assert OutstandingToken.objects.filter(jti=jti).exists()
    assert person.api.delete("account/").status == 200
    assert not OutstandingToken.objects.filter(jti=jti).exists()
    assert nobody.get("auth/refresh", Refresh=token).refused(401)


def test_the_admin_logs_somebody_out_everywhere(person, admin_client, nobody):
    token = refresh_of(person.user)
    key = person.api.post("auth/api_keys", {"name": "k"}).json["key"]
    admin_client.post(
        "/admin/accounts/user/", {"action": "log_out_everywhere", "_selected_action": [str(person.user.pk)]}
    )
    assert nobody.get("auth/refresh", Refresh=token).refused(401)
    assert Api(Authorization=f"Bearer {key}").get("auth/check").refused(401)
