"""Login by a provider: on when its keys are set; Open-Assistant's token pair for programs, a session for the page."""

from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.socialaccount.models import SocialAccount, SocialToken
from allauth.socialaccount.providers.github.views import GitHubOAuth2Adapter
from django.test import Client

from oasst_site.accounts.models import User
from tests.chats.people import Api
from tests.chats.shapes import TokenPairRead
from tests.oasst_site.accounts.played_github import played_github

pytestmark = pytest.mark.usefixtures("database")


def keys(name):
    return {name: {"APP": {"client_id": f"{name}-id", "secret": f"{name}-secret"}, "OAUTH_PKCE_ENABLED": True}}


@pytest.fixture
def github(settings, monkeypatch):
    settings.SOCIALACCOUNT_PROVIDERS = keys("github")
    with played_github() as server:
        monkeypatch.setattr(GitHubOAuth2Adapter, "access_token_url", f"{server.url}/login/oauth/access_token")
        monkeypatch.setattr(GitHubOAuth2Adapter, "profile_url", f"{server.url}/user")
        yield server


def begin(browser, path="/api/auth/login/github"):
    """Where the provider is asked, as its query."""
    answer = browser.get(path)
    assert answer.status_code == 302, answer.content
    return urlsplit(answer["Location"]), {
        key: value[0] for key, value in parse_qs(urlsplit(answer["Location"]).query).items()
    }


def come_back(browser, state, code="good"):
    return browser.get("/api/auth/callback/github", {"code": code, "state": state})


def test_a_program_gets_the_token_pair_and_no_session(github):
    browser = Client()
    assert b"Log in with GitHub" in browser.get("/login").content
    where, asked = begin(browser)
    assert where.netloc == "github.com"
    assert asked["client_id"] == "github-id"
    assert asked["redirect_uri"] == "http://testserver/api/auth/callback/github"
    answer = come_back(browser, asked["state"])
    pair = TokenPairRead.model_validate_json(answer.content)
    user = User.objects.get()
    assert Api(Authorization=f"Bearer {pair.access_token.access_token}").get("auth/check").json == str(user.pk)
    assert browser.get("/api/auth/check").status_code == 403
    assert github.asked["client_secret"] == ["github-secret"]
    assert "code_verifier" in github.asked


def test_the_user_is_the_providers_and_no_more_than_needed_is_kept(github):
    browser = Client()
    come_back(browser, begin(browser)[1]["state"])
    user = User.objects.get()
    assert (user.provider, user.provider_account_id, user.display_name) == ("github", "4711", "octocat")
    assert (user.email, user.first_name, user.last_name) == ("", "", "")
    assert not user.has_usable_password()
    assert SocialAccount.objects.get().extra_data == {}
    assert not SocialToken.objects.exists()


def test_a_second_login_is_the_same_person(github):
    for _ in range(2):
        browser = Client()
        assert come_back(browser, begin(browser)[1]["state"]).status_code == 200
    assert User.objects.count() == 1


def test_somebody_whom_a_trusted_client_has_made_is_the_same_person(github):
    known = User.objects.create(username="x", provider="github", provider_account_id="4711")
    browser = Client()
    come_back(browser, begin(browser)[1]["state"])
    assert User.objects.get() == known


def test_the_page_gets_a_session_and_goes_on(github):
    browser = Client()
    _, asked = begin(browser, "/api/auth/login/github?next=/somewhere")
    answer = come_back(browser, asked["state"])
    assert (answer.status_code, answer["Location"]) == (302, "/somewhere")
    assert browser.get("/api/auth/check").json() == str(User.objects.get().pk)


def test_nobody_is_led_to_another_site(github):
    browser = Client()
    _, asked = begin(browser, "/api/auth/login/github?next=https://evil.example.org/")
    answer = come_back(browser, asked["state"])
    assert "evil" not in answer.headers.get("Location", "")


@pytest.mark.parametrize("code", ["bad", ""])
def test_a_bad_code_logs_nobody_in(github, code):
    browser = Client()
    assert come_back(browser, begin(browser)[1]["state"], code).status_code == 401
    assert not User.objects.exists()


def test_a_callback_that_this_browser_has_not_begun_is_refused(github):
    state = begin(Client())[1]["state"]
    for foreign in (state, "nonsense"):
        answer = come_back(Client(), foreign)
        assert answer.status_code == 401
        assert "begin again" in answer.json()["detail"]
    assert not User.objects.exists()


def test_a_disabled_user_is_not_let_in(github):
    User.objects.create(username="x", provider="github", provider_account_id="4711", is_active=False)
    browser = Client()
    assert come_back(browser, begin(browser)[1]["state"]).status_code == 401
    browser = Client()
    come_back(browser, begin(browser, "/api/auth/login/github?next=/")[1]["state"])
    assert browser.get("/api/auth/check").status_code == 403


@pytest.mark.parametrize(
    ("provider", "host"),
    [("github", "github.com"), ("google", "accounts.google.com"), ("discord", "discord.com")],
)
def test_each_provider_is_on_when_its_keys_are_set(settings, provider, host):
    settings.ALLOW_DEBUG_AUTH = False
    settings.SOCIALACCOUNT_PROVIDERS = {}
    assert Api().get("auth/providers").json == []
    assert Api().get(f"auth/login/{provider}").refused(404)
    assert Api().get(f"auth/callback/{provider}?code=x&state=y").refused(404)
    assert b"Log in with" not in Client().get("/login").content
    settings.SOCIALACCOUNT_PROVIDERS = keys(provider)
    assert Api().get("auth/providers").json == [provider]
    where, asked = begin(Client(), f"/api/auth/login/{provider}")
    assert where.netloc == host
    assert asked["redirect_uri"].endswith(f"/api/auth/callback/{provider}")
    assert f"/api/auth/login/{provider}?next=" in Client().get("/login").content.decode()


def test_an_unknown_provider_is_not_found(database):
    assert Api().get("auth/login/myspace").refused(404)


# --- signing up ---

GOOD = {"username": "ada", "password1": "a long pass phrase", "password2": "a long pass phrase"}


def test_people_sign_up_with_a_name_and_a_password(settings):
    settings.ALLOW_SIGNUP = True
    browser = Client()
    assert b"Sign up" in browser.get("/login").content
    assert browser.get("/signup").status_code == 200
    answer = browser.post("/signup", GOOD)
    assert (answer.status_code, answer["Location"]) == (302, "/")
    user = User.objects.get(username="ada")
    assert browser.get("/api/auth/check").json() == str(user.pk)
    body = {"username": "ada", "password": GOOD["password1"]}
    assert Api().post("auth/token", body).read(TokenPairRead)


@pytest.mark.parametrize(
    "wrong",
    [
        {"password2": "another"},
        {"password1": "short", "password2": "short"},
        {"username": ""},
        {"username": "debug:ada"},
    ],
)
def test_a_wrong_form_makes_nobody(settings, wrong):
    settings.ALLOW_SIGNUP = True
    answer = Client().post("/signup", GOOD | wrong)
    assert b'role="alert"' in answer.content
    assert not User.objects.exists()


def test_a_name_that_is_taken_is_refused(settings):
    settings.ALLOW_SIGNUP = True
    User.objects.create_user("ada")
    Client().post("/signup", GOOD)
    assert User.objects.count() == 1


def test_without_allow_signup_nobody_signs_up(settings):
    settings.ALLOW_SIGNUP = False
    assert b"Sign up" not in Client().get("/login").content
    assert b"Nobody can sign up" in Client().get("/signup").content
    Client().post("/signup", GOOD)
    assert not User.objects.exists()
