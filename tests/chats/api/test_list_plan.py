"""A page of chats is read from an index that holds just the chats that are shown, in their order."""

import json

from django.db import connection

from chats.api.pages import chat_page
from chats.models import Chat


def test_hidden_and_other_peoples_chats_are_not_even_looked_at(person, stranger):
    Chat.objects.bulk_create([Chat(user=person.user, hidden=True) for _ in range(2000)])
    Chat.objects.bulk_create([Chat(user=stranger.user) for _ in range(2000)])
    shown = [person.chat() for _ in range(20)]
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE chats_chat")
    assert [chat.pk for chat in chat_page(person.user, limit=10).chats] == [chat.pk for chat in reversed(shown[10:])]
    page = Chat.objects.owned_by(person.user).filter(is_transient=False, hidden=False).order_by("-pk")[:11]
    [plan] = json.loads(page.explain(format="json", analyze=True))
    text = json.dumps(plan)
    assert "chats_shown" in text
    assert "Sort" not in text
    assert plan["Plan"]["Actual Rows"] == 11
