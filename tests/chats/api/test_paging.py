"""Pages of chats: newest first, `next` to older ones, `prev` to newer ones, by keyset."""

import base64

import pytest

from chats.models import Chat
from tests.chats.shapes import ChatPageRead


@pytest.fixture
def chats(person, stranger):
    """Seven chats of the person, newest first; a stranger's lies between them."""
    made = [person.chat() for _ in range(3)]
    stranger.chat()
    made += [person.chat() for _ in range(4)]
    return [each.pk for each in reversed(made)]


def page(person, query=""):
    return person.api.get(f"chats{query}").read(ChatPageRead)


def ids(read):
    return [each.id for each in read.chats]


def test_a_person_without_chats_has_an_empty_page(person):
    empty = page(person)
    assert (empty.chats, empty.next, empty.prev) == ([], None, None)


def test_the_newest_chats_come_first_and_only_ones_own(person, chats):
    first = page(person)
    assert ids(first) == chats
    assert (first.next, first.prev) == (None, None)


def test_next_leads_through_all_chats_to_the_end(person, chats):
    seen, cursor = [], ""
    while True:
        current = page(person, f"?limit=3{cursor}")
        seen.append(ids(current))
        if current.next is None:
            break
        cursor = f"&after={current.next}"
    assert seen == [chats[:3], chats[3:6], chats[6:]]


def test_prev_leads_back_to_the_newest(person, chats):
    second = page(person, f"?limit=3&after={page(person, '?limit=3').next}")
    third = page(person, f"?limit=3&after={second.next}")
    assert ids(third) == chats[6:]
    back = page(person, f"?limit=3&before={third.prev}")
    assert ids(back) == ids(second)
    first = page(person, f"?limit=3&before={back.prev}")
    assert ids(first) == chats[:3]
    assert first.prev is None
    assert ids(page(person, f"?limit=3&after={first.next}")) == ids(second)


def test_a_full_last_page_has_no_next(person, chats):
    assert page(person, "?limit=7").next is None
    assert page(person, "?limit=6").next is not None


def test_a_cursor_is_the_base64_of_a_chats_id(person, chats):
    assert base64.b64decode(page(person, "?limit=3").next).decode() == str(chats[2])


def test_a_chat_that_was_deleted_is_a_good_cursor_still(person, chats):
    first = page(person, "?limit=3")
    Chat.objects.filter(pk=chats[2]).delete()
    assert ids(page(person, f"?limit=3&after={first.next}")) == chats[3:6]


def test_hidden_chats_are_listed_only_when_asked_for(person, chats):
    Chat.objects.filter(pk=chats[1]).update(hidden=True)
    assert chats[1] not in ids(page(person))
    assert ids(page(person, "?include_hidden=true")) == chats
    assert ids(page(person, "?only_hidden=true")) == [chats[1]]
    assert ids(page(person, "?limit=2")) == [chats[0], chats[2]]


def test_a_chat_that_an_api_client_made_for_one_reply_is_not_listed(person, chats):
    Chat.objects.filter(pk=chats[0]).update(is_transient=True)
    assert ids(page(person)) == chats[1:]


@pytest.mark.parametrize("limit", [1, 100])
def test_the_limits_of_the_limit(person, chats, limit):
    assert ids(page(person, f"?limit={limit}")) == chats[:limit]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("limit=many", "limit"),
        ("after=nowhere", "after"),
        ("after=%F0%9F%A6%99", "after"),
        (f"before={base64.b64encode(b'no id').decode()}", "before"),
        ("include_hidden=perhaps", "include_hidden"),
    ],
)
def test_a_senseless_query_is_refused_by_field(person, query, field):
    assert person.api.get(f"chats?{query}").refused(422).field == field
