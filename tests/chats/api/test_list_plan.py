"""A page of chats is read from an index that holds just the chats that are shown, in their order."""

from django.db import connection

from chats.api.pages import chat_page
from chats.models import Chat
from oasst_site.accounts.models import User
from tests.chats.masses import copies
from tests.chats.plans import plans

LONG_AGO = "('00000000-0000-7000-8000-' || lpad(to_hex(number), 12, '0'))::uuid"
"""Ids before all others."""


def analyze():
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE chats_chat")


def test_hidden_and_other_peoples_chats_are_not_even_looked_at(person, stranger):
    Chat.objects.bulk_create([Chat(user=person.user, hidden=True) for _ in range(2000)])
    Chat.objects.bulk_create([Chat(user=stranger.user) for _ in range(2000)])
    shown = [person.chat() for _ in range(20)]
    analyze()
    with plans() as seen:
        page = chat_page(person.user, limit=10)
    assert [chat.pk for chat in page.chats] == [chat.pk for chat in reversed(shown[10:])]
    (plan,) = seen
    assert plan.rows("chats_shown") == 11
    assert not [node for node in plan.nodes if "Sort" in node["Node Type"]]


def read(user, *, generic):
    """The pages that Postgres looks at for the user's newest chats."""
    with plans(generic=generic) as seen:
        assert len(chat_page(user, limit=10).chats) == 10
    return sum(plan.buffers for plan in seen)


def test_whoever_has_few_chats_and_whoever_has_very_many_have_pages_that_cost_the_same(person, stranger):
    """Whose chats are many is no reason to look for them among everybody's newest. And a prepared statement has one
    plan for all, which must not be one that suits only some.
    """
    copies(person.chat(), 19)
    copies(stranger.chat(), 40_000, id=LONG_AGO)
    neighbours = User.objects.bulk_create([User(username=f"neighbour-{number}") for number in range(300)])
    for neighbour in neighbours:
        copies(Chat.objects.create(user=neighbour), 19)
    analyze()
    cost = {
        (who, generic): read(user, generic=generic)
        for who, user in (("few", person.user), ("very many", stranger.user))
        for generic in (False, True)
    }
    assert max(cost.values()) < 50, cost
