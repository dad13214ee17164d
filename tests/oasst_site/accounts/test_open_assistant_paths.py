"""Open-Assistant's /auth paths as its clients use them: shapes, status codes, and who is who."""

import base64
import json

import pytest
from django.test import Client

from chats.repository.asking import add_prompt
from oasst_site.accounts.models import User
from tests.chats.people import Api, Person
from tests.chats.shapes import ErrorRead, FreshTokenRead, TokenPairRead

KEY = "a-key-of-our-website"


def log_in(nobody, name):
    return nobody.get(f"auth/callback/debug?code={name}").read(TokenPairRead)


# --- debug login ---


def test_a_name_gets_a_token_pair_and_the_same_account_each_time(nobody, bearing):
    ids = set()
    for _ in range(2):
        pair = log_in(nobody, "ada")
        ids.add(bearing(pair.access_token.access_token).get("auth/check").json)
    (user_id,) = ids
    user = User.objects.get(pk=user_id)
    assert (user.provider, user.provider_account_id, user.display_name) == ("debug", "ada", "ada")
    assert not user.is_staff
    assert not user.has_usable_password()


def test_two_names_are_two_people(nobody, bearing):
    ids = {bearing(log_in(nobody, name).access_token.access_token).get("auth/check").json for name in ("ada", "bob")}
    assert len(ids) == 2


def test_the_login_leads_to_the_callback_with_its_state(nobody, database):
    answer = Client().get("/api/auth/login/debug", {"username": "ada lovelace", "state": "s/1"})
    assert answer.status_code == 302
    assert answer.url == "/api/auth/callback/debug?code=ada+lovelace&state=s%2F1"
    assert TokenPairRead.model_validate_json(Client().get(answer.url).content)


@pytest.mark.parametrize("query", ["", "?code=", "?code=%20", f"?code={'x' * 101}", "?code=a%00b", "?code=a%0Ab"])
def test_a_name_that_is_none_logs_nobody_in(nobody, query):
    assert nobody.get(f"auth/callback/debug{query}").refused(400).field == "code"
    assert not User.objects.filter(provider="debug").exists()


def test_a_login_without_a_name_is_refused(nobody):
    assert nobody.get("auth/login/debug").refused(422).field == "username"


def test_where_debug_login_is_off_a_name_is_nothing(nobody, settings):
    settings.ALLOW_DEBUG_AUTH = False
    for path in ("auth/login/debug?username=ada", "auth/callback/debug?code=ada"):
        assert "ALLOW_DEBUG_AUTH" in nobody.get(path).refused(403).detail
    assert "debug" not in nobody.get("auth/providers").json
    assert not User.objects.filter(provider="debug").exists()


def test_where_it_is_on_it_is_a_provider(nobody, settings):
    settings.ALLOW_DEBUG_AUTH = True
    assert "debug" in nobody.get("auth/providers").json


# --- tokens ---


def test_check_answers_with_the_users_id_as_a_json_string(person):
    assert person.api.get("auth/check").json == str(person.user.pk)


def test_a_refresh_token_gets_an_access_token_and_stays_good(nobody, bearing):
    pair = log_in(nobody, "ada")
    for _ in range(2):
        fresh = nobody.get("auth/refresh", Refresh=pair.refresh_token.access_token).read(FreshTokenRead)
        assert bearing(fresh.access_token).get("auth/check").status == 200


@pytest.mark.parametrize(("header", "status"), [(None, 403), ("", 403), ("nonsense", 401), ("a.b.c", 401)])
def test_a_bad_refresh_token_is_refused(nobody, header, status):
    headers = {} if header is None else {"Refresh": header}
    assert nobody.get("auth/refresh", **headers).refused(status).detail


def test_the_tokens_of_somebody_disabled_or_gone_are_refused_in_a_plain_sentence(nobody, bearing, person):
    pair = log_in(nobody, "ada")
    User.objects.filter(provider="debug").update(is_active=False)
    for answer in (
        bearing(pair.access_token.access_token).get("auth/check"),
        nobody.get("auth/refresh", Refresh=pair.refresh_token.access_token),
    ):
        detail = answer.refused(401).detail
        assert not detail.startswith("detail:")
        assert detail.endswith(".")
    User.objects.filter(pk=person.user.pk).delete()
    assert person.api.get("auth/check").refused(401)


# --- trusted clients ---


def trusted(**changes):
    """The header of our website, speaking for Ada."""
    claims = {"api_key": KEY, "client": "website", "user_id": "1", "provider_account_id": "42", "username": "Ada"}
    return Api(TrustedClient=base64.b64encode(json.dumps(claims | changes).encode()).decode())


@pytest.fixture
def website(database, settings):
    settings.TRUSTED_CLIENT_KEYS = ["another", KEY]
    return trusted


def test_a_trusted_client_makes_its_user_and_speaks_for_it(website):
    assert website().post("chats").refused(404)
    made = website().post("auth/trusted").json
    assert (made["provider"], made["provider_account_id"], made["display_name"]) == ("website", "42", "Ada")
    assert website().get("auth/check").json == made["id"]
    assert website().post("auth/trusted").json["id"] == made["id"]
    assert website(provider_account_id="43").post("auth/trusted").json["id"] != made["id"]


def test_a_name_changed_at_the_website_is_changed_here(website):
    made = website().post("auth/trusted").json
    assert website(username="Ada L.").post("auth/trusted").json["display_name"] == "Ada L."
    assert User.objects.get(pk=made["id"]).display_name == "Ada L."


def test_a_name_that_cannot_be_stored_is_stored_without_what_cannot(website):
    assert website(username="A\x00da").post("auth/trusted").json["display_name"] == "Ada"
    assert website(username="x" * 500).post("auth/trusted").json["display_name"] == "x" * 150


def test_a_trusted_clients_user_has_chats_like_any_other(website):
    website().post("auth/trusted")
    chat_id = website().post("chats").json["id"]
    assert website().get(f"chats/{chat_id}").status == 200
    website(provider_account_id="43").post("auth/trusted")
    assert website(provider_account_id="43").get(f"chats/{chat_id}").refused(404)


@pytest.mark.parametrize("key", ["", "guess", KEY + "x", None])
def test_a_key_that_is_not_ours_is_refused(website, key, settings):
    settings.TRUSTED_CLIENT_KEYS = ["", KEY]  # as of a list with a comma too many
    for path in ("auth/trusted", "chats"):
        assert website(api_key=key).post(path).refused(401)
    assert not User.objects.filter(provider="website").exists()


@pytest.mark.parametrize("header", ["", "nonsense", "e30=", "W10=", "bnVsbA==", "é"])
def test_a_header_that_is_none_is_refused(website, header):
    api = Api(TrustedClient=header)
    for answer in (api.post("auth/trusted"), api.get("chats")):
        assert answer.status in (401, 403)
        assert ErrorRead.model_validate_json(answer.content).detail


@pytest.mark.parametrize(
    "claims",
    [
        {"provider_account_id": ""},
        {"provider_account_id": "", "client": "local"},
        {"client": ""},
        {"provider_account_id": "4\x002"},
        {"client": "web\x00"},
    ],
)
def test_a_client_speaks_for_nobody_without_a_proper_id(website, claims):
    """Above all not for those who have an account here by name and password: they have no id at a provider."""
    User.objects.create_superuser("root")
    for path in ("auth/trusted", "chats"):
        assert website(**claims).post(path).refused(401)


def test_a_disabled_user_is_spoken_for_by_nobody(website):
    website().post("auth/trusted")
    User.objects.filter(provider="website").update(is_active=False)
    assert website().post("chats").refused(404)


# --- the account ---


def test_an_account_is_deleted_with_all_in_it_and_its_token_is_good_no_more(person, stranger):
    add_prompt(chat=person.chat(), parent_id=None, content="Hello")
    theirs = stranger.chat()
    assert person.api.delete("account/").status == 200
    assert not User.objects.filter(pk=person.user.pk).exists()
    assert person.api.get("auth/check").refused(401)
    theirs.refresh_from_db()


def test_the_accounts_path_ends_in_a_slash_and_no_other_does(person):
    assert Client(headers={"Authorization": person.bearer}).delete("/api/account").status_code == 404
    assert Client(headers={"Authorization": person.bearer}).get("/api/chats/").status_code == 404


def test_a_persons_name_is_no_login(nobody):
    Person.arrives("ada")
    pair = log_in(nobody, "ada")
    assert pair
    assert User.objects.filter(username="ada").get().provider == "local"
