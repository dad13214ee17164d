"""Who may do what: without a login nothing, and a stranger's chat does not exist."""

from uuid import uuid4

import pytest
from django.test import Client

from chats.models import Chat, Message
from tests.chats.people import Api, path_of


def calls(chat, message):
    """Every call on one chat and one message of it: method, path, body."""
    chat_path, message_path = f"chats/{chat}", f"chats/{chat}/messages/{message}"
    return [
        ("get", chat_path, None),
        ("put", chat_path, {"title": "Taken over"}),
        ("delete", chat_path, None),
        ("post", f"{chat_path}/prompter_message", {"content": "Hello", "parent_id": str(message)}),
        ("post", f"{chat_path}/assistant_message", {"model_config_name": "any", "parent_id": str(message)}),
        ("get", message_path, None),
        ("get", f"{message_path}/events", None),
        ("post", f"{message_path}/cancel", None),
        ("post", f"{message_path}/votes", {"score": 1}),
        ("post", f"{message_path}/reports", {"report_type": "spam", "reason": ""}),
        ("post", f"{message_path}/message_evals", {"inferior_message_ids": [str(message)]}),
    ]


def call(api, method, path, body):
    return getattr(api, method)(path) if body is None else getattr(api, method)(path, body)


def as_stored():
    return list(Chat.objects.order_by("pk").values()), list(Message.objects.order_by("pk").values())


def test_a_strangers_chat_does_not_exist(stranger, chat, reply):
    before = as_stored()
    for each in calls(chat.pk, reply.pk):
        error = call(stranger.api, *each).refused(404)
        assert str(chat.pk) in error.detail, each
    assert as_stored() == before


def test_an_id_that_is_none_is_answered_as_an_unknown_one(person, chat, reply):
    for chat_id in (uuid4(), "none", "0", "%00", "%F0%9F%A6%99"):
        for each in calls(chat_id, reply.pk):
            assert call(person.api, *each).refused(404), each


def test_a_message_of_another_chat_of_ones_own_is_not_found_in_this_one(person, chat, reply):
    other = person.chat()
    for path in ("", "/events"):
        error = person.api.get(f"chats/{other.pk}/messages/{reply.pk}{path}").refused(404)
        assert str(reply.pk) in error.detail
    assert person.api.post(f"chats/{other.pk}/messages/{reply.pk}/cancel").refused(404)
    reply.refresh_from_db()
    assert reply.state == "pending"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 403),
        ({"Authorization": ""}, 403),
        ({"Authorization": "Bearer"}, 403),
        ({"Authorization": "Bearer "}, 403),
        ({"Authorization": "Basic YTpi"}, 403),
        ({"Authorization": "Bearer nonsense"}, 401),
        ({"Authorization": "Bearer a.b.c"}, 401),
    ],
)
def test_nothing_is_to_be_had_without_a_good_token(chat, reply, headers, status):
    before = as_stored()
    api = Api(**headers)
    everything = [("get", "chats", None), ("post", "chats", {}), ("put", "chats/hide_all", None)]
    for each in [*everything, *calls(chat.pk, reply.pk)]:
        assert call(api, *each).refused(status).detail, each
    assert as_stored() == before


def test_a_session_cookie_reads_but_writes_only_with_the_csrf_token(person, chat, reply):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(person.user)
    assert browser.get(f"/api/chats/{chat.pk}").status_code == 200
    path = f"/api/{path_of(reply, '/cancel')}"
    assert browser.post(path, content_type="application/json").status_code == 403
    browser.cookies["csrftoken"] = "x" * 32
    answer = browser.post(path, content_type="application/json", headers={"X-CSRFToken": "x" * 32})
    assert answer.status_code == 200
    reply.refresh_from_db()
    assert reply.state == "cancelled"


def test_a_token_needs_no_csrf_token(person, reply):
    program = Client(enforce_csrf_checks=True, headers={"Authorization": person.bearer})
    assert program.post(f"/api/{path_of(reply, '/cancel')}").status_code == 200


def test_a_method_that_a_path_does_not_have_is_405(person, chat, reply):
    for method, path in (
        ("delete", "chats"),
        ("post", path_of(reply)),
        ("post", path_of(reply, "/events")),
        ("get", path_of(reply, "/cancel")),
    ):
        assert getattr(person.api, method)(path).refused(405)


def test_the_models_are_listed_without_a_login(database):
    assert Api().get("configs/model_configs").status == 200
