"""Chats as files: exported as JSON or Markdown, imported as a new chat; a file that is no chat is refused whole."""

import json
from uuid import uuid4

import pytest

from chats.models import Chat, Message
from chats.repository import work
from chats.repository.asking import add_prompt
from tests.chats.played_worker import claim, result
from tests.chats.shapes import ChatListRead, ChatRead


@pytest.fixture
def finished(person, chat, prompt, ask, model):
    """The chat with two finished replies under the first prompt, and a prompt under the first of them."""
    replies = []
    for content in ("A llama is a camelid.", "An animal."):
        reply = ask(prompt)
        attempt = claim(model).attempt
        work.complete(reply.pk, attempt, result(content))
        replies.append(reply)
    add_prompt(chat=chat, parent_id=replies[0].pk, content="And an *alpaca*?")
    chat.refresh_from_db()
    return chat


def exported(person, chat):
    answer = person.api.get(f"chats/{chat.pk}/export")
    assert answer.status == 200
    assert answer.headers["Content-Disposition"] == f'attachment; filename="chat-{chat.pk}.json"'
    return answer.json


def test_an_export_has_everything_and_an_import_gives_it_back(person, stranger, finished):
    file = exported(person, finished)
    made = stranger.api.post("chats/import", file).read(ChatListRead)
    again = exported(stranger, Chat.objects.get(pk=made.id))
    places = {message["id"]: at for at, message in enumerate(file["messages"])}
    new_places = {message["id"]: at for at, message in enumerate(again["messages"])}
    assert not set(places) & set(new_places)

    def told(file, places):
        return [
            {**message, "id": places[message["id"]], "parent_id": places.get(message["parent_id"])}
            for message in file["messages"]
        ]

    assert told(again, new_places) == told(file, places)
    assert again["chat"]["title"] == "What is a llama?"
    assert (
        new_places[again["chat"]["active_thread_tail_message_id"]]
        == places[file["chat"]["active_thread_tail_message_id"]]
    )


def test_an_imported_chat_is_read_and_goes_on_like_any_other(person, stranger, finished, model):
    made = stranger.api.post("chats/import", exported(person, finished)).read(ChatListRead)
    read = stranger.api.get(f"chats/{made.id}").read(ChatRead)
    assert [message.content for message in read.messages] == [
        "What is a llama?",
        "A llama is a camelid.",
        "An animal.",
        "And an *alpaca*?",
    ]
    body = {"parent_id": str(read.messages[-1].id), "model_config_name": model.name}
    assert stranger.api.post(f"chats/{made.id}/assistant_message", body).status == 200
    assert Chat.objects.get(pk=made.id).message_count == 5


def test_an_unfinished_reply_comes_as_cancelled(person, stranger, reply):
    file = exported(person, reply.chat)
    assert file["messages"][1]["state"] == "pending"
    made = stranger.api.post("chats/import", file).read(ChatListRead)
    assert stranger.api.get(f"chats/{made.id}").read(ChatRead).messages[1].state == "cancelled"


def test_markdown_is_the_active_thread(person, finished, model):
    answer = person.api.get(f"chats/{finished.pk}/export?format=markdown")
    assert answer.headers["Content-Type"] == "text/markdown; charset=utf-8"
    text = answer.content.decode()
    assert text.startswith("# What is a llama?\n")
    assert f"## You\n\nWhat is a llama?\n\n## {model.name}\n\nAn animal.\n" in text
    assert "camelid" not in text


def test_an_empty_chat_is_exported_and_imported(person, chat):
    assert person.api.get(f"chats/{chat.pk}/export?format=markdown").status == 200
    made = person.api.post("chats/import", exported(person, chat)).read(ChatListRead)
    assert Chat.objects.get(pk=made.id).message_count == 0


def test_another_format_is_refused(person, chat):
    assert person.api.get(f"chats/{chat.pk}/export?format=pdf").refused(422).field == "format"


def test_a_strangers_chat_is_not_exported(stranger, chat):
    assert stranger.api.get(f"chats/{chat.pk}/export").refused(404)


TIME = "2026-01-01T00:00:00Z"


def message(id, parent_id=None, role="prompter", state="manual", content="Hi", **further):
    return {"id": id, "parent_id": parent_id, "role": role, "state": state, "content": content, "created_at": TIME} | (
        further
    )


def file(*messages, **chat):
    return {
        "format": "oasst-chat",
        "version": 1,
        "exported_at": TIME,
        "chat": {"title": "T", "created_at": TIME} | chat,
        "messages": list(messages),
    }


BAD = {
    "no object": (None, 422),
    "another format": ({"format": "csv"}, 422),
    "another version": (file() | {"version": 2}, 422),
    "no messages": ({name: value for name, value in file().items() if name != "messages"}, 422),
    "a parent that comes later": (file(message("a", "b"), message("b")), 422),
    "an unknown parent": (file(message("a", "x")), 422),
    "an id twice": (file(message("a"), message("a")), 422),
    "a prompt under a prompt": (file(message("a"), message("b", "a")), 422),
    "a reply under nothing": (file(message("a", role="assistant", state="complete")), 422),
    "a reply that is manual": (file(message("a"), message("b", "a", role="assistant")), 422),
    "a prompt that is pending": (file(message("a", state="pending")), 422),
    "an unknown state": (file(message("a", state="asleep")), 422),
    "an empty prompt": (file(message("a", content="")), 400),
    "a NUL byte": (file(message("a", content="a\x00b")), 400),
    "a NUL byte in the title": (file(title="a\x00b"), 400),
    "a long prompt": (file(message("a", content="x" * 200_000)), 413),
    "a long title": (file(title="x" * 101), 422),
    "a strange score": (file(message("a", score=7)), 422),
    "strange parameters": (file(message("a", work_parameters={"seed": "x"})), 422),
    "a strange time": (file(message("a", created_at="yesterday")), 422),
    "a huge count": (file(message("a", prompt_tokens=2**40)), 422),
}


@pytest.mark.parametrize(("data", "status"), BAD.values(), ids=BAD.keys())
def test_a_file_that_is_no_chat_is_refused_whole(person, data, status):
    body = json.dumps(data).encode()
    assert person.api.post("chats/import", body).refused(status).detail
    assert not Chat.objects.filter(user=person.user).exists()
    assert not Message.objects.exists()


def test_a_file_with_more_messages_than_a_chat_holds_is_refused(person, settings):
    settings.CHAT_MAX_MESSAGES = 3
    assert person.api.post("chats/import", file(*[message(str(n)) for n in range(4)])).refused(413)


def test_a_long_chat_is_imported_in_a_few_queries(person, django_assert_max_num_queries):
    messages = [message("0")]
    for number in range(1, 1000):
        is_prompt = number % 2 == 0
        messages.append(
            message(
                str(number),
                str(number - 1),
                role="prompter" if is_prompt else "assistant",
                state="manual" if is_prompt else "complete",
            )
        )
    with django_assert_max_num_queries(16):
        made = person.api.post("chats/import", file(*messages)).read(ChatListRead)
    assert Message.objects.filter(chat_id=made.id).count() == 1000


def test_what_an_import_names_is_never_somebody_elses(person, stranger, prompt):
    data = file(message(str(prompt.pk)), message(str(uuid4()), str(prompt.pk), role="assistant", state="complete"))
    stranger.api.post("chats/import", data).read(ChatListRead)
    assert prompt.children.count() == 0
