"""Full-text search over one's own chats: words and phrases, the best first, hits marked, nothing of anybody else."""

import json

import pytest
from django.db import connection

from chats.models import Chat, Message
from chats.repository.asking import add_prompt
from chats.repository.search import pieces, search


def say(person, *contents, hidden=False):
    """A chat of the person for each prompt."""
    prompts = []
    for content in contents:
        prompts.append(add_prompt(chat=person.chat(), parent_id=None, content=content))
    if hidden:
        Chat.objects.filter(pk__in=[each.chat_id for each in prompts]).update(hidden=True)
    return prompts


def found(person, text, **further):
    """The search's answer."""
    query = "&".join(f"{name}={value}" for name, value in {"q": text, **further}.items())
    answer = person.api.get(f"chats/search?{query}")
    assert answer.status == 200, answer.content
    return answer.json


def test_a_message_is_found_by_a_word_of_it_in_any_form(person):
    [wanted, _] = say(person, "Llamas are running over the hills", "Nothing of the kind")
    for text in ("llama", "LLAMAS", "run", "hill running"):
        assert [each["message_id"] for each in found(person, text)["results"]] == [str(wanted.pk)]
    assert found(person, "camel")["results"] == []


def test_a_reply_is_found_too(person, prompt, reply):
    Message.objects.filter(pk=reply.pk).update(state="complete", content="An alpaca, perhaps.")
    [hit] = found(person, "alpaca")["results"]
    assert (hit["message_id"], hit["role"], hit["chat_id"]) == (str(reply.pk), "assistant", str(reply.chat_id))
    assert hit["chat_title"] == "What is a llama?"


def test_phrases_and_exclusions_are_understood(person):
    [first, second] = say(person, "the quick brown fox", "the brown and quick fox")
    assert [each["message_id"] for each in found(person, '"quick brown"')["results"]] == [str(first.pk)]
    assert [each["message_id"] for each in found(person, 'fox -"quick brown"')["results"]] == [str(second.pk)]


def test_the_best_comes_first_and_of_equals_the_newest(person):
    [old, best, new] = say(person, "A llama.", "Llama, llama, llama!", "A llama.")
    assert [each["message_id"] for each in found(person, "llama")["results"]] == [
        str(each.pk) for each in (best, new, old)
    ]


def test_hits_are_marked_and_nothing_said_becomes_markup(person):
    say(person, "Is <script>alert('llama')</script> a llama & a <b>camel</b>? \ue000not a hit\ue001")
    [hit] = found(person, "llama")["results"]
    assert "<mark>llama</mark>" in hit["excerpt_html"]
    assert "<script" not in hit["excerpt_html"]
    assert "<b>" not in hit["excerpt_html"]
    assert "&amp;" in hit["excerpt_html"]
    assert {piece["text"] for piece in hit["excerpt"] if piece["hit"]} >= {"llama"}


def test_pieces_are_whole():
    told = pieces("a \ue000b\ue001 c")
    assert [(piece.text, piece.hit) for piece in told] == [("a ", False), ("b", True), (" c", False)]


def test_a_long_message_is_told_by_its_best_passages(person):
    say(person, "word " * 2000 + "llama " + "word " * 2000)
    [hit] = found(person, "llama")["results"]
    assert len(hit["excerpt_html"]) < 1000
    assert "<mark>llama</mark>" in hit["excerpt_html"]


def test_pages_follow_one_another(person):
    prompts = say(person, *["llama"] * 5)
    seen, offset = [], 0
    while offset is not None:
        page = found(person, "llama", limit=2, offset=offset)
        seen += [each["message_id"] for each in page["results"]]
        offset = page["next_offset"]
    assert seen == [str(each.pk) for each in reversed(prompts)]


def test_hidden_chats_are_searched_when_asked_for(person):
    say(person, "A llama", hidden=True)
    assert found(person, "llama")["results"] == []
    assert len(found(person, "llama", include_hidden="true")["results"]) == 1


def test_nobody_finds_what_others_said(person, stranger):
    say(stranger, "A secret llama")
    assert found(person, "llama", include_hidden="true")["results"] == []


def test_transient_chats_are_not_searched(person):
    [prompt] = say(person, "A llama")
    Chat.objects.filter(pk=prompt.chat_id).update(is_transient=True)
    assert found(person, "llama")["results"] == []


@pytest.mark.parametrize("query", ["", "q=", "q=%20", "q=a&limit=0", "q=a&limit=51", "q=a&offset=-1", "q=%00"])
def test_a_senseless_search_is_refused(person, query):
    assert person.api.get(f"chats/search?{query}").status in (400, 422)


@pytest.mark.parametrize("text", ["'", '"', "!!!", "((", "a & | b", "\\", "%25", "-", ":*"])
def test_no_punctuation_is_an_error(person, text):
    found(person, text.replace("&", "%26"))


def test_a_search_is_two_queries_and_uses_its_index(person, django_assert_num_queries):
    say(person, *["A llama"] * 20)
    with django_assert_num_queries(2):
        assert len(search(person.user, "llama", limit=50)) == 20
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(
            "EXPLAIN (FORMAT JSON) SELECT 1 FROM chats_message WHERE "
            "to_tsvector('english'::regconfig, COALESCE(LEFT(content, 200000), '')) "
            "@@ websearch_to_tsquery('english'::regconfig, 'llama')"
        )
        [(plan,)] = cursor.fetchall()
    assert "messages_by_words" in json.dumps(plan)


def test_a_message_of_any_length_can_be_stored(person):
    chat = person.chat()
    text = " ".join(f"{number:x}" for number in range(300_000))
    assert len(text) > 1_048_575
    message = Message.objects.create(chat=chat, role="prompter", state="manual", content=text)
    assert [each.message.pk for each in search(person.user, "1f", limit=5)] == [message.pk]


def test_a_short_message_is_shown_whole_and_a_long_one_by_its_passages(person):
    say(person, "And what is a llama, by the way?", "So it goes. " * 100 + "A llama." + " So it goes." * 100)
    long, short = sorted(found(person, "llama")["results"], key=lambda hit: hit["excerpt"][0]["text"], reverse=True)
    assert "".join(piece["text"] for piece in short["excerpt"]) == "And what is a llama, by the way?"
    assert len("".join(piece["text"] for piece in long["excerpt"])) < 400
