"""Share links: a snapshot of one thread for whoever has the link; unguessable, revocable, without its owner."""

import pytest
from django.test import Client

from chats.models import Share
from chats.repository import work
from chats.repository.asking import add_prompt
from tests.chats.people import Api
from tests.chats.played_worker import claim, result


@pytest.fixture
def answered(chat, prompt, reply, model):
    work.complete(reply.pk, claim(model).attempt, result("A camelid."))
    return chat


@pytest.fixture
def link(person, answered):
    """The chat's link, as its owner got it."""
    answer = person.api.post(f"chats/{answered.pk}/shares")
    assert answer.status == 200, answer.content
    return answer.json


def read(link):
    """What anybody gets who follows the link, without any login."""
    return Api().get(link["path"].removeprefix("/api/"))


def test_whoever_has_the_link_reads_the_thread(link, model):
    told = read(link).json
    assert told["title"] == "What is a llama?"
    assert [(each["role"], each["content"]) for each in told["messages"]] == [
        ("prompter", "What is a llama?"),
        ("assistant", "A camelid."),
    ]
    assert told["messages"][1]["model_config_name"] == model.name


def test_nothing_tells_whose_it_is(link, person, answered):
    content = read(link).content.decode()
    for secret in (str(person.user.pk), person.user.username, str(answered.pk)):
        assert secret not in content


def test_what_is_said_later_is_not_in_it(link, answered, reply):
    before = read(link).content
    add_prompt(chat=answered, parent_id=reply.pk, content="A secret.")
    answered.title = "Another"
    answered.save()
    assert read(link).content == before


def test_a_link_can_be_to_an_earlier_message(person, answered, prompt):
    link = person.api.post(f"chats/{answered.pk}/shares", {"message_id": str(prompt.pk)}).json
    assert len(read(link).json["messages"]) == 1


def test_a_revoked_link_leads_nowhere(person, answered, link):
    assert person.api.delete(f"chats/{answered.pk}/shares/{link['id']}").status == 200
    assert read(link).refused(404)
    assert person.api.get(f"chats/{answered.pk}/shares").json == []


def test_a_deleted_chats_links_lead_nowhere(person, answered, link):
    person.api.delete(f"chats/{answered.pk}")
    assert read(link).refused(404)


def test_a_deleted_accounts_links_lead_nowhere(person, link):
    person.api.delete("account/")
    assert read(link).refused(404)


def test_the_owner_sees_the_links_newest_first(person, answered, link):
    second = person.api.post(f"chats/{answered.pk}/shares").json
    assert person.api.get(f"chats/{answered.pk}/shares").json == [second, link]
    assert second["token"] != link["token"]


def test_a_link_cannot_be_guessed(link):
    assert len(link["token"]) >= 43  # 256 bits in base64
    for token in ("x", link["token"][:-1], link["token"] + "x", link["id"], "%00", "\u00e9"):
        assert Api().get(f"shares/{token}").refused(404)


def test_no_cache_and_no_search_engine_keeps_it(link):
    headers = read(link).headers
    assert headers["Cache-Control"] == "no-store"
    assert "noindex" in headers["X-Robots-Tag"]
    assert headers["Referrer-Policy"] == "no-referrer"


def test_people_get_a_page_that_no_search_engine_keeps_and_that_sets_no_cookie(link, model):
    answer = Client().get(link["page_path"])
    html = answer.content.decode()
    assert answer.status_code == 200
    assert "What is a llama?" in html
    assert "A camelid." in html
    assert model.name in html
    assert (answer["Cache-Control"], answer["Referrer-Policy"]) == ("no-store", "no-referrer")
    assert "noindex" in answer["X-Robots-Tag"]
    assert "script-src" in answer["Content-Security-Policy"]
    assert "unsafe" not in answer["Content-Security-Policy"]
    assert not answer.cookies
    for method in ("post", "put", "delete"):
        assert getattr(Client(), method)(link["page_path"]).status_code == 405


def test_a_browser_at_the_programs_link_is_led_to_the_page(link):
    answer = Client().get(link["path"], headers={"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
    assert (answer.status_code, answer["Location"]) == (302, link["page_path"])
    assert answer["Cache-Control"] == "no-store"
    assert Client().get("/api/shares/x", headers={"Accept": "text/html"}).status_code == 404


@pytest.mark.django_db
@pytest.mark.parametrize("token", ["x", "%00", "%C3%A9", "x" * 300])
def test_the_page_of_no_link_is_a_404_with_the_same_silence(token):
    answer = Client().get(f"/share/{token}")
    assert answer.status_code == 404
    assert "noindex" in answer["X-Robots-Tag"]


def test_markup_in_a_shared_message_stays_text(person, chat):
    add_prompt(chat=chat, parent_id=None, content="</div><script>alert(1)</script>")
    link = person.api.post(f"chats/{chat.pk}/shares").json
    assert b"<script>alert" not in Client().get(link["page_path"]).content


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_it_is_read_only(link, method):
    path = link["path"].removeprefix("/api/")
    assert getattr(Api(), method)(path).refused(405)


def test_a_stranger_can_neither_share_nor_list_nor_revoke(stranger, answered, link):
    assert stranger.api.post(f"chats/{answered.pk}/shares").refused(404)
    assert stranger.api.get(f"chats/{answered.pk}/shares").refused(404)
    assert stranger.api.delete(f"chats/{answered.pk}/shares/{link['id']}").refused(404)
    own = stranger.chat()
    assert stranger.api.delete(f"chats/{own.pk}/shares/{link['id']}").refused(404)
    assert Share.objects.count() == 1


def test_an_empty_chat_can_be_shared(person, chat):
    assert read(person.api.post(f"chats/{chat.pk}/shares").json).json["messages"] == []
