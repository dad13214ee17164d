"""Rows that are found by prepared statements are what Django's own queries find."""

from uuid import uuid4

import pytest

from chats.models import Chat, Message, Preferences
from chats.repository.lookup import message_in_chat_of
from chats.rows import RowBy
from oasst_site.accounts.models import User


def facts(instance):
    """All columns of an instance, and that it is known to have a row."""
    assert not instance._state.adding
    return {field.attname: getattr(instance, field.attname) for field in instance._meta.concrete_fields}


@pytest.mark.parametrize("kind", [User, Chat, Message])
def test_a_row_is_the_one_that_a_query_finds(person, reply, kind):
    stored = {User: person.user, Chat: reply.chat, Message: reply}[kind]
    assert facts(RowBy(kind, "id").get(stored.pk)) == facts(kind.objects.get(pk=stored.pk))


def test_there_is_no_row_where_one_of_the_columns_differs(chat, stranger):
    assert RowBy(Chat, "id", "user_id").get(chat.pk, chat.user_id) == chat
    assert RowBy(Chat, "id", "user_id").get(chat.pk, stranger.user.pk) is None
    assert RowBy(Chat, "id", "user_id").get(uuid4(), chat.user_id) is None


def test_what_was_found_is_saved_as_ever(chat):
    found = RowBy(Chat, "id").get(chat.pk)
    found.title = "Llamas"
    found.save(update_fields=["title"])
    chat.refresh_from_db()
    assert chat.title == "Llamas"


def test_a_message_comes_with_its_chat(person, reply, django_assert_num_queries):
    with django_assert_num_queries(1):
        found = message_in_chat_of(person.user, str(reply.chat_id), str(reply.pk))
        assert found.chat.pk == reply.chat_id
    assert facts(found) == facts(Message.objects.get(pk=reply.pk))
    assert facts(found.chat) == facts(Chat.objects.get(pk=reply.chat_id))


@pytest.mark.parametrize("wish", [{}, {"allow_data_use": False}, {"system_prompt": "Be brief."}])
@pytest.mark.parametrize("given", [{}, {"allow_data_use": True}, {"system_prompt": ""}])
def test_a_new_chat_is_as_the_request_says_else_as_its_user_prefers(person, wish, given):
    if wish:
        Preferences.objects.create(user=person.user, **wish)
    answer = person.api.post("chats", given)
    made = Chat.objects.get(pk=answer.json["id"])
    wanted = {"allow_data_use": True, "system_prompt": "", "user_profile": ""} | wish | given
    assert {name: getattr(made, name) for name in wanted} == wanted
