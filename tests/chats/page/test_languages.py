"""Which language the page and the server's refusals speak, and that no cache mixes the languages up."""

import gzip
import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from chats.page.catalogue import catalogue_address
from oasst_site.accounts.models import User
from oasst_site.openapi.document import _document, openapi_document
from tests.chats.people import Person

GERMAN = {"Accept-Language": "de-CH,de;q=0.9,en;q=0.5"}
DEBUG_LOGIN = "Dies ist ein Entwicklungsserver: ein beliebiger Name genügt, ohne Passwort."


def html_of(answer) -> dict[str, str]:
    [tag] = re.findall(r"<html[^>]*>", answer.content.decode())
    return dict(re.findall(r'(lang|dir)="(\w+)"', tag))


def varies(answer) -> set[str]:
    return set(re.split(r",\s*", answer.headers.get("Vary", "")))


@pytest.mark.django_db
def test_the_browsers_language_is_spoken():
    answer = Client().get("/login", headers=GERMAN)
    assert DEBUG_LOGIN in answer.content.decode()
    assert html_of(answer) == {"lang": "de", "dir": "ltr"}
    assert answer.headers["Content-Language"] == "de"
    assert varies(answer) >= {"Accept-Language", "Cookie"}


@pytest.mark.django_db
@pytest.mark.parametrize("wish", [None, "fr", "tlh, en;q=0.1", "*", ";;;"])
def test_who_asks_for_no_language_that_there_is_gets_english(wish):
    answer = Client().get("/login", headers={"Accept-Language": wish} if wish else {})
    assert html_of(answer)["lang"] == "en"


@pytest.mark.django_db
def test_who_chooses_a_language_keeps_it_whatever_the_browser_asks_for():
    browser = Client()
    page = "http://testserver/login?next=/c/1"
    answer = browser.post(reverse("set_language"), {"language": "de"}, headers={"Referer": page})
    assert (answer.status_code, answer.headers["Location"]) == (302, page)
    cookie = answer.cookies["django_language"]
    assert (cookie.value, cookie["samesite"], cookie["httponly"]) == ("de", "Lax", True)
    assert cookie["max-age"] >= 30 * 24 * 3600
    assert html_of(browser.get("/login", headers={"Accept-Language": "en"}))["lang"] == "de"


@pytest.mark.django_db
@pytest.mark.parametrize("elsewhere", ["https://evil.example.org/", "//evil.example.org", "javascript:alert(1)"])
def test_choosing_a_language_leads_to_no_other_site(elsewhere):
    answer = Client().post(reverse("set_language"), {"language": "de", "next": elsewhere})
    assert answer.headers["Location"] == "/"


def test_a_language_that_is_written_from_right_to_left_turns_the_page(settings, db):
    settings.LANGUAGES = [("en", "English"), ("ar", "العربية")]
    assert html_of(Client().get("/login", headers={"Accept-Language": "ar"})) == {"lang": "ar", "dir": "rtl"}


# --- the page's script of texts ---


@pytest.fixture
def browser(db) -> Client:
    client = Client()
    client.force_login(User.objects.create_user("somebody"))
    return client


def script_in(page: str) -> str | None:
    found = re.search(r'<script src="([^"]*/texts/[^"]*)" defer></script>', page)
    return found and found[1]


def test_english_stands_in_the_code_and_needs_no_script(browser):
    assert script_in(browser.get("/").content.decode()) is None


def test_german_comes_as_a_script_that_the_browser_keeps(browser):
    address = script_in(browser.get("/", headers=GERMAN).content.decode())
    answer = browser.get(address)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert '"Undo": "R\\u00fcckg\\u00e4ngig"' in answer.content.decode()
    assert "Cookie" not in varies(answer), "one for everybody"


def test_the_script_is_compressed_for_who_can_read_that(browser):
    address = script_in(browser.get("/", headers=GERMAN).content.decode())
    plain = browser.get(address)
    packed = browser.get(address, headers={"Accept-Encoding": "gzip, br"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.content) == plain.content
    assert "Accept-Encoding" in varies(plain)
    assert "Accept-Encoding" in varies(packed)
    assert len(packed.content) < 8_000, "it is part of the first load"


def test_the_script_holds_the_pages_texts_and_none_of_the_admins(browser):
    script = browser.get(script_in(browser.get("/", headers=GERMAN).content.decode())).content.decode()
    assert "Available %s" not in script


def test_the_script_under_the_address_of_another_version_is_not_kept(browser):
    assert browser.get(reverse("page-texts", args=["de", "another"])).headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize("language", ["xx", "en-us", "..", "de%2Fx"])
def test_there_is_no_script_of_a_language_that_there_is_not(browser, language):
    assert browser.get(f"/texts/{language}.1.js").status_code == 404


def test_outside_of_a_request_the_page_speaks_english():
    translation.deactivate()  # the last request of this thread may have been a German one
    assert catalogue_address() is None


# --- refusals ---


def test_a_refusal_of_the_api_is_in_the_callers_language(db, redis_url):
    person = Person.arrives()
    client = Client(headers={"Authorization": person.bearer})
    answer = client.get("/api/chats/nonsense", headers=GERMAN)
    assert answer.json()["detail"] == "Den Chat nonsense gibt es nicht."
    assert "Accept-Language" in varies(answer)
    assert client.get("/api/chats/nonsense").json()["detail"] == "There is no chat nonsense."


def test_the_login_forms_refusal_is_in_the_persons_language(db, redis_url, settings):
    settings.ALLOW_DEBUG_AUTH = False
    answer = Client().post("/login", {"username": "nobody", "password": "guess"}, headers=GERMAN)
    assert "Zu diesem Namen und Passwort gibt es kein aktives Konto." in answer.content.decode()


def test_the_description_of_the_api_is_english_whoever_asks_first(rf):
    english = openapi_document(rf.get("/api/schema")).content
    _document.cache_clear()
    assert Client().get("/api/schema", headers=GERMAN).content == english
