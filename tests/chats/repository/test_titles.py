"""Titles: the first prompt, then one that TITLE_MODEL makes of the first prompt and its reply, through the queue."""

import pytest

from chats.models import Chat, Message
from chats.repository import work
from chats.repository.asking import add_prompt
from chats.repository.titles import clean_title
from tests.chats.played_worker import claim, result


@pytest.fixture
def title_model(make_model, settings, model):
    """A model of its own for titles."""
    titles = make_model()
    settings.TITLE_MODEL = titles.name
    return titles


@pytest.fixture
def complete(django_capture_on_commit_callbacks):
    """Completes what is due in a model's queue, and does what follows from it."""

    def complete(model, content):
        claimed = claim(model)
        assert claimed is not None
        with django_capture_on_commit_callbacks(execute=True):
            work.complete(claimed.message_id, claimed.attempt, result(content))
        return claimed

    return complete


def title_of(chat):
    return Chat.objects.get(pk=chat.pk).title


def test_the_title_model_names_a_chat_after_its_first_reply(chat, reply, model, title_model, complete):
    complete(model, "A llama is a camelid.")
    assert title_of(chat) == "What is a llama?"
    asked = complete(title_model, '"Llamas and\ttheir kin"\n')
    assert title_of(chat) == "Llamas and their kin"
    [message] = asked.thread
    assert "What is a llama?" in message.content
    assert "A llama is a camelid." in message.content
    assert asked.parameters.do_sample is False


def test_nothing_of_the_asking_stays(chat, reply, model, title_model, complete):
    complete(model, "A camelid.")
    assert Chat.objects.filter(is_transient=True, is_title_of=chat).count() == 1
    complete(title_model, "Llamas")
    assert list(Chat.objects.all()) == [chat]


def test_a_name_that_was_given_meanwhile_stays(chat, reply, model, title_model, complete):
    complete(model, "A camelid.")
    Chat.objects.filter(pk=chat.pk).update(title="My llamas")
    complete(title_model, "Llamas")
    assert title_of(chat) == "My llamas"


def test_a_chat_that_has_a_name_is_not_named(chat, reply, model, title_model, complete):
    Chat.objects.filter(pk=chat.pk).update(title="My llamas")
    complete(model, "A camelid.")
    assert claim(title_model) is None


def test_only_the_first_reply_names_a_chat(chat, prompt, reply, ask, model, title_model, complete):
    complete(model, "A camelid.")
    ask(prompt)
    complete(model, "An animal.")
    complete(title_model, "Llamas")
    second = add_prompt(chat=chat, parent_id=reply.pk, content="And an alpaca?")
    ask(second)
    complete(model, "Another one.")
    assert claim(title_model) is None


def test_without_a_title_model_the_first_prompt_stays(chat, reply, model, complete, settings):
    settings.TITLE_MODEL = ""
    complete(model, "A camelid.")
    assert Chat.objects.count() == 1


def test_a_reply_is_complete_even_where_its_title_cannot_be_asked_for(chat, reply, model, complete, settings):
    settings.TITLE_MODEL = "no-such-model"
    complete(model, "A camelid.")
    assert Message.objects.get(pk=reply.pk).state == "complete"
    assert Chat.objects.count() == 1


def test_an_empty_title_is_none(chat, reply, model, title_model, complete):
    complete(model, "A camelid.")
    complete(title_model, " \n ")
    assert title_of(chat) == "What is a llama?"
    assert Chat.objects.count() == 1


def test_a_deleted_chat_takes_the_asking_with_it(chat, reply, model, title_model, complete):
    complete(model, "A camelid.")
    chat.delete()
    assert not Chat.objects.exists()


@pytest.mark.parametrize(
    ("said", "title"),
    [
        ("Llamas", "Llamas"),
        ('"Llamas"', "Llamas"),
        ("**Llamas**", "Llamas"),
        ("# Title: Llamas\nand more", "Llamas"),
        ("\n\n„Lamas“", "Lamas"),
        ("x" * 300, "x" * 100),
        ("a\x00b", "ab"),
        ("", ""),
        ("***", ""),
    ],
)
def test_a_title_is_cleaned(said, title):
    assert clean_title(said) == title
